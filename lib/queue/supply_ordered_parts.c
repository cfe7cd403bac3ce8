/* Partitions of a consumer group: shared out, taken, committed. */
#include "queue/supply_ordered_internal.h"

#include "base/clock.h"
#include "base/fail.h"
#include "kafka/membership.h"
#include "kafka/offsets.h"
#include "queue/assignment.h"
#include "queue/remote_offsets.h"

#include <stdlib.h>

/* From version 8 on there are several groups in a request. */
enum { LAST_ONE_GROUP_VERSION = 7 };

bool
is_supply_ordered_out(const struct supply_ordered *self)
{
	for (size_t i = 0; i < self->part_count; i++) {
		if (self->parts[i]->left > 0)
			return true;
	}
	return false;
}

void
supply_ordered_drop_parts(struct supply_ordered *self)
{
	for (size_t i = 0; i < self->part_count; i++) {
		cargo_release(&self->parts[i]->cargo);
		free(self->parts[i]);
	}
	free(self->parts);
	self->parts = NULL;
	self->part_count = 0;
	self->read = NULL;
	self->lost_serial = self->serial;
}

int
supply_ordered_look(struct supply_ordered *self)
{
	int has_grown = supply_ordered_drain(self);

	self->looked_ms = clock_boot_ms();
	if (has_grown < 0)
		return has_grown;
	for (size_t i = 0; i < self->topic_count; i++) {
		struct remote_topic *old = &self->topics[i], said;
		int failed = brokers_find(self->brokers, old->name, 0, &said);

		if (failed == -FAIL_MISSING)
			return fail(FAIL_MISSING, "topic %s: was deleted",
			    old->name);
		if (failed < 0)
			return failed;
		has_grown |= said.partitions > old->partitions;
		remote_topic_release(old);
		*old = said;
	}
	return has_grown;
}

/* Each topic once, of all that members subscribe to. */
static bool
is_new(const struct buf *topics, struct slice topic)
{
	const struct slice *known = (const struct slice *)(const void *)
	    topics->data;

	for (size_t i = 0; i < topics->size / sizeof(*known); i++) {
		if (slice_equal(known[i], topic))
			return false;
	}
	return true;
}

static int
collect_topics(const struct assignee *assignees, size_t count,
    struct buf *topics)
{
	int result = 0;

	for (size_t i = 0; result >= 0 && i < count; i++) {
		struct assignment names;
		struct slice topic;

		assignment_open(&names, assignees[i].subscription);
		while ((result = subscription_next(&names, &topic)) == 1) {
			if (is_new(topics, topic))
				buf_append(topics, &topic, sizeof(topic));
		}
	}
	return result;
}

/* A topic that is not there has no partitions. */
static int
share_topic(struct supply_ordered *self, struct assignee *assignees,
    size_t count, struct slice topic)
{
	struct remote_topic said;
	struct buf name = {0};
	int failed;

	buf_append_slice(&name, topic);
	failed = brokers_find(self->brokers, buf_text(&name), 0, &said);
	buf_release(&name);
	if (failed == -FAIL_MISSING)
		return 0;
	if (failed == 0)
		assignment_share(assignees, count, topic, said.partitions);
	remote_topic_release(&said);
	return failed;
}

int
supply_ordered_assign(struct supply_ordered *self,
    const struct join_group_response *response, struct arena *arena,
    struct list *assignments, struct buf *bytes)
{
	const struct join_group_response_member *members =
	    response->members.items;
	size_t count = response->members.count < 0 ? 0 :
	    (size_t)response->members.count;
	struct assignee *assignees = arena_take(arena, count + 1,
	    sizeof(*assignees));
	struct sync_group_request_assignment *items = schema_new_list(
	    &sync_group_request_assignment_schema, arena, assignments,
	    (int32_t)count);
	struct buf topics = {0}, ends = {0};
	int failed;

	for (size_t i = 0; i < count; i++) {
		assignees[i].id = members[i].member_id;
		assignees[i].subscription = members[i].metadata;
	}
	failed = supply_ordered_drain(self);
	if (failed == 0)
		failed = collect_topics(assignees, count, &topics);
	for (size_t i = 0; failed >= 0 && i < topics.size /
	    sizeof(struct slice); i++)
		failed = share_topic(self, assignees, count,
		    ((const struct slice *)(const void *)topics.data)[i]);
	for (size_t i = 0; i < count; i++) {
		assignment_append(bytes, &assignees[i]);
		buf_append(&ends, &bytes->size, sizeof(bytes->size));
		buf_release(&assignees[i].places);
	}
	for (size_t i = 0, begin = 0; i < count; i++) {
		size_t end = ((const size_t *)(const void *)ends.data)[i];

		items[i].member_id = assignees[i].id;
		items[i].assignment = (struct slice){bytes->data + begin,
		    end - begin};
		begin = end;
	}
	buf_release(&topics);
	buf_release(&ends);
	return failed < 0 ? failed : 0;
}

static int
find_topic(const struct supply_ordered *self, struct slice name)
{
	for (size_t i = 0; i < self->topic_count; i++) {
		if (slice_equal(slice_of(self->topics[i].name), name))
			return (int)i;
	}
	return -1;
}

