/* Tools that run while the power goes. */
#include "actor.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LIMIT_SECONDS = 20 };

static int errors = -1;
static struct buf errors_text;

int
actor_file(void)
{
	int file = memfd_create("actor", MFD_CLOEXEC);

	if (file < 0)
		err(1, "memfd_create");
	return file;
}

void
actor_begin(void)
{
	if (errors < 0) {
		errors = actor_file();
		prctl(PR_SET_CHILD_SUBREAPER, 1);
	}
	if (ftruncate(errors, 0) < 0)
		err(1, "ftruncate");
	lseek(errors, 0, SEEK_SET);
}

static void
become(char *const *argv, int in, int out)
{
	if (in < 0)
		in = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(errors, 2) < 0)
		_exit(71);
	execvp(argv[0], argv);
	_exit(127);
}

static pid_t
fork_child(void)
{
	pid_t parent = getpid(), pid = fork();

	if (pid < 0)
		err(1, "fork");
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(71);
	}
	return pid;
}

void
actor_start(struct actor *actor, char *const *argv, int in)
{
	actor->out = actor_file();
	actor->pid = fork_child();
	if (actor->pid == 0)
		become(argv, in, actor->out);
}

void
actor_start_loop(struct actor *actor, void (*loop)(void *), void *context)
{
	actor->out = actor_file();
	actor->pid = fork_child();
	if (actor->pid != 0)
		return;
	loop(context);
	_exit(0);
}

int
actor_run(char *const *argv, int out)
{
	pid_t pid = fork_child();
	int status;

	if (pid == 0) {
		alarm(LIMIT_SECONDS);
		become(argv, -1, out);
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			err(1, "waitpid");
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status)
	                           : WEXITSTATUS(status);
}

void
actor_say(int out, const char *text)
{
	if (write(out, text, strlen(text)) < 0 || write(out, "\n", 1) < 0)
		_exit(71);
}

static void
read_all(int file, struct buf *text)
{
	struct stat status;

	if (fstat(file, &status) < 0)
		err(1, "fstat");
	if (status.st_size > 0 && pread(file, buf_reserve(text,
	        (size_t)status.st_size), (size_t)status.st_size, 0) !=
	        status.st_size)
		err(1, "pread");
	text->size += (size_t)status.st_size;
}

void
actor_take(int out, struct buf *text)
{
	read_all(out, text);
	close(out);
}

void
actor_note(struct actor *actors, size_t count)
{
	struct stat status;

	for (size_t i = 0; i < count; i++) {
		if (fstat(actors[i].out, &status) < 0)
			err(1, "fstat");
		actors[i].certain = (size_t)status.st_size;
	}
}

/* Those that an actor had started become our children when it dies, and die
 * of its death. */
void
actor_end(struct actor *actors, size_t count)
{
	for (size_t i = 0; i < count; i++)
		kill(actors[i].pid, SIGKILL);
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		;
}

const char *
actor_errors(void)
{
	buf_clear(&errors_text);
	read_all(errors, &errors_text);
	return buf_text(&errors_text);
}
