/* A supply of messages of a consumer group of brokers: its members own whole
 * partitions, in order (Kafka's classic protocol). */
#ifndef QUEUE_SUPPLY_ORDERED_H
#define QUEUE_SUPPLY_ORDERED_H

#include "queue/brokers.h"
#include "queue/range.h"
#include "queue/supply.h"

struct supply_ordered_options {
	int partition;             /* -1: any */
	int64_t max_attempts;      /* 0: the topic's */
	int64_t backoff_low_ms;    /* -1: the topic's */
	int64_t backoff_high_ms;
	const struct bound *start; /* of a group that is new; NULL: start */
};

/* Begins to join; exchanges go on with it. What is done about failures is as
 * in a directory: settings of topics that the brokers do not know have our
 * defaults, and dead letters are sent to them. The brokers are the supply's
 * from now on, also if this fails; group and names must outlive it.
 * -FAIL_MISSING: no such topic; -FAIL_USAGE: another use of the group. */
int supply_ordered_open(struct supply **supply, struct brokers *brokers,
    const char *group, char *const *names, size_t count,
    const struct supply_ordered_options *options);

#endif
