/* Deleting groups of brokers, or what they have of a topic. */
#include "queue/keeper_remote.h"

#include "kafka/groups.h"
#include "kafka/offsets.h"
#include "kafka/share_offsets.h"

#include <stdlib.h>

static int
delete_whole(struct client *coordinator, void *context)
{
	const struct remote_change *change = context;
	struct arena arena = arena_limited(KEEPER_RESPONSE_BYTES);
	struct delete_groups_request message;
	struct delete_groups_response response;
	const struct delete_groups_response_result *answer;
	struct slice name = slice_of(change->group->name);
	int failed;

	schema_preset(&delete_groups_request_schema, &message);
	message.groups_names = (struct list){&name, 1};
	failed = client_call(coordinator, &api_delete_groups,
	    &message, &arena, &response, BROKERS_PATIENCE_MS);
	answer = failed == 0 ? response.results.items : NULL;
	if (failed == 0 && response.results.count == 1 &&
	    answer->error_code != 0)
		failed = brokers_judge(answer->error_code, (struct slice){0},
		    change->group->name);
	arena_release(&arena);
	return failed;
}

static int
check_forgotten(const struct remote_change *change,
    const struct offset_delete_response *response)
{
	const struct offset_delete_response_topic *topic =
	    response->topics.items;
	int code = response->error_code;

	for (int32_t i = 0; code == 0 && response->topics.count > 0 &&
	    i < topic->partitions.count; i++)
		code = ((const struct offset_delete_response_partition *)
		    topic->partitions.items)[i].error_code;
	return brokers_judge(code, (struct slice){0},
	    change->group->name);
}

/* The places are those of one topic. */
static int
forget_commits(struct client *coordinator, void *context)
{
	const struct remote_change *change = context;
	struct arena arena = arena_limited(KEEPER_RESPONSE_BYTES);
	struct offset_delete_request message;
	struct offset_delete_request_topic topic;
	struct offset_delete_request_partition *parts;
	struct offset_delete_response response;
	int failed;

	schema_preset(&offset_delete_request_schema, &message);
	schema_preset(&offset_delete_request_topic_schema, &topic);
	message.group_id = slice_of(change->group->name);
	message.topics = (struct list){&topic, 1};
	topic.name = slice_of(change->places->log->topic.name);
	parts = schema_new_list(&offset_delete_request_partition_schema,
	    &arena, &topic.partitions, (int32_t)change->count);
	for (size_t i = 0; i < change->count; i++)
		parts[i].partition_index = change->places[i].partition;
	failed = client_call(coordinator, &api_offset_delete,
	    &message, &arena, &response, BROKERS_PATIENCE_MS);
	if (failed == 0)
		failed = check_forgotten(change, &response);
	arena_release(&arena);
	return failed;
}

static int
forget_shared(struct client *coordinator, void *context)
{
	const struct remote_change *change = context;
	struct arena arena = arena_limited(KEEPER_RESPONSE_BYTES);
	struct delete_share_offsets_request message;
	struct delete_share_offsets_request_topic topic;
	struct delete_share_offsets_response response;
	const struct delete_share_offsets_response_topic *answer;
	int failed;

	schema_preset(&delete_share_offsets_request_schema, &message);
	message.group_id = slice_of(change->group->name);
	message.topics = (struct list){&topic, 1};
	topic.topic_name = slice_of(change->places->log->topic.name);
	failed = client_call(coordinator, &api_delete_share_offsets,
	    &message, &arena, &response, BROKERS_PATIENCE_MS);
	answer = failed == 0 ? response.responses.items : NULL;
	if (failed == 0 && response.error_code != 0)
		failed = brokers_judge(response.error_code,
		    response.error_message, change->group->name);
	else if (failed == 0 && response.responses.count == 1 &&
	    answer->error_code != 0)
		failed = brokers_judge(answer->error_code,
		    answer->error_message, change->group->name);
	arena_release(&arena);
	return failed;
}

int
keeper_remote_delete(struct keeper *keeper, const char *group,
    const char *topic, bool is_dry_run)
{
	struct remote_change change;
	int result = keeper_remote_change(&change, keeper, group, topic);

	if (result == 0 && !is_dry_run)
		result = keeper_remote_make(&change, topic == NULL ?
		    delete_whole : change.group->is_shared ? forget_shared :
		    forget_commits);
	free(change.targets);
	return result;
}
