/* ShareGroupDescribe: what members of share groups have. */
#include "server/handlers.h"

#include "kafka/share.h"
#include "server/share_groups.h"

#include <string.h>

static void
describe_member(struct request *request, const struct share_member *member,
    struct share_describe_response_member *answer)
{
	struct share_describe_response_assigned *assigned;
	struct list plain = {NULL, 0};
	const struct share_heartbeat_response_assigned *items;
	struct slice *names = request_new_list(request, &schema_string,
	    &answer->subscribed_topic_names, member->topic_count);

	answer->member_id = request_copy(request, member->id);
	if (member->rack != NULL)
		answer->rack_id = request_copy(request, member->rack);
	answer->member_epoch = member->epoch;
	answer->client_id = request_copy(request, member->client_id);
	answer->client_host = request_copy(request, member->client_host);
	for (int32_t i = 0; i < member->topic_count; i++)
		names[i] = request_copy(request, member->topics[i]);
	share_member_partitions(request, member, &plain);
	items = plain.items;
	assigned = request_new_list(request,
	    &share_describe_response_assigned_schema,
	    &answer->assignment.topic_partitions, plain.count);
	for (int32_t i = 0; i < plain.count; i++) {
		struct topic *topic;

		memcpy(assigned[i].topic_id, items[i].topic_id, 16);
		assigned[i].partitions = items[i].partitions;
		if (storage_topic_by_id(request->server->storage,
		    items[i].topic_id, &topic) == 0)
			assigned[i].topic_name = request_copy(request,
			    topic_name(topic));
	}
}

static void
describe_group(struct request *request, struct slice id,
    struct share_describe_response_group *answer)
{
	const struct share_group *group = share_group_find(request->server, id);
	struct share_describe_response_member *members;
	int32_t i = 0;

	answer->group_id = id;
	if (is_request_large(request)) {
		answer->error_code = ERROR_COORDINATOR_NOT_AVAILABLE;
		return;
	}
	if (group == NULL) {
		answer->error_code = ERROR_GROUP_ID_NOT_FOUND;
		answer->error_message = slice_of("there is no such group");
		answer->group_state = slice_of("Dead");
		return;
	}
	answer->group_state = slice_of(group->count > 0 ? "Stable" : "Empty");
	answer->group_epoch = group->epoch;
	answer->assignment_epoch = group->epoch;
	answer->assignor_name = slice_of("simple");
	members = request_new_list(request,
	    &share_describe_response_member_schema, &answer->members,
	    group->count);
	for (const struct share_member *member = group->members;
	    member != NULL; member = member->next)
		describe_member(request, member, &members[i++]);
}

void
handle_share_describe(struct request *request)
{
	const struct share_describe_request *message = request->message;
	struct share_describe_response *answer = request->answer;
	const struct slice *ids = message->group_ids.items;
	struct share_describe_response_group *groups = request_new_list(
	    request, &share_describe_response_group_schema, &answer->groups,
	    message->group_ids.count);

	for (int32_t i = 0; i < message->group_ids.count; i++)
		describe_group(request, ids[i], &groups[i]);
	request_answer(request);
}
