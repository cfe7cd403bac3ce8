/* Where the partitions of a topic of brokers begin and end. */
#ifndef QUEUE_REMOTE_OFFSETS_H
#define QUEUE_REMOTE_OFFSETS_H

#include "queue/brokers.h"
#include "queue/range.h"

/* Asks the leaders where the partitions of the topic begin and end: as many
 * offsets each as it has partitions. */
int remote_offsets(struct brokers *brokers, const struct remote_topic *topic,
    int64_t *starts, int64_t *ends);

/* And for the first message of each at or after a time (ms since 1970), -1 where
 * there is none. */
int remote_offsets_at(struct brokers *brokers,
    const struct remote_topic *topic, int64_t time_ms, int64_t *offsets);

/* The offsets that a bound means on the partitions now. */
int remote_resolve(struct brokers *brokers, const struct remote_topic *topic,
    const struct bound *bound, int64_t *offsets);

#endif
