/* A scan: messages of topics from an offset or a time on, filtered. */
#ifndef QUEUE_SCAN_H
#define QUEUE_SCAN_H

#include "queue/filter.h"
#include "queue/framing.h"
#include "queue/source.h"

struct scan_options {
	struct range range;
	int partition;               /* -1: all */
	const struct filter *filter; /* NULL: every message */
	int64_t limit;               /* messages at most; 0: no limit */
	bool follow;    /* go on at the end; new partitions are picked up */
	uint32_t *stop; /* ends a wait when not 0 (a signal's word), or NULL */
	/* Told of a corrupt range (is_damage) or of trimmed offsets; may be
	 * NULL. */
	void (*notice)(const char *text, bool is_damage, void *context);
	void *context;
};

/* The source is the scan's from now on, also if this fails. */
struct scan;
int scan_open(struct scan **scan, struct source *source,
    const struct scan_options *options);

/* 1 and a message (views valid until the next call), 0 if nothing is there
 * now: at the end, or with follow until more comes. Partitions take turns by
 * batch; each stays in order. */
int scan_next(struct scan *scan, struct message *message);

/* As next, a whole batch (for native output) and how many messages are in it:
 * as it lies in the log if no filter is set and it is inside range and limit,
 * else rebuilt with the records that match. */
int scan_next_batch(struct scan *scan, struct slice *bytes, int32_t *count);

/* Ends a following scan at what is there now. */
int scan_seal(struct scan *scan);

/* True if no message can come any more, whatever happens to the log. */
bool is_scan_finished(const struct scan *scan);

/* Follow: sleeps until something may have come, at most timeout_ms (-1: none;
 * it may be less). 1 if woken, 0 on timeout, a signal or *stop. -FAIL_MISSING
 * if a topic is gone. */
int scan_wait(struct scan *scan, int64_t timeout_ms);
void scan_close(struct scan *scan); /* accepts NULL */

#endif
