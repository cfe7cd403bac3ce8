/* A scan: messages of one or several topics from an offset or a time on, filtered. */
#ifndef QUEUE_SCAN_H
#define QUEUE_SCAN_H

#include "queue/framing.h"
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
int bound_resolve(const struct bound *bound, struct topic *topic, int partition,
    int64_t *offset);

/* Filters: all given ones must match; lists within one kind are any-of. */
struct filter {
	const char **keys;    /* globs */
	size_t key_count;
	const char **tags;
	size_t tag_count;
	const char **headers; /* "name=GLOB" */
	size_t header_count;
	int64_t since_ms;     /* INT64_MIN: none */
	int64_t until_ms;     /* INT64_MAX: none */
};
bool is_filter_empty(const struct filter *filter);
bool is_filter_match(const struct filter *filter, const struct record *record);

struct scan_options {
	struct range range;
	int partition;              /* -1: all */
	const struct filter *filter;
	bool follow;                /* go on at the end; new partitions are picked up */
	void (*notice)(const char *text, void *context); /* corrupt ranges, trimmed offsets */
	void *context;
};

struct scan;
int scan_open(struct scan **scan, struct topic **topics, size_t topic_count,
    const struct scan_options *options);

/* 1 and a message (views valid until the next call), 0 if nothing is there now: at the end,
 * or with follow until more comes. Partitions take turns by batch; each stays in order. */
int scan_next(struct scan *scan, struct message *message);

/* As next, a whole batch (for native output; filters must be empty and the batch inside the range, else
 * it is rebuilt with the records that match). */
int scan_next_batch(struct scan *scan, struct slice *bytes);

/* Follow: sleeps until something may have come, at most timeout_ms (-1: none).
 * 1 if woken, 0 on timeout or a signal. */
int scan_wait(struct scan *scan, int64_t timeout_ms);
void scan_close(struct scan *scan);

#endif
