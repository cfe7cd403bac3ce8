/* A tool that is run to its end, under a watchdog. */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { COMMON_MAX = 8, TEXT_SIZE = 1024, ENVIRONMENT_MAX = 32 };

static char common[COMMON_MAX][TEXT_SIZE];
static int common_count;

static _Noreturn void
give_up(const char *what)
{
	fprintf(stderr, "faults: %s: %s\n", what, strerror(errno));
	exit(71);
}

static void
add_common(const char *name, const char *value, const char *rest)
{
	if (common_count == COMMON_MAX)
		abort();
	snprintf(common[common_count++], TEXT_SIZE, "%s=%s%s", name, value,
	    rest);
}

void
child_environment(const char *build, const char *scratch)
{
	char path[TEXT_SIZE - 100];

	snprintf(path, sizeof(path), "%s/t/crash/bin:%s/bin:", build, build);
	add_common("PATH", path, "/usr/bin:/bin");
	/* Where execvpe looks. */
	setenv("PATH", common[0] + strlen("PATH="), 1);
	add_common("MQ_SPOOL", scratch, "/spool");
	add_common("HOME", scratch, "/home");
	add_common("OUT", scratch, "/seen");
	add_common("LC_ALL", "C.UTF-8", "");
	add_common("TZ", "UTC", "");
}

static int
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int)(now.tv_sec % 1000000 * 1000 + now.tv_nsec / 1000000);
}

/* A pipe that holds all of it, so that nobody need feed it. */
static int
open_input(const char *text)
{
	int ends[2];

	if (text == NULL)
		return open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (pipe2(ends, O_CLOEXEC) != 0 ||
	    write(ends[1], text, strlen(text)) != (ssize_t)strlen(text))
		give_up("input");
	close(ends[1]);
	return ends[0];
}

static _Noreturn void
become(const struct child *child, int in, int out, int err)
{
	char *environment[ENVIRONMENT_MAX];
	int count = 0;

	for (int i = 0; i < common_count; i++)
		environment[count++] = common[i];
	for (int i = 0; child->environment != NULL &&
	    child->environment[i] != NULL && count < ENVIRONMENT_MAX - 1; i++)
		environment[count++] = (char *)child->environment[i];
	environment[count] = NULL;
	setpgid(0, 0);
	dup2(in, 0);
	dup2(out, 1);
	dup2(err, 2);
	execvpe(child->argv[0], (char *const *)child->argv, environment);
	_exit(127);
}

/* Its state in /proc: R, S, D, Z; or 0. */
static char
state_of(pid_t pid)
{
	char path[40], text[256];
	const char *end;
	ssize_t got;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	got = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);
	if (fd >= 0)
		close(fd);
	text[got > 0 ? got : 0] = 0;
	end = strrchr(text, ')');
	return end == NULL || end[1] == 0 ? 0 : end[2];
}

/* Once it sleeps, or is gone: a helper that wakes it. */
static void
run_beside(const struct child *child, pid_t pid)
{
	struct child *other = calloc(1, sizeof(*other));
	int deadline = now_ms() + child->limit_ms;
	char state;

	while (((state = state_of(pid)) == 'R' || state == 'D') &&
	    now_ms() < deadline)
		usleep(200);
	other->argv = child->beside;
	other->limit_ms = child->limit_ms;
	child_run(other);
	free(other);
}

/* Appends what there is; false at the end of the file. */
static bool
take(int fd, char *text, size_t *size)
{
	char rest[4096];
	bool is_full = *size + 1 >= OUTPUT_MAX;
	ssize_t got = is_full
	    ? read(fd, rest, sizeof(rest))
	    : read(fd, text + *size, OUTPUT_MAX - 1 - *size);

	if (got > 0 && !is_full)
		*size += (size_t)got;
	text[*size] = 0;
	return got > 0 || (got < 0 && errno == EINTR);
}

/* Until both ends are closed, or the time is up. */
static void
collect(struct child *child, int out, int err)
{
	struct pollfd ends[2] = {{out, POLLIN, 0}, {err, POLLIN, 0}};
	char *texts[2] = {child->out, child->err};
	size_t sizes[2] = {0};
	int deadline = now_ms() + child->limit_ms;

	while (ends[0].fd >= 0 || ends[1].fd >= 0) {
		int left = deadline - now_ms();

		if (left <= 0 || (poll(ends, 2, left) == 0)) {
			child->is_hung = true;
			return;
		}
		for (int i = 0; i < 2; i++) {
			if (ends[i].fd >= 0 && ends[i].revents != 0 &&
			    !take(ends[i].fd, texts[i], &sizes[i]))
				ends[i].fd = -1;
		}
	}
}

/* Both ends are closed: it is about to end, too. */
static void
reap(struct child *child, pid_t pid)
{
	int status, deadline = now_ms() + child->limit_ms;

	while (!child->is_hung && waitpid(pid, &status, WNOHANG) != pid) {
		if (now_ms() > deadline)
			child->is_hung = true;
		usleep(50);
	}
	if (child->is_hung) {
		kill(-pid, SIGKILL);
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
	}
	child->is_killed = WIFSIGNALED(status);
	child->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status)
	                                    : WEXITSTATUS(status);
}

void
child_run(struct child *child)
{
	int out[2], err[2];
	int in = open_input(child->input);
	pid_t pid;

	child->is_hung = false;
	child->out[0] = child->err[0] = 0;
	if (pipe2(out, O_CLOEXEC) != 0 || pipe2(err, O_CLOEXEC) != 0)
		give_up("pipe");
	pid = vfork();
	if (pid < 0)
		give_up("fork");
	if (pid == 0)
		become(child, in, out[1], err[1]);
	close(in);
	close(out[1]);
	close(err[1]);
	if (child->beside != NULL)
		run_beside(child, pid);
	collect(child, out[0], err[0]);
	close(out[0]);
	close(err[0]);
	reap(child, pid);
}