static void
add_part(struct supply_ordered *self, size_t topic, int partition)
{
	struct ordered_part *part = memory_alloc(sizeof(*part));

	part->topic = topic;
	part->partition = partition;
	part->settled = part->committed = -1;
	part->redo = INT64_MAX;
	part->failed_first = part->failed_last = -1;
	self->parts = memory_resize(self->parts, (self->part_count + 1) *
	    sizeof(*self->parts));
	self->parts[self->part_count++] = part;
}

static int
add_parts(struct supply_ordered *self, struct slice bytes)
{
	struct assignment names;
	struct slice topic;
	int32_t count;
	int result;

	assignment_open(&names, bytes);
	while ((result = assignment_next(&names, &topic, &count)) == 1) {
		int at = find_topic(self, topic);

		for (int32_t i = 0; i < count; i++) {
			int partition = (int)cursor_be32(&names.input);

			if (at >= 0 && (self->options.partition < 0 ||
			    self->options.partition == partition))
				add_part(self, (size_t)at, partition);
		}
	}
	return result;
}

static void
take_offset(struct supply_ordered *self, size_t topic,
    const struct offset_fetch_response_partition *answer)
{
	for (size_t i = 0; i < self->part_count; i++) {
		struct ordered_part *part = self->parts[i];

		if (part->topic != topic ||
		    part->partition != answer->partition_index)
			continue;
		part->settled = part->committed = answer->committed_offset;
		supply_ordered_parse_failure(part, answer->metadata);
	}
}

static int
take_offsets(struct supply_ordered *self,
    const struct offset_fetch_response *response)
{
	const struct offset_fetch_response_topic *topics =
	    response->topics.items;
	int code = response->error_code;

	for (int32_t i = 0; code == 0 && i < response->topics.count; i++) {
		const struct offset_fetch_response_partition *parts =
		    topics[i].partitions.items;
		int topic = find_topic(self, topics[i].name);

		for (int32_t k = 0; topic >= 0 && code == 0 &&
		    k < topics[i].partitions.count; k++) {
			code = parts[k].error_code;
			take_offset(self, (size_t)topic, &parts[k]);
		}
	}
	return code == 0 ? 0 : brokers_error(code, (struct slice){0},
	    self->supply.group);
}

/* Of all topics: what is not ours is passed over. */
static int
ask_offsets(struct supply_ordered *self)
{
	struct arena arena = arena_limited(ORDERED_RESPONSE_BYTES);
	struct offset_fetch_request message;
	struct offset_fetch_request_topic *topics;
	struct offset_fetch_response response;
	int32_t correlation;
	int version = client_version(self->coordinator, &api_offset_fetch,
	    BROKERS_PATIENCE_MS);
	int failed = version < 0 ? version : 0;

	schema_preset(&offset_fetch_request_schema, &message);
	message.group_id = slice_of(self->supply.group);
	topics = schema_new_list(&offset_fetch_request_topic_schema, &arena,
	    &message.topics, (int32_t)self->topic_count);
	for (size_t i = 0; i < self->topic_count; i++) {
		int32_t *numbers = schema_new_list(&schema_int32, &arena,
		    &topics[i].partition_indexes, (int32_t)self->part_count);
		int32_t used = 0;

		for (size_t k = 0; k < self->part_count; k++) {
			if (self->parts[k]->topic == i)
				numbers[used++] = self->parts[k]->partition;
		}
		topics[i].name = slice_of(self->topics[i].name);
		topics[i].partition_indexes.count = used;
	}
	if (failed == 0)
		failed = client_send(self->coordinator, &api_offset_fetch,
		    version < LAST_ONE_GROUP_VERSION ? version :
		    LAST_ONE_GROUP_VERSION, &message, &correlation);
	if (failed == 0)
		failed = client_receive(self->coordinator, &arena, &response,
		    &correlation, BROKERS_PATIENCE_MS);
	if (failed == 0)
		failed = take_offsets(self, &response);
	arena_release(&arena);
	return failed;
}

/* Where the group has never been. */
static int
find_starts(struct supply_ordered *self, size_t topic)
{
	static const struct bound beginning = {.kind = BOUND_START};
	const struct remote_topic *said = &self->topics[topic];
	int64_t *offsets = NULL;
	int failed = 0;

	for (size_t i = 0; failed == 0 && i < self->part_count; i++) {
		struct ordered_part *part = self->parts[i];

		if (part->topic != topic || part->settled >= 0 ||
		    part->partition >= said->partitions)
			continue;
		if (offsets == NULL) {
			offsets = memory_alloc((size_t)said->partitions *
			    sizeof(*offsets));
			failed = remote_resolve(self->brokers, said,
			    self->options.start != NULL ?
			    self->options.start : &beginning, offsets);
		}
		part->settled = part->committed = offsets[part->partition];
	}
	free(offsets);
	return failed;
}

int
supply_ordered_take_parts(struct supply_ordered *self, struct slice assignment)
{
	int failed;

	supply_ordered_drop_parts(self);
	failed = supply_ordered_drain(self);
	if (failed == 0)
		failed = add_parts(self, assignment);
	if (failed == 0 && self->part_count > 0)
		failed = ask_offsets(self);
	for (size_t i = 0; failed == 0 && i < self->topic_count; i++)
		failed = find_starts(self, i);
	if (failed == 0 && self->part_count > 0)
		failed = supply_ordered_read_settings(self);
	for (size_t i = 0; i < self->part_count; i++)
		self->parts[i]->position = self->parts[i]->settled;
	return failed;
}
