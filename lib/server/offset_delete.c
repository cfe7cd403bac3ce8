/* OffsetDelete: a consumer group forgets partitions. */
#include "server/handlers.h"

#include "kafka/offsets.h"
#include "server/errand.h"
#include "server/roster_protocol.h"
#include "spool/committed.h"
#include "spool/group.h"

/* Topics that members read are not forgotten: as the loop finds them. */
static void
lay_out(struct request *request, const struct roster *roster)
{
	const struct offset_delete_request *message = request->message;
	struct offset_delete_response *answer = request->answer;
	const struct offset_delete_request_topic *topics =
	    message->topics.items;
	struct offset_delete_response_topic *answers = request_new_list(
	    request, &offset_delete_response_topic_schema, &answer->topics,
	    message->topics.count);

	for (int32_t i = 0; i < message->topics.count; i++) {
		const struct offset_delete_request_partition *wanted =
		    topics[i].partitions.items;
		struct offset_delete_response_partition *parts =
		    request_new_list(request,
		    &offset_delete_response_partition_schema,
		    &answers[i].partitions, topics[i].partitions.count);
		bool is_read = roster != NULL &&
		    is_roster_subscribed(roster, topics[i].name);

		answers[i].name = topics[i].name;
		for (int32_t k = 0; k < topics[i].partitions.count; k++) {
			parts[k].partition_index = wanted[k].partition_index;
			parts[k].error_code = is_read ?
			    ERROR_GROUP_SUBSCRIBED_TO_TOPIC : ERROR_NONE;
		}
	}
}

static enum error_code
forget_offset(struct storage *storage, const char *group, struct slice name,
    int32_t partition)
{
	struct topic *topic;
	int failed = storage_topic(storage, name, &topic);

	if (failed == 0)
		failed = committed_forget(storage_spool(storage), group, topic,
		    partition);
	return request_error(failed);
}

static enum error_code
find_group(struct storage *storage, const char *group, bool is_known)
{
	enum group_order order;
	int found = group_order_of(storage_spool(storage), group, &order);

	if (found < 0)
		return ERROR_COORDINATOR_NOT_AVAILABLE;
	if (found == 0)
		return is_known ? ERROR_NONE : ERROR_GROUP_ID_NOT_FOUND;
	return order == ORDER_PARTITION ? ERROR_NONE :
	    ERROR_GROUP_ID_NOT_FOUND;
}

/* state is not NULL if members of ours are in the group. */
static void
run_delete(struct request *request, struct storage *storage)
{
	const struct offset_delete_request *message = request->message;
	struct offset_delete_response *answer = request->answer;
	struct offset_delete_response_topic *topics = answer->topics.items;
	struct slice group = request_copy_bytes(request, message->group_id);

	answer->error_code = (int16_t)find_group(storage, group.data,
	    request->state != NULL);
	if (answer->error_code != 0)
		answer->topics.count = 0;
	for (int32_t i = 0; i < answer->topics.count; i++) {
		struct offset_delete_response_partition *parts =
		    topics[i].partitions.items;

		for (int32_t k = 0; k < topics[i].partitions.count; k++)
			if (parts[k].error_code == 0)
				parts[k].error_code = (int16_t)forget_offset(
				    storage, group.data, topics[i].name,
				    parts[k].partition_index);
	}
}

void
handle_offset_delete(struct request *request)
{
	static const struct errand delete = {.run = run_delete};
	const struct offset_delete_request *message = request->message;
	struct offset_delete_response *answer = request->answer;
	struct roster *roster = rosters_find(request->server->rosters,
	    message->group_id, false);

	if (!is_rosters_loaded(request->server->rosters))
		answer->error_code = ERROR_COORDINATOR_LOAD_IN_PROGRESS;
	else if (roster != NULL && roster->members != NULL &&
	    !is_roster_of_consumers(roster))
		answer->error_code = ERROR_NON_EMPTY_GROUP;
	if (answer->error_code != 0) {
		request_answer(request);
		return;
	}
	request->state = roster;
	lay_out(request, roster);
	errand_send(request, request->server->index, &delete);
}
