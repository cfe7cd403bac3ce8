/* When a message of brokers was put. */
#ifndef QUEUE_REMOTE_TIME_H
#define QUEUE_REMOTE_TIME_H

#include "queue/brokers.h"

/* The timestamp (ms since 1970) of the first message at or behind an offset;
 * -1 if there is none, or none that can be read. */
int remote_time(struct brokers *brokers, const struct remote_topic *topic,
    int partition, int64_t offset, int64_t *wall_ms);

#endif
