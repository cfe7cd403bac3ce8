/* A lane: what a scan reads of one partition, batch by batch. */
#ifndef QUEUE_LANE_H
#define QUEUE_LANE_H

#include "queue/range.h"

struct lane;

/* How batches of some kind of source come. */
struct lane_kind {
	/* Sets bytes, header and next: 1; 0 if there is none now, -FAIL_CORRUPT
	 * once per damaged range, with next behind it. */
	int (*read)(struct lane *lane);
	/* The high watermark as it is now. */
	int (*look)(struct lane *lane, int64_t *high_watermark);
	void (*close)(struct lane *lane); /* may be called again */
};

/*
 * Invariants: no record below start or from end on is handed out; is_done
 * means that none can come any more, whatever happens to the log. A loaded
 * batch is valid until the next load of any lane of the source.
 */
struct lane {
	const struct lane_kind *kind;
	void *state;                /* of the kind */
	const char *topic;
	int number;
	int64_t log_start;          /* when it was opened */
	int64_t start;
	int64_t end;                /* INT64_MAX: no end */
	int64_t next;               /* behind the last batch that was loaded */
	int64_t since_ms;           /* wholly older batches are passed over */
	bool is_done;
	struct slice bytes;         /* the loaded batch */
	struct batch_header header;
	struct batch_reader records;
	struct buf scratch;
};

/* A lane of all records, for a source to fill in. */
void lane_init(struct lane *lane, const struct lane_kind *kind, void *state,
    const char *topic, int number);

/* Loads the next batch that has records inside. 1, 0 if there is none now,
 * -FAIL_CORRUPT once per damaged range: call again to go on behind it. */
int lane_load(struct lane *lane);

/* True if all of the loaded batch lies between start and end. */
bool is_lane_batch_whole(const struct lane *lane);

/* The next record of the loaded batch: 1, 0 when it is used up,
 * -FAIL_CORRUPT if it is bad from here on. */
int lane_next(struct lane *lane, struct record *record);

/* Ends the lane at the high watermark as it is now. */
int lane_seal(struct lane *lane);
void lane_close(struct lane *lane); /* accepts a zeroed one */

#endif
