/* Group commit: one fdatasync serves every process that wrote before it. */
#include "base/commit.h"
#include "base/clock.h"
#include "base/fail.h"
#include "base/futex.h"
#include "base/lock.h"

enum { SLEEP_MAX_MS = 50 };

/* We have the role: whoever had it before us may have synced for us too. */
static int
sync_with_role(const struct commit_ops *ops, int64_t target)
{
	int result = ops->is_durable(ops->context, target);

	if (result == 0)
		result = ops->sync(ops->context);
	unlock_byte(ops->role_file, ops->role_byte);
	/* Only now: a sleeper woken earlier would find the role still taken,
	 * and sleep on although it has to sync next. */
	ops->ring(ops->context);
	return result < 0 ? result : 0;
}

int
commit_wait(const struct commit_ops *ops, int64_t target, int64_t timeout_ms)
{
	int64_t deadline_ms;
	int result;

	if (timeout_ms > INT64_MAX / 2)
		timeout_ms = -1;
	/* Most often nobody syncs, and then there is nothing to wait for. */
	result = lock_byte(ops->role_file, ops->role_byte);
	if (result != 0)
		return result < 0 ? result : sync_with_role(ops, target);
	deadline_ms = clock_boot_ms() + timeout_ms;
	for (;;) {
		uint32_t seen;
		uint32_t *word = ops->choose(ops->context, target, &seen);
		int64_t sleep_ms = SLEEP_MAX_MS;

		result = ops->is_durable(ops->context, target);
		if (result != 0)
			return result < 0 ? result : 0;
		result = lock_byte(ops->role_file, ops->role_byte);
		if (result < 0)
			return result;
		if (result == 1)
			return sync_with_role(ops, target);
		if (timeout_ms >= 0) {
			int64_t left_ms = deadline_ms - clock_boot_ms();

			if (left_ms <= 0)
				return fail(FAIL_AGAIN,
				    "timed out waiting for the disk");
			if (left_ms < sleep_ms)
				sleep_ms = left_ms;
		}
		futex_wait(word, seen, sleep_ms);
	}
}
