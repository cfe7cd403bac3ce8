/* Group commit: one fdatasync serves every process that wrote before it. */
#ifndef BASE_COMMIT_H
#define BASE_COMMIT_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The rule, used by partitions and by the index alike: whoever needs `target`
 * durable and finds nobody syncing takes the role (an OFD lock, so a killed
 * holder frees it), snapshots what is written, syncs, publishes, wakes all.
 * Others sleep on a word for at most 50 ms at a time and look again.
 * All callbacks get `context`; the shared memory behind them is not
 * trusted: after a sync of our own that began after the call, we are done
 * whatever it says.
 */
struct commit_ops {
	/* 1 if target is durable, 0 if not yet, negative if stopped. */
	int (*is_durable)(void *context, int64_t target);
	/* Syncs all that is written now and publishes it; commit_wait rings once
	 * the role is free. 0 or negative. */
	int (*sync)(void *context);
	/* The shared word to wait on for target, and its value, read before
	 * is_durable is asked. */
	uint32_t *(*choose)(void *context, int64_t target, uint32_t *seen);
	/* Rings who is done, and at least one of who has to sync next. */
	void (*ring)(void *context);
	void *context;
	int role_file;     /* file whose byte role_byte is the role's lock */
	int64_t role_byte;
};

/* Returns 0 when target is durable; -FAIL_AGAIN after timeout_ms (-1: none),
 * or what sync or is_durable failed with. */
int commit_wait(const struct commit_ops *ops, int64_t target,
    int64_t timeout_ms);

#endif
