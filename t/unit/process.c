/* Children: their pipes, their end, and who watches them. */
#include "base/clock.h"
#include "base/fail.h"
#include "base/futex.h"
#include "base/process.h"
#include "unit.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static int
start_shell(struct process *process, char *script)
{
	char *argv[] = {"sh", "-c", script, NULL};

	return process_start(process, argv, environ);
}

static int
wait_for_end(struct process *process)
{
	struct pollfd ended = {process->pidfd, POLLIN, 0};
	int status;

	if (poll(&ended, 1, 10000) != 1 ||
	    process_collect(process, &status) != 0)
		return -1;
	process_release(process);
	return status;
}

static void
test_pipes(void)
{
	struct process process;
	struct pollfd ready;
	char text[64] = "";
	int status;

	CHECK(start_shell(&process, "read x; echo \"got $x\" >&2; exit 7") ==
	        0 && process_collect(&process, &status) == -FAIL_AGAIN,
	    "a child runs");
	CHECK(write(process.input, "line\n", 5) == 5, "it is fed");
	ready = (struct pollfd){process.errors, POLLIN, 0};
	poll(&ready, 1, 10000);
	CHECK(read(process.errors, text, sizeof(text) - 1) > 0 &&
	        strcmp(text, "got line\n") == 0,
	    "its stderr is heard");
	status = wait_for_end(&process);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 7,
	    "its exit status is known");
	CHECK(process.input == -1 && process.pidfd == -1,
	    "a released child is empty");
}

static void
test_errors(void)
{
	char *missing[] = {"/nowhere/tool", NULL};
	char *directory[] = {"/etc", NULL};
	struct process process;

	CHECK(process_start(&process, missing, environ) == -FAIL_MISSING,
	    "a missing program is told at once");
	CHECK(process_start(&process, directory, environ) ==
	        -FAIL_PERMISSION,
	    "so is one that cannot be executed");
	CHECK(process.pidfd == -1 && process.input == -1,
	    "and nothing is left open");
}

static void
test_signals(void)
{
	struct process process;
	int status;

	signal(SIGTERM, SIG_IGN);
	start_shell(&process, "sleep 100 & wait");
	signal(SIGTERM, SIG_DFL);
	process_kill(&process, SIGTERM);
	status = wait_for_end(&process);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM,
	    "a child has default dispositions, whatever ours are");
}

static void
test_watch(void)
{
	struct process_watch *watch;
	struct process process;
	uint32_t word = 0;
	pid_t pid;

	start_shell(&process, "read x");
	pid = process.pid;
	CHECK(process_watch_start(&watch, &word, &pid, 1) == 0,
	    "a watch starts");
	CHECK(futex_wait(&word, 0, 20) == 0, "and is silent at first");
	process_kill(&process, SIGKILL);
	CHECK(futex_wait(&word, 0, 10000) == 1 && word == 1,
	    "the end of a watched process rings");
	process_watch_stop(watch);
	wait_for_end(&process);
	process_watch_stop(NULL);
	pid = 0x7ffffff0;
	CHECK(process_watch_start(&watch, &word, &pid, 1) == 0,
	    "a process that is not there is left out");
	process_watch_stop(watch);
}

int
main(void)
{
	signal(SIGPIPE, SIG_IGN);
	test_pipes();
	test_errors();
	test_signals();
	test_watch();
	return unit_end();
}
