/* Leases: what the outcomes do to ranges, and taking new ones (internal to
 * groups). */
#ifndef SPOOL_LEASE_H
#define SPOOL_LEASE_H

#include "spool/range.h"

/* A settlement of a part of a lease, whoever sent it. */
struct lease_change {
	int64_t first;
	int64_t last;
	uint64_t token;
	enum outcome outcome;
	int64_t delay_ms;  /* release: -1 is the back-off */
	int64_t lease_ms;  /* renew: 0 is the policy's */
	bool is_attempt;
	bool is_punctual;  /* lost once its time is over */
	int64_t session;   /* renew: 0 unless the lease dies with it */
	const struct failure *failure;
};

/* 1 if some of it was not under that token any more; the rest is done. */
int lease_settle(struct sub *sub, const struct lease_change *change);

/* Takes up to count messages. 1 and *lease, or 0 and *wake_ms: when something
 * of this partition is due (lowered, never raised). session 0: the lease
 * outlives the process. */
int lease_acquire(struct sub *sub, int64_t count, int64_t session,
    struct lease *lease, int64_t *wake_ms);

#endif
