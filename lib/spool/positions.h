/* Positions: where offsets and times are in the log, derived from it. */
#ifndef SPOOL_POSITIONS_H
#define SPOOL_POSITIONS_H

#include "spool/topic.h"

/* Brings what is known of a partition up to the log's end ("catch-up") if what
 * is asked for lies behind it, then finds the known position at or before an
 * offset (before a time). 1 if *position is set, 0 if the log must be walked
 * from its start. A spool that cannot be written answers from what is there. */
int positions_find(struct topic *topic, int partition, int64_t offset,
    struct position *position);
int positions_find_time(struct topic *topic, int partition, int64_t wall_ms,
    struct position *position);

/* For mq-fsck: how many known positions are damaged or wrong (which misleads
 * nobody: the log checks each), and forgetting all. */
int positions_check(struct topic *topic, int partition);
int positions_forget(struct topic *topic, int partition);

#endif
