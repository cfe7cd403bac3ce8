/* What the file `positions` knows of a partition, and bringing it up to date.
 */
#ifndef SPOOL_POSITIONS_PLACE_H
#define SPOOL_POSITIONS_PLACE_H

#include "spool/positions_file.h"
#include "spool/topic.h"

/*
 * Known are the first `count` entries of the file. Others are of a log that a
 * recovery has cut since they were made, or of none: they are never used, and
 * overwritten by the next catch-up.
 */
struct place {
	struct positions_file file; /* fd negative: there is none */
	struct partition *log;
	struct partition_state state;
	int64_t count;
	struct position last; /* of them, if count > 0 */
};

/* Looks at the log; the file is not opened yet. */
int positions_place_open(struct place *place, struct topic *topic, int number);

/* Opens the file, made if that is asked for. -FAIL_MISSING if there is none. */
int positions_place_file(
    struct place *place, struct topic *topic, int number, bool create);

/* Sets count by the last entry: those of a log that was cut, or that was longer
 * than this one, are void. Whatever cannot be read makes all of them void. */
void positions_place_survey(struct place *place);

/* Brings the file up to the log's end. If somebody else is at it, it stays as
 * it is. */
int positions_place_catch_up(struct place *place);

#endif
