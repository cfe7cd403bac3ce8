/* AlterShareGroupOffsets, DeleteShareGroupOffsets: moving share groups, and
 * having them forget topics, while nobody is in them. */
#include "server/handlers.h"

#include "base/fail.h"
#include "kafka/share_offsets.h"
#include "server/errand.h"
#include "server/share_groups.h"
#include "spool/group.h"
#include "spool/state.h"

/* Of a group: that somebody is in it, or that there is none. */
static enum error_code
check_group(const struct request *request, struct slice id)
{
	return id.size == 0 ? ERROR_INVALID_GROUP_ID :
	    share_group_find(request->server, id) != NULL ?
	    ERROR_NON_EMPTY_GROUP : ERROR_NONE;
}

struct found {
	bool is_there;
	bool is_shared;
};

static int
note_order(const struct group_state *state, void *context)
{
	struct found *found = context;

	*found = (struct found){true, state->order != ORDER_PARTITION};
	return 1;
}

static enum error_code
find_group(struct storage *storage, const char *group, bool may_make)
{
	struct found found = {false, false};
	int failed = state_list(storage_spool(storage), group, NULL,
	    note_order, &found);

	if (failed < 0 && failed != -FAIL_MISSING)
		return ERROR_COORDINATOR_NOT_AVAILABLE;
	return found.is_shared || (may_make && !found.is_there) ?
	    ERROR_NONE : ERROR_GROUP_ID_NOT_FOUND;
}

/* Who moves a group before its first member comes makes it. */
static int
make_group(struct storage *storage, const char *name, struct slice topic_name)
{
	const struct group_options options = {.order = ORDER_NONE};
	struct group *group;
	struct topic *topic;
	int failed = storage_topic(storage, topic_name, &topic);

	if (failed == 0)
		failed = group_join(&group, storage_spool(storage), name,
		    &topic, 1, &options);
	if (failed == 0)
		group_leave(group);
	return failed;
}

static int
move(struct storage *storage, const char *group, struct slice topic,
    const struct alter_share_offsets_request_partition *part)
{
	struct spool *spool = storage_spool(storage);
	int failed = state_move(spool, group, topic.data,
	    part->partition_index, part->start_offset);

	if (failed != -FAIL_MISSING)
		return failed;
	failed = make_group(storage, group, topic);
	return failed < 0 ? failed : state_move(spool, group, topic.data,
	    part->partition_index, part->start_offset);
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
		int failed = move(storage, group.data, topic, &parts[i]);

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

	answer->error_code = (int16_t)find_group(storage, group.data, true);
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

	answer->error_code = (int16_t)find_group(storage, group.data, false);
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
