/* A reader's place in a partition (internal to the floor). */
#ifndef LOG_READER_H
#define LOG_READER_H

#include "log/partition_internal.h"

/* A place between two batches. */
struct place {
	int64_t byte;
	int64_t offset;    /* the next */
	int64_t timestamp; /* the highest before it */
};

/*
 * Invariants: at is in segment, whose offsets end before limit. What the
 * window holds was read when all below visible was written. Batches between
 * safe and at were passed by their headers only.
 */
struct partition_reader {
	struct partition *partition;
	struct scan scan;
	int64_t segment;
	int64_t limit;      /* base of the next segment, INT64_MAX: none yet */
	struct place at;
	struct place safe;
	int64_t wanted;     /* batches that end before are passed over */
	int64_t visible;
	int64_t log_end;    /* when visible was read */
	int64_t unsynced;   /* the durable end that a sync was awaited from, */
	int64_t since_ms;   /* and since when */
	bool passes_errors; /* of sealed segments; then the window is lenient */
	bool is_careful;    /* passes nothing without its checksum */
	bool has_doubted;   /* of the page, about what is at `at` */
};

/* Goes to the segment that holds offset, or else to the first one. */
int reader_enter(struct partition_reader *reader, int64_t offset);

/* Takes over what the page says now. */
int reader_update(struct partition_reader *reader);

/* As reader_update, but compares the page with the log: an old copy of it may
 * have come back while we read. */
int reader_doubt(struct partition_reader *reader);

/* Moves forward to wanted as far as somebody knows a place: the hint (may be
 * NULL), or the page, which knows places near the end. All are checked. */
void reader_approach(struct partition_reader *reader,
    const struct position *hint);

#endif
