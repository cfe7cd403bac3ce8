/* Where the partitions of a topic of brokers begin and end. */
#ifndef QUEUE_REMOTE_OFFSETS_H
#define QUEUE_REMOTE_OFFSETS_H

#include "queue/brokers.h"
#include "queue/range.h"

/* Instead of a time. */
enum { REMOTE_LATEST = -1, REMOTE_EARLIEST = -2 };

/* Asks the leaders for the offset of the first message of each partition at or
 * after a time (ms since 1970), -1 where there is none, or for both ends.
 * offsets has as many items as the topic has partitions. */
int remote_offsets(struct brokers *brokers, const struct remote_topic *topic,
    int64_t time_ms, int64_t *offsets);

/* The offsets that a bound means on the partitions now. */
int remote_resolve(struct brokers *brokers, const struct remote_topic *topic,
    const struct bound *bound, int64_t *offsets);

#endif
