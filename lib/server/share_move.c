/* AlterShareGroupOffsets, DeleteShareGroupOffsets: moving share groups, and
 * having them forget topics, while nobody is in them. */
#include "server/handlers.h"

#include "base/fail.h"
#include "kafka/share_offsets.h"
#include "server/errand.h"
#include "server/share_groups.h"
#include "spool/state.h"

/* Of a group: that somebody is in it, or that there is none. */
static enum error_code
check_group(const struct request *request, struct slice id)
{
	return id.size == 0 ? ERROR_INVALID_GROUP_ID :
	    share_group_find(request->server, id) != NULL ?
	    ERROR_NON_EMPTY_GROUP : ERROR_NONE;
}

static int
note_order(const struct group_state *state, void *context)
{
	bool *is_shared = context;

	*is_shared = state->order != ORDER_PARTITION;
	return 1;
}

static enum error_code
find_group(struct storage *storage, const char *group)
{
	bool is_shared = false;
	int failed = state_list(storage_spool(storage), group, NULL,
	    note_order, &is_shared);

	if (failed < 0)
		return ERROR_COORDINATOR_NOT_AVAILABLE;
	return is_shared ? ERROR_NONE : ERROR_GROUP_ID_NOT_FOUND;
}

static enum error_code
code_of(int failed)
{
	return failed == -FAIL_AGAIN ? ERROR_NON_EMPTY_GROUP :
	    request_error(failed);
}

static void
alter_topic(struct request *request, struct storage *storage,
    const struct alter_share_offsets_request_topic *wanted,
    struct alter_share_offsets_response_topic *answer)
{
	const struct alter_share_offsets_request *message = request->message;
	const struct alter_share_offsets_request_partition *parts =
	    wanted->partitions.items;
	struct slice group = request_copy_bytes(request, message->group_id);
	struct slice topic = request_copy_bytes(request, wanted->topic_name);
	struct alter_share_offsets_response_partition *answers =
	    request_new_list(request,
	    &alter_share_offsets_response_partition_schema,
	    &answer->partitions, wanted->partitions.count);

	answer->topic_name = wanted->topic_name;
	storage_topic_id(storage, wanted->topic_name, answer->topic_id);
	for (int32_t i = 0; i < wanted->partitions.count; i++) {
		int failed = state_move(storage_spool(storage), group.data,
		    topic.data, parts[i].partition_index,
		    parts[i].start_offset);

		answers[i].partition_index = parts[i].partition_index;
		answers[i].error_code = (int16_t)code_of(failed);
		if (failed < 0)
			answers[i].error_message = request_copy(request,
			    fail_message());
	}
}

static void
run_alter(struct request *request, struct storage *storage)
{
	const struct alter_share_offsets_request *message = request->message;
	struct alter_share_offsets_response *answer = request->answer;
	const struct alter_share_offsets_request_topic *topics =
	    message->topics.items;
	struct alter_share_offsets_response_topic *answers;
	struct slice group = request_copy_bytes(request, message->group_id);

	answer->error_code = (int16_t)find_group(storage, group.data);
	if (answer->error_code != 0)
		return;
	answers = request_new_list(request,
	    &alter_share_offsets_response_topic_schema, &answer->responses,
	    message->topics.count);
	for (int32_t i = 0; i < message->topics.count; i++)
		alter_topic(request, storage, &topics[i], &answers[i]);
}

void
handle_alter_share_offsets(struct request *request)
{
	static const struct errand alter = {.run = run_alter};
	const struct alter_share_offsets_request *message = request->message;
	struct alter_share_offsets_response *answer = request->answer;

	answer->error_code = (int16_t)check_group(request, message->group_id);
	if (answer->error_code != 0)
		request_answer(request);
	else
		errand_send(request, request->server->index, &alter);
}

static void
run_delete(struct request *request, struct storage *storage)
{
	const struct delete_share_offsets_request *message = request->message;
	struct delete_share_offsets_response *answer = request->answer;
	const struct delete_share_offsets_request_topic *topics =
	    message->topics.items;
	struct delete_share_offsets_response_topic *answers;
	struct slice group = request_copy_bytes(request, message->group_id);

	answer->error_code = (int16_t)find_group(storage, group.data);
	if (answer->error_code != 0)
		return;
	answers = request_new_list(request,
	    &delete_share_offsets_response_topic_schema, &answer->responses,
	    message->topics.count);
	for (int32_t i = 0; i < message->topics.count; i++) {
		struct slice topic = request_copy_bytes(request,
		    topics[i].topic_name);

		answers[i].topic_name = topics[i].topic_name;
		storage_topic_id(storage, topics[i].topic_name,
		    answers[i].topic_id);
		answers[i].error_code = (int16_t)code_of(state_delete_group(
		    storage_spool(storage), group.data, topic.data, false));
	}
}

void
handle_delete_share_offsets(struct request *request)
{
	static const struct errand delete = {.run = run_delete};
	const struct delete_share_offsets_request *message = request->message;
	struct delete_share_offsets_response *answer = request->answer;

	answer->error_code = (int16_t)check_group(request, message->group_id);
	if (answer->error_code != 0)
		request_answer(request);
	else
		errand_send(request, request->server->index, &delete);
}
