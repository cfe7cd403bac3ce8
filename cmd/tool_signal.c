/* Signals of the tools: told to the main loop, which stops in good order. */
#include "tool.h"
#include "base/clock.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

volatile sig_atomic_t tool_signal;
volatile sig_atomic_t tool_status;
volatile sig_atomic_t tool_urgent;

static volatile sig_atomic_t is_patient;

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

/* A signal between a look at tool_signal and a sleep would be slept over: from
 * the first one on, an alarm interrupts whatever sleeps, again and again. */
static void
start_alarm(void)
{
	enum { INTERVAL_US = 50000 };
	struct itimerval often = {{0, INTERVAL_US}, {0, INTERVAL_US}};

	setitimer(ITIMER_REAL, &often, NULL);
}

/* timeout(1) tells its child and then the child's group: one request. */
static bool
is_echo(void)
{
	enum { ECHO_MS = 10 };
	static volatile int64_t told_ms;
	int64_t now_ms = clock_boot_ms();

	if (tool_signal != 0 && now_ms - told_ms < ECHO_MS)
		return true;
	told_ms = now_ms;
	return false;
}

static void
note_ending(int number)
{
	if (is_echo())
		return;
	if (tool_signal == 0) {
		tool_signal = number;
		start_alarm();
	} else if (is_patient && !tool_urgent) {
		tool_urgent = 1;
	} else {
		tool_die_of_signal(number);
	}
}

static void
note_signal(int number)
{
	int error = errno;

	if (number == SIGUSR1)
		tool_status = 1;
	else if (number != SIGALRM)
		note_ending(number);
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
	sigaction(SIGALRM, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}

void
tool_catch_two_signals(void)
{
	is_patient = 1;
	tool_catch_signals();
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
