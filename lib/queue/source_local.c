/* A source of topics of a spool: partition readers, doorbells. */
#include "queue/source_local.h"
#include "base/fail.h"
#include "base/futex.h"
#include <stdlib.h>

/* A spool that nobody can ring is looked at this often. */
enum { DEAF_MS = 250 };

/* One topic and the doorbell's value from before the last look. */
struct listener {
	struct topic *topic;
	uint32_t *doorbell; /* NULL: none */
	uint32_t seen;
};

struct source_local {
	struct source source;
	struct listener *listeners;
};

/* What a lane reads from. */
struct log_reader {
	struct topic *topic;
	struct partition *log;
	struct partition_reader *reader; /* NULL until the first batch */
};

static struct source_local *
local_of(const struct source *source)
{
	return (struct source_local *)(uintptr_t)source;
}

static int
open_reader(struct lane *lane, struct log_reader *from)
{
	struct position hint;
	int rc;

	if (from->reader != NULL)
		return 0;
	/* A way that cannot be looked up is only longer. */
	rc = range_hint(from->topic, lane->number, lane->start, &hint);
	rc = partition_reader_open(&from->reader, from->log, lane->start,
	    rc > 0 ? &hint : NULL);
	if (rc >= 0)
		partition_reader_pass_errors(from->reader);
	return rc;
}

/* The log of a topic that is deleted may be seen to go before the topic is. */
static int
blame(const struct log_reader *from, int failed)
{
	int gone = failed == -FAIL_MISSING ? topic_refresh(from->topic) : 0;

	return gone < 0 ? gone : failed;
}

static int
read_log(struct lane *lane)
{
	const struct batch_header *header = &lane->header;
	struct log_reader *from = lane->state;
	struct position position = {0};
	int rc = open_reader(lane, from);

	if (rc < 0)
		return blame(from, rc);
	rc = partition_reader_next(from->reader, &lane->bytes, &lane->header,
	    &position);
	if (rc == -FAIL_CORRUPT && position.offset > lane->next)
		lane->next = position.offset;
	if (rc > 0)
		lane->next = header->base_offset + header->last_offset_delta +
		    1;
	return blame(from, rc);
}

static int
look_at_log(struct lane *lane, int64_t *high_watermark)
{
	const struct log_reader *from = lane->state;
	struct partition_state state;
	int rc = partition_state(from->log, &state);

	*high_watermark = state.high_watermark;
	return blame(from, rc);
}

static void
close_log(struct lane *lane)
{
	struct log_reader *from = lane->state;

	if (from == NULL)
		return;
	partition_reader_close(from->reader);
	free(from);
	lane->state = NULL;
}

static int
open_lane(struct source *source, size_t topic_at, int number,
    const struct range *range, struct lane *lane)
{
	static const struct lane_kind kind = {read_log, look_at_log, close_log};
	struct topic *topic = local_of(source)->listeners[topic_at].topic;
	struct log_reader *from = memory_alloc(sizeof(*from));
	struct partition_state state;
	int rc = topic_partition(topic, number, &from->log);

	from->topic = topic;
	lane_init(lane, &kind, from, topic_name(topic), number);
	if (rc >= 0)
		rc = partition_state(from->log, &state);
	if (rc >= 0)
		rc = range_resolve(&range->from, topic, number, &lane->start);
	if (rc >= 0 && range->has_to)
		rc = range_resolve(&range->to, topic, number, &lane->end);
	if (rc < 0)
		return rc;
	lane->log_start = state.log_start;
	lane->next = lane->start;
	return 0;
}

static const char *
name_of(const struct source *source, size_t topic)
{
	return topic_name(local_of(source)->listeners[topic].topic);
}

static int
count_partitions(const struct source *source, size_t topic)
{
	return topic_partition_count(local_of(source)->listeners[topic].topic);
}

/* Doorbells are read before the logs are looked at: whoever rings after that
 * ends the next wait. */
static void
note_doorbells(struct source *source)
{
	for (size_t i = 0; i < source->topic_count; i++) {
		struct listener *listener = &local_of(source)->listeners[i];

		if (listener->doorbell != NULL)
			listener->seen = topic_doorbell_value(listener->topic);
	}
}

/* Sleeps on every doorbell and the stop word. */
static int
sleep_on_doorbells(struct source *source, const uint32_t *stop,
    int64_t timeout_ms)
{
	size_t count = 0;
	struct futex_waiter *waiters;
	int rc;

	if (timeout_ms < 0 || timeout_ms > TOPIC_LOOK_MS)
		timeout_ms = TOPIC_LOOK_MS;
	waiters = memory_alloc((source->topic_count + 1) * sizeof(*waiters));
	for (size_t i = 0; i < source->topic_count; i++) {
		const struct listener *listener =
		    &local_of(source)->listeners[i];

		if (listener->doorbell != NULL)
			waiters[count++] = (struct futex_waiter){
			    listener->doorbell, listener->seen};
		else if (timeout_ms > DEAF_MS)
			timeout_ms = DEAF_MS;
	}
	if (stop != NULL)
		waiters[count++] = (struct futex_waiter){
		    (uint32_t *)(uintptr_t)stop, 0};
	rc = futex_wait_any(waiters, count, timeout_ms);
	free(waiters);
	return rc;
}

static int
refresh(struct source *source, size_t topic)
{
	return topic_refresh(local_of(source)->listeners[topic].topic);
}

static void
close_local(struct source *source)
{
	free(local_of(source)->listeners);
	free(source);
}

struct source *
source_local_open(struct topic **topics, size_t count, bool follow)
{
	static const struct source_kind kind = {name_of, count_partitions,
	    open_lane, note_doorbells, sleep_on_doorbells, refresh,
	    close_local};
	struct source_local *local = memory_alloc(sizeof(*local));

	local->source.kind = &kind;
	local->source.topic_count = count;
	local->listeners = memory_alloc(count * sizeof(struct listener));
	for (size_t i = 0; i < count; i++) {
		local->listeners[i].topic = topics[i];
		local->listeners[i].doorbell = follow ?
		    topic_doorbell(topics[i]) : NULL;
	}
	return &local->source;
}
