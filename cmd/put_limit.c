/* mq-put: the end of a process that cannot store its messages. */
#include "put.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* What the handler may still say: no other function is safe in it. */
static const struct put *limited;

static size_t
append_number(char *line, int64_t value)
{
	char digits[24];
	size_t count = 0, i;

	do {
		digits[count++] = (char)('0' + value % 10);
		value /= 10;
	} while (value > 0);
	for (i = 0; i < count; i++)
		line[i] = digits[count - 1 - i];
	return count;
}

static int64_t
stored(void)
{
	return limited->producer == NULL ? 0
	                                 : producer_stored(limited->producer);
}

static void
give_up(int number)
{
	static const char before[] = "mq-put: timed out (";
	static const char after[] = " messages stored)\n";
	char line[128];
	size_t size = sizeof(before) - 1;

	(void)number;
	memcpy(line, before, size);
	size += append_number(line + size, stored());
	memcpy(line + size, after, sizeof(after) - 1);
	size += sizeof(after) - 1;
	(void)!write(STDERR_FILENO, line, size);
	_exit(FAIL_AGAIN);
}

/* Of those on their way nobody can tell any more. */
static void
end_without_memory(size_t size)
{
	char line[200];
	int length = snprintf(line, sizeof(line), "%s: allocate %zu bytes: "
	    "%s (%" PRId64 " messages stored, others may be stored)\n",
	    tool_name, size, strerror(ENOMEM), stored());

	(void)!write(STDERR_FILENO, line, (size_t)length);
	_exit(FAIL_SYSTEM);
}

void
put_limit_memory(const struct put *put)
{
	limited = put;
	memory_set_end(end_without_memory);
}

/* A timer of its own: SIGALRM belongs to the tools' signals. */
static timer_t
make_timer(void)
{
	struct sigevent event;
	timer_t made;

	memset(&event, 0, sizeof(event));
	event.sigev_notify = SIGEV_SIGNAL;
	event.sigev_signo = SIGRTMIN;
	signal(SIGRTMIN, give_up);
	if (timer_create(CLOCK_MONOTONIC, &event, &made) != 0)
		tool_fail(fail_errno("--timeout: timer"));
	return made;
}

/* 0 stops it. */
static void
set_timer(int64_t ms)
{
	static timer_t timer;
	static bool is_made;
	struct itimerspec span;

	if (!is_made)
		timer = make_timer();
	is_made = true;
	memset(&span, 0, sizeof(span));
	span.it_value.tv_sec = ms / 1000;
	span.it_value.tv_nsec = ms % 1000 * 1000000;
	timer_settime(timer, 0, &span, NULL);
}

void
put_limit_begin(const struct put *put)
{
	int64_t ms = put->options->timeout_ms;

	if (ms == PARSE_INFINITE)
		return;
	limited = put;
	set_timer(ms > 0 ? ms : 1);
}

void
put_limit_end(const struct put *put)
{
	if (put->options->timeout_ms != PARSE_INFINITE)
		set_timer(0);
}
