/* Telling a consumer group's coordinator how far partitions are settled. */
#include "queue/supply_ordered_internal.h"

#include "base/fail.h"
#include "kafka/error.h"
#include "kafka/offsets.h"

#include <stdio.h>
#include <string.h>

/* Kept with an offset: which messages failed, and how often. Numbers are of
 * so many digits at most. */
#define FAILURE_FORMAT "mq.failed=%lld-%lld:%d"
#define FAILURE_SCAN "mq.failed=%18lld-%18lld:%6d%n"
enum { FAILURE_MAX = 64 };

void
supply_ordered_parse_failure(struct ordered_part *part, struct slice text)
{
	char copy[FAILURE_MAX + 1] = "";
	long long first, last;
	int attempt, used = -1;

	if (text.size == 0 || text.size > FAILURE_MAX)
		return;
	memcpy(copy, text.data, text.size);
	if (sscanf(copy, FAILURE_SCAN, &first, &last, &attempt, &used) != 3 ||
	    used != (int)text.size || first < 0 || last < first ||
	    attempt < 1)
		return;
	part->failed_first = first;
	part->failed_last = last;
	part->attempt = attempt;
}

static bool
is_ahead(const struct ordered_part *part)
{
	return part->settled > part->committed || part->is_untold;
}

/* What the next one to read there is to know. */
static struct slice
describe_failure(const struct ordered_part *part, struct arena *arena)
{
	char text[80];
	char *copy;

	if (part->failed_last < part->settled)
		return slice_of("");
	snprintf(text, sizeof(text), FAILURE_FORMAT,
	    (long long)part->failed_first, (long long)part->failed_last,
	    part->attempt);
	copy = arena_take(arena, strlen(text) + 1, 1);
	strcpy(copy, text);
	return slice_of(copy);
}

static int32_t
fill_topic(const struct supply_ordered *self, size_t topic,
    struct arena *arena, struct offset_commit_request_partition *parts)
{
	int32_t count = 0;

	for (size_t i = 0; i < self->part_count; i++) {
		const struct ordered_part *part = self->parts[i];

		if (part->topic != topic || !is_ahead(part))
			continue;
		schema_preset(&offset_commit_request_partition_schema,
		    &parts[count]);
		parts[count].partition_index = part->partition;
		parts[count].committed_offset = part->settled;
		parts[count].committed_leader_epoch = -1;
		parts[count].dead = part->dead;
		parts[count++].committed_metadata =
		    describe_failure(part, arena);
	}
	return count;
}

static int32_t
fill_topics(const struct supply_ordered *self, struct arena *arena,
    struct offset_commit_request *message)
{
	struct offset_commit_request_topic *topics = schema_new_list(
	    &offset_commit_request_topic_schema, arena, &message->topics,
	    (int32_t)self->topic_count);
	int32_t used = 0;

	for (size_t i = 0; i < self->topic_count; i++) {
		struct offset_commit_request_partition *parts = arena_take(
		    arena, self->part_count + 1, sizeof(*parts));
		int32_t count = fill_topic(self, i, arena, parts);

		if (count == 0)
			continue;
		topics[used].name = slice_of(self->topics[i].name);
		topics[used++].partitions = (struct list){parts, count};
	}
	return message->topics.count = used;
}

/* The first error; all partitions go together. */
static int
code_of(const struct offset_commit_response *response)
{
	const struct offset_commit_response_topic *topics =
	    response->topics.items;

	for (int32_t i = 0; i < response->topics.count; i++) {
		const struct offset_commit_response_partition *parts =
		    topics[i].partitions.items;

		for (int32_t k = 0; k < topics[i].partitions.count; k++) {
			if (parts[k].error_code != 0)
				return parts[k].error_code;
		}
	}
	return 0;
}

static int
take_code(struct supply_ordered *self, int code)
{
	switch (code) {
	case 0:
		for (size_t i = 0; i < self->part_count; i++) {
			self->parts[i]->committed = self->parts[i]->settled;
			self->parts[i]->is_untold = false;
			self->parts[i]->dead = 0;
		}
		return 1;
	case ERROR_UNKNOWN_MEMBER_ID:
	case ERROR_FENCED_INSTANCE_ID:
		self->member[0] = '\0';
		/* fall through */
	case ERROR_ILLEGAL_GENERATION:
	case ERROR_REBALANCE_IN_PROGRESS:
		supply_ordered_drop_parts(self);
		self->state = ORDERED_APART;
		return 0;
	case ERROR_KAFKA_STORAGE_ERROR:
		/* Trying again would deliver again and again. */
		return fail(FAIL_IO, "group %s: the broker cannot store what "
		    "is settled", self->supply.group);
	default:
		return brokers_error(code, (struct slice){0},
		    self->supply.group);
	}
}

int
supply_ordered_commit(struct supply_ordered *self)
{
	struct arena arena = arena_limited(ORDERED_RESPONSE_BYTES);
	struct offset_commit_request message;
	struct offset_commit_response response;
	int result = 1;

	schema_preset(&offset_commit_request_schema, &message);
	message.group_id = slice_of(self->supply.group);
	message.generation_id_or_member_epoch = self->generation;
	message.member_id = slice_of(self->member);
	message.retention_time_ms = -1;
	if (fill_topics(self, &arena, &message) > 0) {
		result = supply_ordered_call(self, &api_offset_commit,
		    &message, &arena, &response);
		/* The heartbeat's answer may have come in between. */
		if (result == 0)
			result = self->state != ORDERED_STABLE ? 0 :
			    take_code(self, code_of(&response));
	}
	arena_release(&arena);
	return result;
}
