/* A supply of messages of a share group of brokers (KIP-932). */
#ifndef QUEUE_SUPPLY_SHARE_H
#define QUEUE_SUPPLY_SHARE_H

#include "queue/brokers.h"
#include "queue/range.h"
#include "queue/supply.h"

/* What only mq-serve understands is refused by name where the brokers are
 * others. Zero or NULL: nothing was said. */
struct supply_share_options {
	enum group_order order;    /* not ORDER_PARTITION */
	bool is_manual;            /* leases outlive us: mq-ack settles them */
	int partition;             /* -1: any */
	int64_t lease_ms;
	int64_t max_attempts;
	int64_t backoff_low_ms;    /* -1 */
	int64_t backoff_high_ms;
	const struct bound *start; /* of a group that is new */
};

/* Joins. The brokers are the supply's from now on, also if this fails; group and
 * names must outlive it. -FAIL_MISSING: no such topic; -FAIL_PROTOCOL: the
 * brokers cannot do it. */
int supply_share_open(struct supply **supply, struct brokers *brokers,
    const char *group, char *const *names, size_t count,
    const struct supply_share_options *options);

#endif
