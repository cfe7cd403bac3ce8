/* Fetching what a member of a consumer group owns. */
#include "queue/supply_ordered_internal.h"

#include "base/clock.h"
#include "base/fail.h"
#include "kafka/error.h"
#include "queue/remote_fetch.h"

void
supply_ordered_rewind(struct ordered_part *part, int64_t offset)
{
	uint64_t serial = part->cargo.serial;

	cargo_release(&part->cargo);
	part->cargo = (struct cargo){.serial = serial};
	part->position = offset;
	part->left = 0;
	part->redo = INT64_MAX;
}

static bool
is_hungry(const struct ordered_part *part)
{
	return part->client == NULL && !has_cargo(&part->cargo) &&
	    clock_boot_ms() >= part->rest_ms;
}

static int
find_link(struct supply_ordered *self, const struct ordered_part *part,
    struct link **out)
{
	struct client *client;
	int failed = brokers_leader(self->brokers,
	    &self->topics[part->topic], part->partition, &client);

	if (failed == 0)
		*out = links_with(&self->links, client);
	return failed;
}

/* The hungry parts whose leader is not asked yet get it as their client. */
static int
choose(struct supply_ordered *self)
{
	struct link *link;
	int failed = 0;

	for (size_t i = 0; failed == 0 && i < self->part_count; i++) {
		struct ordered_part *part = self->parts[i];

		if (!is_hungry(part))
			continue;
		failed = find_link(self, part, &link);
		if (failed == 0 && !link->is_asked) {
			part->client = link->client;
			part->asked = part->position;
		}
	}
	return failed;
}

static int32_t
fill_topic(const struct supply_ordered *self, const struct client *client,
    size_t topic, struct fetch_request_partition *parts)
{
	int32_t count = 0;

	for (size_t i = 0; i < self->part_count; i++) {
		const struct ordered_part *part = self->parts[i];

		if (part->topic != topic || part->client != client)
			continue;
		remote_fetch_part(&parts[count++], part->partition,
		    part->asked);
	}
	return count;
}

static struct list
fill_topics(const struct supply_ordered *self, const struct client *client,
    struct arena *arena)
{
	struct fetch_request_topic *topics = arena_take(arena,
	    self->topic_count, sizeof(*topics));
	int32_t used = 0;

	for (size_t i = 0; i < self->topic_count; i++) {
		struct fetch_request_partition *parts = arena_take(arena,
		    self->part_count + 1, sizeof(*parts));
		int32_t count = fill_topic(self, client, i, parts);

		if (count == 0)
			continue;
		topics[used].topic = slice_of(self->topics[i].name);
		topics[used++].partitions = (struct list){parts, count};
	}
	return (struct list){topics, used};
}

static int
ask(struct supply_ordered *self, struct link *link, int64_t wait_ms)
{
	struct arena arena = arena_limited(SIZE_MAX);
	struct list topics = fill_topics(self, link->client, &arena);
	int failed = 0;

	if (topics.count > 0) {
		failed = remote_fetch_send(link->client, topics, wait_ms);
		link->is_asked = failed == 0;
		link->is_patient = wait_ms > 0;
	}
	arena_release(&arena);
	return failed;
}

int
supply_ordered_ask(struct supply_ordered *self, int64_t wait_ms)
{
	size_t count;
	struct link *links;
	int failed = choose(self);

	links = links_of(&self->links, &count);
	for (size_t i = 0; failed == 0 && i < count; i++) {
		if (!links[i].is_asked)
			failed = ask(self, &links[i], wait_ms);
	}
	return failed;
}

static int
take_bytes(struct supply_ordered *self, struct ordered_part *part,
    struct slice bytes)
{
	struct grant grant = {
		.topic = part->topic,
		.partition = part->partition,
		.first = part->position,
		.attempt = 1,
	};
	int64_t end = part->position;
	size_t size = remote_fetch_whole(bytes, &end);

	if (size == 0)
		return fail(FAIL_CORRUPT, "%s:%d: offset %lld cannot be read",
		    self->topics[part->topic].name, part->partition,
		    (long long)part->position);
	grant.last = end - 1;
	part->position = end;
	if (is_grant_empty(&grant))
		return 0;
	part->cargo.serial = self->serial;
	cargo_add(&part->cargo, part->topic, part->partition,
	    (struct slice){bytes.data, size});
	cargo_grant(&part->cargo, &grant);
	self->serial = part->cargo.serial;
	return 0;
}

static struct ordered_part *
find_part(const struct supply_ordered *self, const struct client *client,
    struct slice topic, int partition)
{
	for (size_t i = 0; i < self->part_count; i++) {
		struct ordered_part *part = self->parts[i];

		if (part->client == client && part->partition == partition &&
		    slice_equal(slice_of(self->topics[part->topic].name),
		    topic))
			return part;
	}
	return NULL;
}

/* What was asked for before it was begun again elsewhere is passed over. */
static int
take_part(struct client *client, struct slice topic,
    const struct fetch_response_partition *answer, void *context)
{
	struct supply_ordered *self = context;
	struct ordered_part *part = find_part(self, client, topic,
	    answer->partition_index);
	int code = answer->error_code;

	if (part == NULL)
		return 0;
	part->client = NULL;
	if (part->asked != part->position)
		return 0;
	if (code == ERROR_OFFSET_OUT_OF_RANGE) {
		part->position = answer->log_start_offset > part->position ?
		    answer->log_start_offset : part->position;
		return part->position > part->asked ? 0 : brokers_error(code,
		    (struct slice){0}, self->topics[part->topic].name);
	}
	if (code == ERROR_UNKNOWN_TOPIC_OR_PARTITION)
		return fail(FAIL_AGAIN, "topic %s: was deleted, or moved",
		    self->topics[part->topic].name);
	if (code != 0)
		return brokers_error(code, (struct slice){0},
		    self->topics[part->topic].name);
	if (answer->records.bytes.size == 0)
		return 0;
	return take_bytes(self, part, answer->records.bytes);
}

int
supply_ordered_take(struct supply_ordered *self, struct link *link)
{
	struct arena arena = arena_limited(ORDERED_RESPONSE_BYTES);
	struct fetch_response response;
	int32_t correlation;
	int failed = client_receive(link->client, &arena, &response,
	    &correlation, BROKERS_PATIENCE_MS);

	link->is_asked = false;
	if (failed == 0)
		failed = remote_fetch_each(&response, link->client, take_part,
		    self);
	/* What it did not answer for is asked for again. */
	for (size_t i = 0; i < self->part_count; i++) {
		if (self->parts[i]->client == link->client)
			self->parts[i]->client = NULL;
	}
	arena_release(&arena);
	return failed;
}

int
supply_ordered_drain(struct supply_ordered *self)
{
	size_t count;
	struct link *links = links_of(&self->links, &count);
	int failed = 0;

	for (size_t i = 0; failed == 0 && i < count; i++) {
		if (links[i].is_asked)
			failed = supply_ordered_take(self, &links[i]);
	}
	return failed;
}
