/* A sink that is a topic of a spool: appending, waiting for the disk. */
#include "queue/sink_local.h"
#include "base/clock.h"
#include <stdlib.h>
#include <string.h>

/* With so many batches or bytes pending, all are waited for, so that readers see
 * a long stream as it goes. */
enum {
	PENDING_MAX = 1024,
	PENDING_BYTES = 16 * 1024 * 1024,
};

/* A batch that is appended, not yet known to be stored. */
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
struct sink_local {
	struct sink sink;
	struct topic *topic;
	struct pending_batch *batches;
	size_t size;
	size_t capacity;
	size_t bytes;            /* of the batches */
	struct pending_lane *lanes;
	int lane_count;
	int64_t unsynced_since;  /* clock_boot_ms of the oldest, -1: none */
};

static struct sink_local *
local_of(struct sink *sink)
{
	return (struct sink_local *)sink;
}

/* What the topic says now. */
static void
take_settings(struct sink_local *local)
{
	local->sink.partitions = topic_partition_count(local->topic);
	local->sink.codec = topic_settings(local->topic)->compression;
}

static struct pending_lane *
lane_of(struct sink_local *local, int partition)
{
	int count = local->lane_count;

	if (partition >= count) {
		count = partition + 1;
		local->lanes = memory_resize(local->lanes,
		    (size_t)count * sizeof(*local->lanes));
		memset(local->lanes + local->lane_count, 0,
		    (size_t)(count - local->lane_count) *
		    sizeof(*local->lanes));
		local->lane_count = count;
	}
	return &local->lanes[partition];
}

static void
remember(struct sink_local *local, const struct pending_batch *batch)
{
	if (local->size == local->capacity) {
		local->capacity = local->capacity * 2 + 4;
		local->batches = memory_resize(local->batches,
		    local->capacity * sizeof(*local->batches));
	}
	local->batches[local->size++] = *batch;
	local->bytes += batch->bytes;
}

static void
tell_all(struct sink_local *local)
{
	const char *topic = topic_name(local->topic);

	for (size_t i = 0; i < local->size; i++) {
		const struct pending_batch *batch = &local->batches[i];

		local->sink.stored += batch->count;
		if (local->sink.told != NULL)
			local->sink.told(topic, batch->partition,
			    batch->first, batch->last, local->sink.context);
	}
	local->size = 0;
	local->bytes = 0;
}

static int
wait_for_lanes(struct sink_local *local)
{
	int rc = 0;

	for (int i = 0; i < local->lane_count && rc >= 0; i++) {
		const struct pending_lane *lane = &local->lanes[i];
		struct partition *log;

		if (lane->wait_end == 0)
			continue;
		rc = topic_partition(local->topic, i, &log);
		if (rc >= 0)
			rc = partition_wait(log, lane->wait_end, -1);
	}
	return rc;
}

/* A topic that was deleted meanwhile has taken our batches with it, and one
 * that was altered may promise more now. */
static int
wait_stored(struct sink *sink)
{
	struct sink_local *local = local_of(sink);
	int rc;

	if (local->size == 0)
		return 0;
	do {
		rc = wait_for_lanes(local);
		if (rc >= 0)
			rc = topic_refresh(local->topic);
	} while (rc > 0);
	take_settings(local);
	if (rc < 0)
		return rc;
	for (int i = 0; i < local->lane_count; i++)
		local->lanes[i].wait_end = 0;
	tell_all(local);
	return 0;
}

static int
sync_lanes(struct sink *sink)
{
	struct sink_local *local = local_of(sink);

	if (local->unsynced_since < 0)
		return 0;
	for (int i = 0; i < local->lane_count; i++) {
		struct pending_lane *lane = &local->lanes[i];
		struct partition *log;
		int rc;

		if (!lane->is_unsynced)
			continue;
		rc = topic_partition(local->topic, i, &log);
		if (rc >= 0)
			rc = partition_sync(log);
		if (rc < 0)
			return rc;
		lane->is_unsynced = false;
	}
	local->unsynced_since = -1;
	return 0;
}

static int
tick(struct sink *sink, int64_t *due_ms)
{
	struct sink_local *local = local_of(sink);
	int64_t left_ms;

	*due_ms = -1;
	if (local->unsynced_since < 0)
		return 0;
	left_ms = local->unsynced_since - clock_boot_ms() +
	    topic_settings(local->topic)->sync_interval_ms;
	if (left_ms <= 0)
		return sync_lanes(sink);
	*due_ms = left_ms;
	return 0;
}

/* Remembers an appended batch; syncs when the interval has passed. */
static int
add(struct sink_local *local, const struct pending_batch *batch)
{
	struct pending_lane *lane = lane_of(local, batch->partition);
	int64_t due_ms;
	int rc = 0;

	remember(local, batch);
	lane->wait_end = batch->last + 1;
	if (topic_settings(local->topic)->sync == SYNC_INTERVAL) {
		lane->is_unsynced = true;
		if (local->unsynced_since < 0)
			local->unsynced_since = clock_boot_ms();
		rc = tick(&local->sink, &due_ms);
	}
	if (rc >= 0 && (local->size >= PENDING_MAX ||
	    local->bytes >= PENDING_BYTES))
		rc = wait_stored(&local->sink);
	return rc;
}

static int
append(struct sink *sink, int partition, int64_t count, struct buf *bytes)
{
	struct sink_local *local = local_of(sink);
	struct pending_batch batch = {.partition = partition,
	    .count = count, .bytes = bytes->size};
	struct partition *log;
	int rc = topic_partition(local->topic, partition, &log);

	if (rc >= 0)
		rc = partition_append(log, bytes->data, bytes->size,
		    &batch.first, &batch.last);
	buf_clear(bytes);
	if (rc >= 0)
		rc = add(local, &batch);
	take_settings(local); /* it may have looked at topic.yaml */
	return rc;
}

static int64_t
count_unknown(const struct sink *sink)
{
	const struct sink_local *local = (const struct sink_local *)sink;
	int64_t count = 0;

	for (size_t i = 0; i < local->size; i++)
		count += local->batches[i].count;
	return count;
}

static void
close_local(struct sink *sink)
{
	struct sink_local *local = local_of(sink);

	free(local->batches);
	free(local->lanes);
	free(local);
}

struct sink *
sink_local_open(struct topic *topic)
{
	static const struct sink_kind kind = {append, wait_stored, tick,
	    sync_lanes, count_unknown, close_local};
	struct sink_local *local = memory_alloc(sizeof(*local));

	local->sink.kind = &kind;
	local->sink.topic = topic_name(topic);
	local->sink.max_bytes = &topic_settings(topic)->max_message_bytes;
	local->topic = topic;
	local->unsynced_since = -1;
	take_settings(local);
	return &local->sink;
}
