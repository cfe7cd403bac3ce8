/* Pending batches: waiting for the disk, and telling what is stored. */
#include "queue/pending.h"
#include "base/clock.h"
#include <stdlib.h>
#include <string.h>

/* With so many batches or bytes pending, all are waited for. */
enum {
	PENDING_MAX = 1024,
	PENDING_BYTES = 16 * 1024 * 1024,
};

void
pending_init(struct pending *pending, struct topic *topic,
    void (*told)(const char *topic, int partition, int64_t first, int64_t last,
    void *context), void *context)
{
	memset(pending, 0, sizeof(*pending));
	pending->topic = topic;
	pending->told = told;
	pending->context = context;
	pending->unsynced_since = -1;
}

static struct pending_lane *
lane_of(struct pending *pending, int partition)
{
	int count = pending->lane_count;

	if (partition >= count) {
		count = partition + 1;
		pending->lanes = memory_resize(pending->lanes,
		    (size_t)count * sizeof(*pending->lanes));
		memset(pending->lanes + pending->lane_count, 0,
		    (size_t)(count - pending->lane_count) *
		    sizeof(*pending->lanes));
		pending->lane_count = count;
	}
	return &pending->lanes[partition];
}

static void
remember(struct pending *pending, const struct pending_batch *batch)
{
	if (pending->size == pending->capacity) {
		pending->capacity = pending->capacity * 2 + 4;
		pending->batches = memory_resize(pending->batches,
		    pending->capacity * sizeof(*pending->batches));
	}
	pending->batches[pending->size++] = *batch;
	pending->bytes += batch->bytes;
}

int
pending_add(struct pending *pending, const struct pending_batch *batch)
{
	struct pending_lane *lane = lane_of(pending, batch->partition);
	int64_t due_ms;
	int rc = 0;

	remember(pending, batch);
	lane->wait_end = batch->last + 1;
	if (topic_settings(pending->topic)->sync == SYNC_INTERVAL) {
		lane->is_unsynced = true;
		if (pending->unsynced_since < 0)
			pending->unsynced_since = clock_boot_ms();
		rc = pending_tick(pending, &due_ms);
	}
	if (rc >= 0 && (pending->size >= PENDING_MAX ||
	    pending->bytes >= PENDING_BYTES))
		rc = pending_wait(pending);
	return rc;
}

static void
tell_all(struct pending *pending)
{
	const char *topic = topic_name(pending->topic);

	for (size_t i = 0; i < pending->size; i++) {
		const struct pending_batch *batch = &pending->batches[i];

		pending->stored += batch->count;
		if (pending->told != NULL)
			pending->told(topic, batch->partition, batch->first,
			    batch->last, pending->context);
	}
	pending->size = 0;
	pending->bytes = 0;
}

static int
wait_for_lanes(struct pending *pending)
{
	int rc = 0;

	for (int i = 0; i < pending->lane_count && rc >= 0; i++) {
		const struct pending_lane *lane = &pending->lanes[i];
		struct partition *log;

		if (lane->wait_end == 0)
			continue;
		rc = topic_partition(pending->topic, i, &log);
		if (rc >= 0)
			rc = partition_wait(log, lane->wait_end, -1);
	}
	return rc;
}

/* A topic that was deleted meanwhile has taken our batches with it, and one
 * that was altered may promise more now. */
int
pending_wait(struct pending *pending)
{
	int rc;

	if (pending->size == 0)
		return 0;
	do {
		rc = wait_for_lanes(pending);
		if (rc >= 0)
			rc = topic_refresh(pending->topic);
	} while (rc > 0);
	if (rc < 0)
		return rc;
	for (int i = 0; i < pending->lane_count; i++)
		pending->lanes[i].wait_end = 0;
	tell_all(pending);
	return 0;
}

int
pending_sync(struct pending *pending)
{
	if (pending->unsynced_since < 0)
		return 0;
	for (int i = 0; i < pending->lane_count; i++) {
		struct pending_lane *lane = &pending->lanes[i];
		struct partition *log;
		int rc;

		if (!lane->is_unsynced)
			continue;
		rc = topic_partition(pending->topic, i, &log);
		if (rc >= 0)
			rc = partition_sync(log);
		if (rc < 0)
			return rc;
		lane->is_unsynced = false;
	}
	pending->unsynced_since = -1;
	return 0;
}

int
pending_tick(struct pending *pending, int64_t *due_ms)
{
	int64_t left_ms;

	*due_ms = -1;
	if (pending->unsynced_since < 0)
		return 0;
	left_ms = pending->unsynced_since - clock_boot_ms() +
	    topic_settings(pending->topic)->sync_interval_ms;
	if (left_ms <= 0)
		return pending_sync(pending);
	*due_ms = left_ms;
	return 0;
}

void
pending_release(struct pending *pending)
{
	free(pending->batches);
	free(pending->lanes);
}
