/* A source of topics of brokers: its lanes, and where they begin. */
#include "queue/source_remote_internal.h"

#include "base/clock.h"
#include "base/fail.h"
#include "queue/remote_offsets.h"

#include <stdlib.h>

enum { LOOK_EVERY_MS = 10 * 1000 }; /* for partitions that were added */

static struct source_remote *
remote_of(const struct source *source)
{
	return (struct source_remote *)(uintptr_t)source;
}

/* The next of the batches that are there: 1, 0 if there is none. */
static int
take_batch(struct lane *lane, struct fetched *from)
{
	struct batch_header *header = &lane->header;
	const unsigned char *data = from->bytes.data;
	int failed = batch_decode_header(data, from->bytes.size, header);

	if (failed < 0) {
		lane->next = from->fetch_offset;
		from->bytes.size = 0;
		return failed;
	}
	lane->bytes = (struct slice){data, batch_size(header)};
	lane->next = header->base_offset + header->last_offset_delta + 1;
	from->bytes.data = data + lane->bytes.size;
	from->bytes.size -= lane->bytes.size;
	if (is_batch_intact(data, header))
		return 1;
	return fail(FAIL_CORRUPT, "%s:%d: bad checksum at offset %lld",
	    lane->topic, lane->number, (long long)header->base_offset);
}

/* What the leader is known to have is waited for, unless another lane has
 * something to hand out. */
static int
read_fetched(struct lane *lane)
{
	struct fetched *from = lane->state;
	struct source_remote *remote = from->source;
	int taken = 0;

	while (taken >= 0) {
		while (from->bytes.size > 0) {
			taken = take_batch(lane, from);
			if (taken < 0 ||
			    !(lane->header.attributes & BATCH_CONTROL))
				return taken;
		}
		if (from->fetch_offset >= from->high_watermark ||
		    from->fetch_offset >= lane->end ||
		    has_source_remote_bytes(remote, NULL) ||
		    is_source_remote_stopped(remote))
			return 0;
		taken = source_remote_fetch(remote,
		    clock_boot_ms() + BROKERS_PATIENCE_MS);
	}
	return taken;
}

static int
look_at_end(struct lane *lane, int64_t *high_watermark)
{
	const struct fetched *from = lane->state;

	*high_watermark = from->high_watermark;
	return 0;
}

static void
close_fetched(struct lane *lane)
{
	struct fetched *from = lane->state;

	if (from == NULL)
		return;
	from->lane = NULL;
	from->bytes.size = 0;
	lane->state = NULL;
}

static int
resolve(struct source_remote *remote, size_t topic, int number,
    const struct bound *bound, int64_t *offset)
{
	int64_t earliest = remote->earliest[topic][number];
	int64_t latest = remote->latest[topic][number];
	int64_t *found;
	int failed;

	*offset = bound->kind == BOUND_START ? earliest :
	    bound->kind == BOUND_OFFSET ? bound->value :
	    latest - bound->value;
	if (bound->kind == BOUND_LAST && *offset < earliest)
		*offset = earliest;
	if (bound->kind != BOUND_TIME)
		return 0;
	found = memory_alloc((size_t)remote->topics[topic].partitions *
	    sizeof(*found));
	failed = remote_offsets_at(remote->brokers, &remote->topics[topic],
	    bound->value < 0 ? 0 : bound->value, found);
	*offset = found[number] < 0 ? latest : found[number];
	free(found);
	return failed;
}

static int
open_lane(struct source *source, size_t topic, int number,
    const struct range *range, struct lane *lane)
{
	static const struct lane_kind kind = {read_fetched, look_at_end,
	    close_fetched};
	struct source_remote *remote = remote_of(source);
	struct fetched *from = memory_alloc(sizeof(*from));
	const struct remote_topic *said = &remote->topics[topic];
	int failed = 0;

	lane_init(lane, &kind, from, said->name, number);
	from->next = remote->fetched;
	from->source = remote;
	from->lane = lane;
	from->topic = topic;
	from->number = number;
	remote->fetched = from;
	if (number >= said->partitions)
		return fail(FAIL_MISSING, "topic %s has no partition %d",
		    said->name, number);
	failed = resolve(remote, topic, number, &range->from, &lane->start);
	if (failed == 0 && range->has_to)
		failed = resolve(remote, topic, number, &range->to,
		    &lane->end);
	lane->log_start = remote->earliest[topic][number];
	lane->next = lane->start;
	from->high_watermark = remote->latest[topic][number];
	from->fetch_offset = lane->start;
	if (from->fetch_offset < lane->log_start)
		from->fetch_offset = lane->log_start;
	if (from->fetch_offset > from->high_watermark)
		from->fetch_offset = from->high_watermark;
	return failed;
}

