/* Signals of the tools: told to the main loop, which stops in good order. */
#include "tool.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

volatile sig_atomic_t tool_signal;
volatile sig_atomic_t tool_status;

static const int ending_signals[] = {SIGINT, SIGTERM, SIGHUP};
#define ENDING_COUNT (sizeof(ending_signals) / sizeof(*ending_signals))

void
tool_die_of_signal(int number)
{
	sigset_t set;

	signal(number, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, number);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	raise(number);
	_exit(128 + number);
}

static void
note_signal(int number)
{
	int error = errno;

	if (number == SIGUSR1)
		tool_status = 1;
	else if (tool_signal != 0)
		tool_die_of_signal(number);
	else
		tool_signal = number;
	errno = error;
}

/* Calls are not restarted: a sleeping tool must look. A signal ignored at
 * the start (nohup, a shell's background jobs) stays so. */
void
tool_catch_signals(void)
{
	struct sigaction action, old;
	size_t i;

	memset(&action, 0, sizeof(action));
	action.sa_handler = note_signal;
	for (i = 0; i < ENDING_COUNT; i++) {
		sigaction(ending_signals[i], NULL, &old);
		if (old.sa_handler != SIG_IGN)
			sigaction(ending_signals[i], &action, NULL);
	}
	sigaction(SIGUSR1, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}

/* The signals are held back between the look and the sleep, else one that
 * comes in between would not be noticed. */
int
tool_wait_input(int fd, int64_t timeout_ms)
{
	struct pollfd entry = {.fd = fd, .events = POLLIN};
	struct timespec timeout = {timeout_ms / 1000,
	    timeout_ms % 1000 * 1000000};
	sigset_t set, old;
	size_t i;
	int ready = 0;

	sigemptyset(&set);
	for (i = 0; i < ENDING_COUNT; i++)
		sigaddset(&set, ending_signals[i]);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, &old);
	if (tool_signal == 0 && tool_status == 0)
		ready = ppoll(&entry, 1, timeout_ms < 0 ? NULL : &timeout,
		    &old);
	sigprocmask(SIG_SETMASK, &old, NULL);
	return ready > 0;
}
