/* Child processes: start, feed, collect. */
#include "base/process.h"
#include "base/fail.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* A pipe whose ends stay clear of the descriptors that a child gets. */
static int
make_pipe(int ends[2])
{
	if (pipe2(ends, O_CLOEXEC) != 0)
		return fail_errno("pipe to a worker");
	for (int i = 0; i < 2; i++) {
		int moved;

		if (ends[i] > STDERR_FILENO)
			continue;
		moved = fcntl(ends[i], F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
		if (moved < 0)
			return fail_errno("pipe to a worker");
		close(ends[i]);
		ends[i] = moved;
	}
	return 0;
}

static void
close_ends(const int ends[2])
{
	for (int i = 0; i < 2; i++) {
		if (ends[i] >= 0)
			close(ends[i]);
	}
}

/* Its own process group, default dispositions, nothing blocked. */
static void
set_attributes(posix_spawnattr_t *attributes)
{
	sigset_t signals;

	posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETPGROUP |
	        POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
	posix_spawnattr_setpgroup(attributes, 0);
	sigfillset(&signals);
	posix_spawnattr_setsigdefault(attributes, &signals);
	sigemptyset(&signals);
	posix_spawnattr_setsigmask(attributes, &signals);
}

/* Returns 0 or an errno. */
static int
spawn(pid_t *pid, int input, int errors, char *const argv[],
    char *const environment[])
{
	posix_spawnattr_t attributes;
	posix_spawn_file_actions_t actions;
	int error;

	posix_spawnattr_init(&attributes);
	posix_spawn_file_actions_init(&actions);
	set_attributes(&attributes);
	error = posix_spawn_file_actions_adddup2(&actions, input,
	    STDIN_FILENO);
	if (error == 0)
		error = posix_spawn_file_actions_adddup2(&actions, errors,
		    STDERR_FILENO);
	if (error == 0)
		error = posix_spawnp(pid, argv[0], &actions, &attributes,
		    argv, environment);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	return error;
}

static int
fail_start(const char *name, int error)
{
	switch (error) {
	case ENOENT:
	case ENOTDIR:
		return fail(FAIL_MISSING, "%s: not found", name);
	case EACCES:
	case EPERM:
	case ENOEXEC:
	case EISDIR:
	case ELOOP:
		return fail(FAIL_PERMISSION, "%s: cannot be executed: %s",
		    name, strerror(error));
	case EAGAIN:
	case ENOMEM:
		return fail(FAIL_AGAIN, "%s: start: %s", name,
		    strerror(error));
	default:
		errno = error;
		return fail_errno("%s: start", name);
	}
}

/* A child that we cannot watch is not kept. */
static int
open_pidfd(struct process *process)
{
	int error;

	process->pidfd = (int)syscall(SYS_pidfd_open, process->pid, 0);
	if (process->pidfd >= 0)
		return 0;
	error = errno;
	kill(-process->pid, SIGKILL);
	waitpid(process->pid, NULL, 0);
	process->pid = 0;
	errno = error;
	return fail_errno("watch a worker");
}

static void
set_nonblocking(int fd)
{
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

int
process_start(struct process *process, char *const argv[],
    char *const environment[])
{
	int input[2] = {-1, -1}, errors[2] = {-1, -1};
	int result, error;

	*process = (struct process){0, -1, -1, -1};
	result = make_pipe(input);
	if (result == 0)
		result = make_pipe(errors);
	if (result < 0)
		goto out;
	error = spawn(&process->pid, input[0], errors[1], argv, environment);
	if (error != 0) {
		process->pid = 0;
		result = fail_start(argv[0], error);
		goto out;
	}
	result = open_pidfd(process);
	if (result < 0)
		goto out;
	process->input = input[1];
	process->errors = errors[0];
	set_nonblocking(process->input);
	set_nonblocking(process->errors);
	input[1] = errors[0] = -1;
out:
	close_ends(input);
	close_ends(errors);
	return result;
}

bool
is_process_ended(const struct process *process)
{
	siginfo_t info = {0};
	int result;

	do
		result = waitid(P_PID, (id_t)process->pid, &info,
		    WEXITED | WNOHANG | WNOWAIT);
	while (result < 0 && errno == EINTR);
	return result < 0 || info.si_pid != 0;
}

int
process_collect(struct process *process, int *status)
{
	pid_t pid;

	do
		pid = waitpid(process->pid, status, WNOHANG);
	while (pid < 0 && errno == EINTR);
	if (pid < 0)
		return fail_errno("wait for process %d", (int)process->pid);
	if (pid == 0)
		return fail(FAIL_AGAIN, "process %d runs",
		    (int)process->pid);
	process->pid = 0;
	return 0;
}

void
process_kill(const struct process *process, int number)
{
	if (process->pid > 0)
		kill(-process->pid, number);
}

void
process_release(struct process *process)
{
	if (process->pidfd >= 0)
		close(process->pidfd);
	if (process->input >= 0)
		close(process->input);
	if (process->errors >= 0)
		close(process->errors);
	*process = (struct process){0, -1, -1, -1};
}