static const char *
name_of(const struct source *source, size_t topic)
{
	return remote_of(source)->topics[topic].name;
}

static int
count_partitions(const struct source *source, size_t topic)
{
	return remote_of(source)->topics[topic].partitions;
}

/* Requests wait at the brokers. */
static void
listen_nowhere(struct source *source)
{
	(void)source;
}

static int
wait_for_more(struct source *source, const uint32_t *stop, int64_t timeout_ms)
{
	if (timeout_ms < 0 || timeout_ms > LOOK_EVERY_MS)
		timeout_ms = LOOK_EVERY_MS;
	(void)stop; /* the same as ours */
	return source_remote_fetch(remote_of(source),
	    clock_boot_ms() + timeout_ms);
}

/* Both ends of the partitions of a topic. */
static int
ask_ends(struct source_remote *remote, size_t topic)
{
	const struct remote_topic *said = &remote->topics[topic];
	size_t size = (size_t)said->partitions * sizeof(int64_t);

	remote->earliest[topic] = memory_resize(remote->earliest[topic], size);
	remote->latest[topic] = memory_resize(remote->latest[topic], size);
	return remote_offsets(remote->brokers, said, remote->earliest[topic],
	    remote->latest[topic]);
}

int
source_remote_look(struct source_remote *remote)
{
	remote->looked_ms = clock_boot_ms();
	for (size_t i = 0; i < remote->source.topic_count; i++) {
		struct remote_topic *old = &remote->topics[i], said;
		int failed = brokers_find(remote->brokers, old->name, 0,
		    &said);

		if (failed == -FAIL_MISSING)
			return fail(FAIL_MISSING, "topic %s: was deleted",
			    old->name);
		if (failed < 0)
			return failed;
		remote->has_grown = remote->has_grown ||
		    said.partitions > old->partitions;
		free(old->leaders);
		old->leaders = said.leaders;
		old->partitions = said.partitions;
		free(said.name);
	}
	return 0;
}

static int
refresh(struct source *source, size_t topic)
{
	struct source_remote *remote = remote_of(source);
	int failed = 0;

	if (remote->asked.size == 0 && !remote->has_grown &&
	    clock_boot_ms() - remote->looked_ms >= LOOK_EVERY_MS)
		failed = source_remote_look(remote);
	if (is_patience_worth(failed))
		return 0; /* the next fetch will meet it, and try again */
	if (failed < 0 || !remote->has_grown || remote->asked.size > 0)
		return failed;
	failed = ask_ends(remote, topic);
	if (topic + 1 == source->topic_count)
		remote->has_grown = false;
	return failed < 0 ? failed : 1;
}

static void
close_remote(struct source *source)
{
	struct source_remote *remote = remote_of(source);

	for (size_t i = 0; i < source->topic_count; i++) {
		remote_topic_release(&remote->topics[i]);
		free(remote->earliest[i]);
		free(remote->latest[i]);
	}
	while (remote->fetched != NULL) {
		struct fetched *next = remote->fetched->next;

		free(remote->fetched);
		remote->fetched = next;
	}
	brokers_close(remote->brokers);
	buf_release(&remote->asked);
	free(remote->topics);
	free(remote->earliest);
	free(remote->latest);
	free(remote);
}

int
source_remote_open(struct source **source, struct brokers *brokers,
    char *const *names, size_t count, const uint32_t *stop)
{
	static const struct source_kind kind = {name_of, count_partitions,
	    open_lane, listen_nowhere, wait_for_more, refresh, close_remote};
	struct source_remote *remote = memory_alloc(sizeof(*remote));
	int failed = 0;

	remote->source.kind = &kind;
	remote->brokers = brokers;
	remote->stop = stop;
	remote->topics = memory_alloc(count * sizeof(*remote->topics));
	remote->earliest = memory_alloc(count * sizeof(int64_t *));
	remote->latest = memory_alloc(count * sizeof(int64_t *));
	remote->looked_ms = clock_boot_ms();
	for (size_t i = 0; failed == 0 && i < count; i++) {
		remote->source.topic_count++;
		failed = brokers_find(brokers, names[i], 0,
		    &remote->topics[i]);
		if (failed == 0)
			failed = ask_ends(remote, i);
	}
	if (failed < 0)
		close_remote(&remote->source);
	else
		*source = &remote->source;
	return failed;
}
