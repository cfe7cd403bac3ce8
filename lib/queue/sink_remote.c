/* A sink that is a topic of brokers: what is sent when, what becomes of it. */
#include "queue/sink_remote.h"

#include "base/fail.h"
#include "kafka/produce.h"
#include "queue/parcel.h"
#include "queue/sink_remote_internal.h"

#include <stdlib.h>

enum {
	PENDING_BYTES = 8 * 1024 * 1024, /* more than that waits */
	SEND_BYTES = 64 * 1024,          /* less than that is not sent alone */
};

static struct sink_remote *
remote_of(struct sink *sink)
{
	return (struct sink_remote *)sink;
}

/* In the order of the appends. */
static void
tell_stored(struct sink_remote *remote)
{
	struct parcels *parcels = &remote->parcels;

	while (parcels->head < parcels->end &&
	    parcels->items[parcels->head].state == PARCEL_STORED) {
		const struct parcel *parcel = &parcels->items[parcels->head];

		remote->sink.stored += parcel->count;
		if (remote->sink.told != NULL)
			remote->sink.told(remote->sink.topic,
			    parcel->partition, parcel->first,
			    parcel->first + parcel->count - 1,
			    remote->sink.context);
		parcels_shift(parcels);
	}
}

static struct parcel *
oldest_sent(struct sink_remote *remote)
{
	struct parcels *parcels = &remote->parcels;

	for (size_t i = parcels->head; i < parcels->end; i++) {
		if (parcels->items[i].state == PARCEL_SENT)
			return &parcels->items[i];
	}
	return NULL;
}

/* Nobody leads where we asked, or not any more. */
static int
ask_again(struct sink_remote *remote)
{
	struct remote_topic topic;
	int failed = brokers_find(remote->brokers, remote->sink.topic, 0,
	    &topic);

	if (failed == -FAIL_MISSING)
		return fail(FAIL_MISSING, "topic %s: was deleted",
		    remote->sink.topic);
	if (failed < 0)
		return 0; /* the next try may find somebody */
	free(remote->topic.leaders);
	remote->topic.leaders = topic.leaders;
	remote->topic.partitions = topic.partitions;
	free(topic.name);
	if (topic.partitions > remote->sink.partitions)
		remote->sink.partitions = topic.partitions;
	return 0;
}

/* After a failure, with nothing on its way: waits, and lets the rest be sent
 * again, unless that has been tried for too long. */
static int
try_again(struct sink_remote *remote)
{
	if (!is_patience_left(&remote->patience, remote->options.patience_ms))
		return fail((enum fail)-remote->failed, "%s",
		    remote->failure);
	patience_rest(&remote->patience);
	remote->failed = 0;
	return ask_again(remote);
}

/* Sends what can be, and takes the answer to the oldest request: one step
 * further. */
static int
step(struct sink_remote *remote, bool is_last)
{
	struct parcel *sent;
	int failed = 0;

	if (remote->failed == 0)
		failed = sink_remote_send(remote, is_last);
	sent = oldest_sent(remote);
	if (failed == 0 && sent != NULL)
		failed = sink_remote_receive(remote, sent->client,
		    BROKERS_PATIENCE_MS);
	else if (failed == 0 && remote->failed != 0)
		failed = try_again(remote);
	tell_stored(remote);
	return failed;
}

/* What is on its way is waited for, so that it is known what was stored. */
static int
break_off(struct sink_remote *remote, int failed)
{
	char *message = memory_copy_text(fail_message());
	struct parcel *sent;

	remote->broken = failed;
	while ((sent = oldest_sent(remote)) != NULL)
		(void)sink_remote_receive(remote, sent->client,
		    BROKERS_PATIENCE_MS);
	tell_stored(remote);
	fail((enum fail)-failed, "%s", message);
	free(message);
	return failed;
}

static int
wait_stored(struct sink *sink)
{
	struct sink_remote *remote = remote_of(sink);
	int failed = remote->broken;

	if (failed < 0)
		return fail((enum fail)-failed, "topic %s: an append has "
		    "failed", sink->topic);
	tell_stored(remote);
	while (failed == 0 && remote->parcels.head < remote->parcels.end)
		failed = step(remote, true);
	return failed < 0 ? break_off(remote, failed) : 0;
}

static int
append(struct sink *sink, int partition, int64_t count, struct buf *bytes)
{
	struct sink_remote *remote = remote_of(sink);
	struct parcel *sent;
	int failed = remote->broken;

	if (failed == 0)
		failed = parcel_close_gaps(bytes);
	if (failed < 0) {
		buf_clear(bytes);
		return failed;
	}
	parcels_add(&remote->parcels, partition, count, bytes);
	remote->appended++;
	remote->unsent += remote->parcels.items[remote->parcels.end - 1].
	    bytes.size;
	sent = oldest_sent(remote);
	if (sent != NULL)
		failed = sink_remote_receive(remote, sent->client, 0);
	if (failed == 0 && remote->failed == 0 && remote->unsent >= SEND_BYTES)
		failed = sink_remote_send(remote, false);
	tell_stored(remote);
	while (failed == 0 && remote->parcels.bytes > PENDING_BYTES)
		failed = step(remote, false);
	return failed < 0 ? break_off(remote, failed) : 0;
}

/* The brokers sync by themselves. */
static int
tick(struct sink *sink, int64_t *due_ms)
{
	(void)sink;
	*due_ms = -1;
	return 0;
}

static int
sync_nothing(struct sink *sink)
{
	(void)sink;
	return 0;
}

static int64_t
count_unknown(const struct sink *sink)
{
	const struct sink_remote *remote = (const struct sink_remote *)sink;
	const struct parcels *parcels = &remote->parcels;
	int64_t count = 0;

	for (size_t i = parcels->head; i < parcels->end; i++) {
		const struct parcel *parcel = &parcels->items[i];

		if (parcel->is_doubtful || parcel->state != PARCEL_WAITING)
			count += parcel->count;
	}
	return count;
}

static void
close_remote(struct sink *sink)
{
	struct sink_remote *remote = remote_of(sink);

	parcels_release(&remote->parcels);
	brokers_close(remote->brokers);
	remote_topic_release(&remote->topic);
	free(remote->failure);
	free(remote->lanes);
	free(remote);
}

struct sink *
sink_remote_open(struct brokers *brokers, struct remote_topic *topic,
    const struct sink_remote_options *options)
{
	static const struct sink_kind kind = {append, wait_stored, tick,
	    sync_nothing, count_unknown, close_remote};
	/* What a topic allows is the broker's to say. */
	static const int64_t max_bytes = BATCH_MAX_SIZE;
	struct sink_remote *remote = memory_alloc(sizeof(*remote));

	remote->sink.kind = &kind;
	remote->sink.topic = topic->name;
	remote->sink.partitions = topic->partitions;
	remote->sink.max_bytes = &max_bytes;
	remote->sink.codec = CODEC_NONE;
	remote->brokers = brokers;
	remote->topic = *topic;
	*topic = (struct remote_topic){0};
	remote->options = *options;
	remote->producer_id = -1;
	return &remote->sink;
}
