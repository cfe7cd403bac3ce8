/* Positions: the derived index of where offsets and times are in the log. */
#ifndef SPOOL_POSITIONS_H
#define SPOOL_POSITIONS_H

#include "spool/topic.h"

/* Brings the index of one partition up to the log's end ("catch-up"), then finds the known
 * position at or before an offset. 1 if *position is set, 0 if the log must be walked from its
 * start. A spool that cannot be written answers from what is there. */
int positions_find(struct topic *topic, int partition, int64_t offset,
    struct position *position);
int positions_find_time(struct topic *topic, int partition, int64_t wall_ms,
    struct position *position);

#endif
