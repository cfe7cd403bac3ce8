/* Fetching what a member of a consumer group owns. */
#include "queue/supply_ordered_internal.h"

#include "base/clock.h"
#include "base/fail.h"
#include "kafka/error.h"
#include "kafka/fetch.h"

#include <stdlib.h>

enum {
	FETCH_BYTES = 16 * 1024 * 1024,
	PARTITION_BYTES = 1024 * 1024,
	LAST_BY_NAME = 12, /* version; later ones name topics by their ids */
};

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
		schema_preset(&fetch_request_partition_schema, &parts[count]);
		parts[count].partition = part->partition;
		parts[count].fetch_offset = part->asked;
		parts[count++].partition_max_bytes = PARTITION_BYTES;
	}
	return count;
}

static int32_t
fill_topics(const struct supply_ordered *self, const struct client *client,
    struct arena *arena, struct fetch_request *message)
{
	struct fetch_request_topic *topics = schema_new_list(
	    &fetch_request_topic_schema, arena, &message->topics,
	    (int32_t)self->topic_count);
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
	return message->topics.count = used;
}

static int
ask(struct supply_ordered *self, struct link *link, int64_t wait_ms)
{
	struct arena arena = arena_limited(SIZE_MAX);
	struct fetch_request message;
	int32_t correlation;
	int failed = 0;

	schema_preset(&fetch_request_schema, &message);
	message.replica_id = -1;
	message.max_wait_ms = (int32_t)wait_ms;
	message.min_bytes = 1;
	message.max_bytes = FETCH_BYTES;
	message.rack_id = slice_of("");
	if (fill_topics(self, link->client, &arena, &message) > 0) {
		int version = client_version(link->client, &api_fetch,
		    BROKERS_PATIENCE_MS);

		failed = version < 0 ? version : client_send(link->client,
		    &api_fetch, version < LAST_BY_NAME ? version :
		    LAST_BY_NAME, &message, &correlation);
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

/* The size of the whole batches, and the offset behind them. */
static size_t
measure(struct slice bytes, int64_t *end)
{
	const unsigned char *data = bytes.data;
	struct batch_header header;
	size_t at = 0;

	while (bytes.size - at >= BATCH_HEADER_SIZE &&
	    batch_decode_header(data + at, bytes.size - at, &header) == 0 &&
	    batch_size(&header) <= bytes.size - at) {
		at += batch_size(&header);
		*end = header.base_offset + header.last_offset_delta + 1;
	}
	return at;
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
	size_t size = measure(bytes, &end);

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

/* What was asked for before it was begun again elsewhere is passed over. */
static int
take_part(struct supply_ordered *self, struct ordered_part *part,
    const struct fetch_response_partition *answer)
{
	int code = answer->error_code;

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

static int
take_answer(struct supply_ordered *self, const struct client *client,
    const struct fetch_response *response)
{
	const struct fetch_response_topic *topics = response->responses.items;
	int failed = 0;

	if (response->error_code != 0)
		return brokers_error(response->error_code, (struct slice){0},
		    client_address(client));
	for (int32_t i = 0; i < response->responses.count; i++) {
		const struct fetch_response_partition *parts =
		    topics[i].partitions.items;

		for (int32_t k = 0; k < topics[i].partitions.count; k++) {
			struct ordered_part *part = find_part(self, client,
			    topics[i].topic, parts[k].partition_index);
			int result = part == NULL ? 0 :
			    take_part(self, part, &parts[k]);

			failed = failed < 0 ? failed : result;
		}
	}
	return failed;
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
		failed = take_answer(self, link->client, &response);
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
