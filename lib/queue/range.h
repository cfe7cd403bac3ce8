/* Ranges of a log: -o FROM[:TO], by offset, by time, from either end. */
#ifndef QUEUE_RANGE_H
#define QUEUE_RANGE_H

#include "spool/topic.h"

/* One end of -o FROM[:TO]. */
enum bound_kind {
	BOUND_START,  /* start */
	BOUND_END,    /* end */
	BOUND_OFFSET, /* N */
	BOUND_LAST,   /* -N: that many before the end, per partition */
	BOUND_TIME,   /* @TIME, or -1h */
};
struct bound {
	enum bound_kind kind;
	int64_t value;
};
struct range {
	struct bound from;
	struct bound to;  /* not included */
	bool has_to;
};
/* "start", "end", "N", "-N", "@TIME", "-1h", and FROM:TO of these. -FAIL_USAGE.
 * A time may hold colons: the separator is the one after which TO parses. */
int range_parse(const char *text, struct range *range);

/* The offset a bound means on a partition now. */
int range_resolve(const struct bound *bound, struct topic *topic,
    int partition, int64_t *offset);

/* A known position at or before offset, if the log is long enough for the
 * index to be worth asking. 1 if *position is set, 0 if not. */
int range_hint(struct topic *topic, int partition, int64_t offset,
    struct position *position);

#endif
