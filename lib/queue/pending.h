/* Pending batches: appended to the log, not yet known to be stored. */
#ifndef QUEUE_PENDING_H
#define QUEUE_PENDING_H

#include "spool/topic.h"

struct pending_batch {
	int partition;
	int64_t first;
	int64_t last;
	int64_t count; /* messages */
	size_t bytes;
};

/* What a partition is owed. */
struct pending_lane {
	int64_t wait_end; /* stored must pass this; 0: nothing pending */
	bool is_unsynced; /* written in interval mode, not synced since */
};

/*
 * Batches are told of in the order in which they were appended. In the mode
 * mq.sync=interval a batch is stored when it is appended, and synced later.
 */
struct pending {
	struct topic *topic;
	void (*told)(const char *topic, int partition, int64_t first,
	    int64_t last, void *context);
	void *context;
	struct pending_batch *batches;
	size_t size;
	size_t capacity;
	size_t bytes;            /* of the batches */
	struct pending_lane *lanes;
	int lane_count;
	int64_t stored;          /* messages */
	int64_t unsynced_since;  /* clock_boot_ms of the oldest, -1: none */
};

void pending_init(struct pending *pending, struct topic *topic,
    void (*told)(const char *topic, int partition, int64_t first, int64_t last,
    void *context), void *context);

/* Remembers an appended batch; waits for all when much is pending (so that
 * readers see a long stream as it goes), syncs when the interval has passed. */
int pending_add(struct pending *pending, const struct pending_batch *batch);

/* Waits until every batch is stored as the topic's mode promises, and looks
 * whether the topic is still there: -FAIL_MISSING if not. */
int pending_wait(struct pending *pending);

/* See producer_tick and producer_finish. */
int pending_tick(struct pending *pending, int64_t *due_ms);
int pending_sync(struct pending *pending);
void pending_release(struct pending *pending);

#endif
