/* Sleeping on shared words of memory, across processes. */
#include "base/futex.h"
#include "base/clock.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <time.h>
#include <unistd.h>

enum { SLICE_MS = 10, WAITERS_MAX = 128 };

#ifdef __linux__
#include <linux/futex.h>
#include <sys/syscall.h>

int
futex_wait(uint32_t *word, uint32_t expected, int64_t timeout_ms)
{
	struct timespec limit = {timeout_ms / 1000,
	    timeout_ms % 1000 * 1000000};
	long result = syscall(SYS_futex, word, FUTEX_WAIT, expected,
	    timeout_ms < 0 ? NULL : &limit, NULL, 0);

	return result == 0 || errno == EAGAIN;
}

/* The kernel looks: the word's file may have been cut. */
static bool
has_changed(const struct futex_waiter *waiters, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (futex_wait(waiters[i].word, waiters[i].expected, 0))
			return true;
	}
	return false;
}

void
futex_wake(uint32_t *word)
{
	syscall(SYS_futex, word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

static void
ring(uint32_t *word, int sleepers)
{
	/* Adds 1, and then wakes nobody more if the former value was 0. */
	uint32_t add = FUTEX_OP(FUTEX_OP_ADD, 1, FUTEX_OP_CMP_EQ, 0);
	long result;

	do
		result = syscall(SYS_futex, word, FUTEX_WAKE_OP, sleepers, 0,
		    word, add);
	while (result < 0 && errno == EINTR);
	if (result >= 0 || errno != ENOSYS)
		return;
	__atomic_add_fetch(word, 1, __ATOMIC_RELEASE);
	syscall(SYS_futex, word, FUTEX_WAKE, sleepers, NULL, NULL, 0);
}

void
futex_ring(uint32_t *word)
{
	ring(word, INT_MAX);
}

void
futex_ring_one(uint32_t *word)
{
	ring(word, 1);
}

/* 1 woken or changed, 0 timeout or signal, -1 where the kernel cannot. */
static int
wait_vector(const struct futex_waiter *waiters, size_t count,
    int64_t timeout_ms)
{
#if defined(SYS_futex_waitv) && defined(FUTEX_32)
	struct futex_waitv vector[WAITERS_MAX];
	struct timespec limit;
	long result;

	for (size_t i = 0; i < count; i++) {
		vector[i] = (struct futex_waitv){
			.val = waiters[i].expected,
			.uaddr = (uintptr_t)waiters[i].word,
			.flags = FUTEX_32,
		};
	}
	clock_gettime(CLOCK_MONOTONIC, &limit);
	limit.tv_sec += timeout_ms / 1000;
	limit.tv_nsec += timeout_ms % 1000 * 1000000;
	if (limit.tv_nsec >= 1000000000) {
		limit.tv_nsec -= 1000000000;
		limit.tv_sec++;
	}
	result = syscall(SYS_futex_waitv, vector, (unsigned)count, 0,
	    timeout_ms < 0 ? NULL : &limit, CLOCK_MONOTONIC);
	if (result >= 0 || errno == EAGAIN)
		return 1;
	return errno == ETIMEDOUT || errno == EINTR ? 0 : -1;
#else
	(void)waiters, (void)count, (void)timeout_ms;
	return -1;
#endif
}
#else

static bool
has_changed(const struct futex_waiter *waiters, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (__atomic_load_n(waiters[i].word, __ATOMIC_ACQUIRE) !=
		    waiters[i].expected)
			return true;
	}
	return false;
}

/* No futex: look every few milliseconds. */
int
futex_wait(uint32_t *word, uint32_t expected, int64_t timeout_ms)
{
	struct futex_waiter waiter = {word, expected};

	if (has_changed(&waiter, 1))
		return 1;
	clock_sleep_ms(timeout_ms >= 0 && timeout_ms < SLICE_MS ? timeout_ms
	                                                        : SLICE_MS);
	return has_changed(&waiter, 1);
}

void
futex_wake(uint32_t *word)
{
	(void)word;
}

void
futex_ring(uint32_t *word)
{
	__atomic_add_fetch(word, 1, __ATOMIC_RELEASE);
}

void
futex_ring_one(uint32_t *word)
{
	futex_ring(word);
}

static int
wait_vector(const struct futex_waiter *waiters, size_t count,
    int64_t timeout_ms)
{
	(void)waiters, (void)count, (void)timeout_ms;
	return -1;
}
#endif

static int
wait_sliced(const struct futex_waiter *waiters, size_t count,
    int64_t timeout_ms)
{
	int64_t deadline_ms;

	if (timeout_ms > INT64_MAX / 2)
		timeout_ms = -1;
	deadline_ms = clock_boot_ms() + timeout_ms;
	for (;;) {
		int64_t slice_ms = SLICE_MS;

		if (has_changed(waiters, count))
			return 1;
		if (timeout_ms >= 0) {
			int64_t left_ms = deadline_ms - clock_boot_ms();

			if (left_ms <= 0)
				return 0;
			if (left_ms < slice_ms)
				slice_ms = left_ms;
		}
		errno = 0;
		if (!futex_wait(waiters[0].word, waiters[0].expected,
		        slice_ms) &&
		    errno == EINTR)
			return 0;
		if (errno == EFAULT)
			clock_sleep_ms(slice_ms);
	}
}

int
futex_wait_any(const struct futex_waiter *waiters, size_t count,
    int64_t timeout_ms)
{
	int result = -1;

	if (count == 0) {
		uint32_t never = 0;

		return futex_wait(&never, 0, timeout_ms);
	}
	if (count == 1)
		return futex_wait(waiters[0].word, waiters[0].expected,
		    timeout_ms);
	if (count <= WAITERS_MAX)
		result = wait_vector(waiters, count, timeout_ms);
	if (result < 0)
		return wait_sliced(waiters, count, timeout_ms);
	return result;
}
