/* Moving groups of brokers. */
#include "queue/keeper_remote.h"

#include "kafka/offsets.h"
#include "kafka/share_offsets.h"
#include "queue/remote_offsets.h"

#include <stdlib.h>

/* The places of one topic, from index first on. */
static size_t
count_of_topic(const struct remote_change *change, size_t first)
{
	size_t end = first;

	while (end < change->count &&
	    change->places[end].log == change->places[first].log)
		end++;
	return end - first;
}

/* Where there is no message of that time or later, the end. */
static int
find_times(const struct remote_change *change, size_t first, int64_t wall_ms)
{
	const struct remote_log *log = change->places[first].log;
	int64_t *found = memory_alloc((size_t)log->topic.partitions *
	    sizeof *found);
	size_t count = count_of_topic(change, first);
	int failed = remote_offsets_at(change->remote->brokers, &log->topic,
	    wall_ms, found);

	for (size_t i = first; failed == 0 && i < first + count; i++) {
		int64_t offset = found[change->places[i].partition];

		change->targets[i] = offset < 0 ? INT64_MAX : offset;
	}
	free(found);
	return failed;
}

static void
find_target(const struct remote_place *place, const struct keeper_reset *reset,
    int64_t *target)
{
	int64_t low = place->log->starts[place->partition];
	int64_t high = place->log->ends[place->partition];

	if (reset->kind == RESET_START)
		*target = low;
	else if (reset->kind == RESET_END)
		*target = high;
	else if (reset->kind == RESET_OFFSET)
		*target = reset->value;
	else if (reset->kind == RESET_SHIFT &&
	    __builtin_add_overflow(place->start, reset->value, target))
		*target = reset->value < 0 ? low : high;
	if (*target < low)
		*target = low;
	if (*target > high)
		*target = high;
}

static int
find_targets(const struct remote_change *change, const struct keeper_reset *reset)
{
	int failed = 0;

	for (size_t i = 0; failed == 0 && i < change->count; i++) {
		if (reset->kind == RESET_TIME && (i == 0 ||
		    change->places[i].log != change->places[i - 1].log))
			failed = find_times(change, i, reset->value);
		if (failed == 0)
			find_target(&change->places[i], reset,
			    &change->targets[i]);
	}
	return failed;
}

static int
check_commits(const struct remote_change *change,
    const struct offset_commit_response *response)
{
	const struct offset_commit_response_topic *topics =
	    response->topics.items;

	for (int32_t i = 0; i < response->topics.count; i++) {
		const struct offset_commit_response_partition *parts =
		    topics[i].partitions.items;

		for (int32_t k = 0; k < topics[i].partitions.count; k++)
			if (parts[k].error_code != 0)
				return brokers_judge(parts[k].error_code,
				    (struct slice){0}, change->group->name);
	}
	return 0;
}

/* A commit of nobody, as only an empty group takes one. */
static int
commit(struct client *coordinator, void *context)
{
	const struct remote_change *change = context;
	struct arena arena = arena_limited(KEEPER_RESPONSE_BYTES);
	struct offset_commit_request message;
	struct offset_commit_request_topic *topic;
	struct offset_commit_request_partition *parts;
	struct offset_commit_response response;
	int failed;

	schema_preset(&offset_commit_request_schema, &message);
	message.group_id = slice_of(change->group->name);
	message.generation_id_or_member_epoch = -1;
	topic = schema_new_list(&offset_commit_request_topic_schema, &arena,
	    &message.topics, (int32_t)change->count);
	message.topics.count = 0;
	for (size_t i = 0, count; i < change->count; i += count, topic++) {
		count = count_of_topic(change, i);
		message.topics.count++;
		topic->name = slice_of(change->places[i].log->topic.name);
		parts = schema_new_list(
		    &offset_commit_request_partition_schema, &arena,
		    &topic->partitions, (int32_t)count);
		for (size_t k = 0; k < count; k++) {
			parts[k].partition_index =
			    change->places[i + k].partition;
			parts[k].committed_offset = change->targets[i + k];
			parts[k].committed_metadata = slice_of("");
		}
	}
	failed = client_call(coordinator, &api_offset_commit,
	    &message, &arena, &response, BROKERS_PATIENCE_MS);
	if (failed == 0)
		failed = check_commits(change, &response);
	arena_release(&arena);
	return failed;
}

static int
check_alter(const struct remote_change *change,
    const struct alter_share_offsets_response *response)
{
	const struct alter_share_offsets_response_topic *topics =
	    response->responses.items;

	if (response->error_code != 0)
		return brokers_judge(response->error_code,
		    response->error_message, change->group->name);
	for (int32_t i = 0; i < response->responses.count; i++) {
		const struct alter_share_offsets_response_partition *parts =
		    topics[i].partitions.items;

		for (int32_t k = 0; k < topics[i].partitions.count; k++)
			if (parts[k].error_code != 0)
				return brokers_judge(parts[k].error_code,
				    parts[k].error_message,
				    change->group->name);
	}
	return 0;
}

static int
alter_shared(struct client *coordinator, void *context)
{
	const struct remote_change *change = context;
	struct arena arena = arena_limited(KEEPER_RESPONSE_BYTES);
	struct alter_share_offsets_request message;
	struct alter_share_offsets_request_topic *topic;
	struct alter_share_offsets_request_partition *parts;
	struct alter_share_offsets_response response;
	int failed;

	schema_preset(&alter_share_offsets_request_schema, &message);
	message.group_id = slice_of(change->group->name);
	topic = schema_new_list(&alter_share_offsets_request_topic_schema,
	    &arena, &message.topics, (int32_t)change->count);
	message.topics.count = 0;
	for (size_t i = 0, count; i < change->count; i += count, topic++) {
		count = count_of_topic(change, i);
		message.topics.count++;
		topic->topic_name = slice_of(change->places[i].log->topic.name);
		parts = schema_new_list(
		    &alter_share_offsets_request_partition_schema, &arena,
		    &topic->partitions, (int32_t)count);
		for (size_t k = 0; k < count; k++) {
			parts[k].partition_index =
			    change->places[i + k].partition;
			parts[k].start_offset = change->targets[i + k];
		}
	}
	failed = client_call(coordinator, &api_alter_share_offsets,
	    &message, &arena, &response, BROKERS_PATIENCE_MS);
	if (failed == 0)
		failed = check_alter(change, &response);
	arena_release(&arena);
	return failed;
}

int
keeper_remote_reset(struct keeper *keeper, const struct keeper_reset *reset,
    void (*each)(const struct reset_change *change, void *context),
    void *context)
{
	struct remote_change change;
	int result = keeper_remote_change(&change, keeper, reset->group,
	    reset->topic);

	if (result == 0 && change.count == 0)
		result = keeper_remote_missing(reset->group, NULL);
	if (result == 0)
		result = find_targets(&change, reset);
	if (result == 0 && !reset->is_dry_run)
		result = keeper_remote_make(&change, change.group->is_shared ?
		    alter_shared : commit);
	for (size_t i = 0; result == 0 && i < change.count; i++) {
		struct reset_change done = {
		    change.places[i].log->topic.name,
		    change.places[i].partition, change.places[i].start,
		    change.targets[i]};

		each(&done, context);
	}
	free(change.targets);
	return result;
}
