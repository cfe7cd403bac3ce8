/* Clocks that a test moves, and sleeps that it ends. */
#include "plain.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { SECOND_NS = 1000000000 };

static int64_t
offset_of(clockid_t id)
{
	const int64_t *offsets = rule_clock();

	if (offsets == NULL)
		return 0;
	switch (id) {
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_COARSE:
		return offsets[0];
	case CLOCK_BOOTTIME:
		return offsets[1];
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_MONOTONIC_COARSE:
		return offsets[2];
	default:
		return 0;
	}
}

static void
move(struct timespec *time, int64_t by_ns)
{
	int64_t sum = (int64_t)time->tv_sec * SECOND_NS + time->tv_nsec +
	    by_ns;

	time->tv_sec = sum / SECOND_NS;
	time->tv_nsec = sum % SECOND_NS;
}

static int
ask(clockid_t id, struct timespec *now)
{
	static int (*real)(clockid_t, struct timespec *);
	int rc;

	plain_next(&real, "clock_gettime");
	rc = real(id, now);
	if (rc == 0)
		move(now, offset_of(id));
	return rc;
}

int
clock_gettime(clockid_t id, struct timespec *now)
{
	struct verdict verdict = rule_judge(CALL_clock_gettime, -1, NULL);
	long rc;

	if (verdict.error != 0 && plain_is_over(verdict, 0, &rc))
		return (int)rc;
	rc = ask(id, now);
	rule_after(verdict);
	return (int)rc;
}

time_t
time(time_t *into)
{
	struct timespec now;

	ask(CLOCK_REALTIME, &now);
	if (into != NULL)
		*into = now.tv_sec;
	return now.tv_sec;
}

int
gettimeofday(struct timeval *restrict into, void *restrict zone)
{
	struct timespec now;

	(void)zone;
	ask(CLOCK_REALTIME, &now);
	*into = (struct timeval){now.tv_sec, now.tv_nsec / 1000};
	return 0;
}

/* A deadline by our monotonic clock, as the kernel's. */
struct timespec
plain_deadline(const struct timespec *ours)
{
	struct timespec theirs = *ours;

	move(&theirs, -offset_of(CLOCK_MONOTONIC));
	return theirs;
}

int
nanosleep(const struct timespec *time, struct timespec *left)
{
	if (getenv("FI_FAST") != NULL)
		return 0;
	return plain(SYS_clock_nanosleep, (long)CLOCK_MONOTONIC, 0L, time,
	    left) == 0 ? 0 : -1;
}

int
usleep(useconds_t us)
{
	struct timespec time = {us / 1000000, us % 1000000 * 1000};

	return nanosleep(&time, NULL);
}

unsigned
sleep(unsigned seconds)
{
	struct timespec time = {seconds, 0};

	return nanosleep(&time, &time) == 0 ? 0 : (unsigned)time.tv_sec;
}
