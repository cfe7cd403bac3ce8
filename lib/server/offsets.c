/* OffsetCommit and OffsetFetch: how far a consumer group is. */
#include "server/handlers.h"

#include "base/fail.h"
#include "kafka/offsets.h"
#include "server/errand.h"
#include "server/group_counts.h"
#include "server/roster.h"
#include "server/share_groups.h"
#include "spool/committed.h"

#include <stdlib.h>
#include <string.h>

enum { METADATA_MAX = 4096 };

static void
free_rows(struct committed *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		buf_release(&rows[i].metadata);
	free(rows);
}

static enum error_code
check_partition(struct storage *storage, struct slice name, int32_t number,
    struct topic **topic)
{
	int failed = storage_topic(storage, name, topic);

	if (failed == 0 &&
	    (number < 0 || number >= topic_partition_count(*topic)))
		return ERROR_UNKNOWN_TOPIC_OR_PARTITION;
	return request_error(failed);
}

static size_t
count_commits(const struct offset_commit_request *message)
{
	const struct offset_commit_request_topic *topics =
	    message->topics.items;
	size_t count = 0;

	for (int32_t i = 0; i < message->topics.count; i++)
		count += (size_t)topics[i].partitions.count;
	return count;
}

/* A row for what can be committed, else the code in the answer. */
static void
take_commit(struct storage *storage, struct slice name,
    const struct offset_commit_request_partition *wanted,
    struct offset_commit_response_partition *answer, struct committed *rows,
    size_t *count)
{
	struct committed *row = &rows[*count];

	answer->error_code = (int16_t)check_partition(storage, name,
	    wanted->partition_index, &row->topic);
	if (wanted->committed_metadata.size > METADATA_MAX)
		answer->error_code = ERROR_OFFSET_METADATA_TOO_LARGE;
	else if (wanted->committed_offset < 0)
		answer->error_code = ERROR_OFFSET_OUT_OF_RANGE;
	if (answer->error_code != 0)
		return;
	row->partition = wanted->partition_index;
	row->offset = wanted->committed_offset;
	row->leader_epoch = wanted->committed_leader_epoch;
	if (wanted->dead > 0 && wanted->dead <= row->offset)
		row->dead = wanted->dead;
	buf_append_slice(&row->metadata, wanted->committed_metadata);
	(*count)++;
}

static void
set_commit_errors(struct request *request, enum error_code code)
{
	struct offset_commit_response *answer = request->answer;
	struct offset_commit_response_topic *topics = answer->topics.items;

	for (int32_t i = 0; i < answer->topics.count; i++) {
		struct offset_commit_response_partition *parts =
		    topics[i].partitions.items;

		for (int32_t k = 0; k < topics[i].partitions.count; k++)
			if (parts[k].error_code == 0)
				parts[k].error_code = (int16_t)code;
	}
}

static enum error_code
group_error(int failed)
{
	switch (-failed) {
	case FAIL_USAGE:
		return ERROR_GROUP_ID_NOT_FOUND;
	default:
		/* Clients try it again. */
		return failed < 0 ? ERROR_COORDINATOR_NOT_AVAILABLE :
		    ERROR_NONE;
	}
}

static void
run_commit(struct request *request, struct storage *storage)
{
	const struct offset_commit_request *message = request->message;
	struct offset_commit_response *answer = request->answer;
	const struct offset_commit_request_topic *topics =
	    message->topics.items;
	struct offset_commit_response_topic *answers = answer->topics.items;
	size_t count = 0, room = count_commits(message);
	struct committed *rows = memory_alloc((room + 1) * sizeof *rows);
	char *group = slice_copy(message->group_id);

	for (int32_t i = 0; i < message->topics.count; i++) {
		const struct offset_commit_request_partition *wanted =
		    topics[i].partitions.items;
		struct offset_commit_response_partition *parts =
		    answers[i].partitions.items;

		for (int32_t k = 0; k < topics[i].partitions.count; k++)
			take_commit(storage, topics[i].name, &wanted[k],
			    &parts[k], rows, &count);
	}
	if (count > 0)
		set_commit_errors(request, group_error(committed_store(
		    storage_spool(storage), group, rows, count)));
	free_rows(rows, room);
	free(group);
}

static void
finish_commit(struct request *request, struct storage *storage)
{
	set_commit_errors(request,
	    group_error(committed_durable(storage_spool(storage))));
}

static void
lay_out_commit(struct request *request)
{
	const struct offset_commit_request *message = request->message;
	struct offset_commit_response *answer = request->answer;
	const struct offset_commit_request_topic *topics =
	    message->topics.items;
	struct offset_commit_response_topic *answers = request_new_list(
	    request, &offset_commit_response_topic_schema, &answer->topics,
	    message->topics.count);

	for (int32_t i = 0; i < message->topics.count; i++) {
		const struct offset_commit_request_partition *wanted =
		    topics[i].partitions.items;
		struct offset_commit_response_partition *parts =
		    request_new_list(request,
		    &offset_commit_response_partition_schema,
		    &answers[i].partitions, topics[i].partitions.count);

		answers[i].name = topics[i].name;
		for (int32_t k = 0; k < topics[i].partitions.count; k++)
			parts[k].partition_index = wanted[k].partition_index;
	}
}

/* Who may commit: a member of this generation, or anybody while there is no
 * member. */
static enum error_code
check_commit(const struct request *request)
{
	const struct offset_commit_request *message = request->message;
	struct rosters *rosters = request->server->rosters;
	struct roster *roster;
	struct roster_member *member;
	enum error_code code;

	if (!is_rosters_loaded(rosters))
		return ERROR_COORDINATOR_LOAD_IN_PROGRESS;
	if (share_group_find(request->server, message->group_id) != NULL)
		return ERROR_GROUP_ID_NOT_FOUND;
	roster = rosters_find(rosters, message->group_id, false);
	if (message->generation_id_or_member_epoch < 0 &&
	    (roster == NULL || roster->state == ROSTER_EMPTY))
		return ERROR_NONE;
	if (roster == NULL)
		return request->header.version >= 9 ?
		    ERROR_GROUP_ID_NOT_FOUND : ERROR_ILLEGAL_GENERATION;
	code = roster_identify(roster, message->member_id,
	    message->group_instance_id, &member);
	if (code != ERROR_NONE)
		return code;
	if (message->generation_id_or_member_epoch != roster->generation)
		return ERROR_ILLEGAL_GENERATION;
	roster_touch(member);
	return roster->state == ROSTER_COMPLETING ?
	    ERROR_REBALANCE_IN_PROGRESS : ERROR_NONE;
}

void
handle_offset_commit(struct request *request)
{
	static const struct errand commit = {.run = run_commit,
	    .finish = finish_commit};
	bool is_long = count_commits(request->message) > SERVER_LIST_MAX;
	enum error_code code = is_long ? ERROR_INVALID_REQUEST :
	    check_commit(request);

	lay_out_commit(request);
	if (code != ERROR_NONE) {
		set_commit_errors(request, code);
		request_answer(request);
		return;
	}
	errand_send(request, request->server->index, &commit);
}

static void
answer_partition(struct request *request, const struct committed *row,
    struct offset_fetch_response_partition *answer)
{
	answer->partition_index = row->partition;
	answer->committed_offset = row->offset;
	answer->committed_leader_epoch = row->leader_epoch;
	answer->metadata = request_copy_bytes(request,
	    buf_slice(&row->metadata));
}

/* A topic that is not there has no offsets, nor has a group that shares. */
static void
fetch_topic(struct request *request, struct storage *storage,
    const char *group, const struct offset_fetch_request_topic *wanted,
    struct offset_fetch_response_topic *answer)
{
	int32_t count = wanted->partition_indexes.count;
	const int32_t *numbers = wanted->partition_indexes.items;
	struct committed *rows = memory_alloc(((size_t)count + 1) *
	    sizeof *rows);
	struct offset_fetch_response_partition *parts = request_new_list(
	    request, &offset_fetch_response_partition_schema,
	    &answer->partitions, count);
	struct topic *topic;
	int failed = storage_topic(storage, wanted->name, &topic);

	answer->name = wanted->name;
	for (int32_t i = 0; i < count; i++) {
		rows[i].topic = topic;
		rows[i].partition = numbers[i];
		rows[i].offset = -1;
		rows[i].leader_epoch = -1;
	}
	if (failed == 0)
		failed = committed_find(storage_spool(storage), group, rows,
		    (size_t)count);
	for (int32_t i = 0; i < count; i++) {
		answer_partition(request, &rows[i], &parts[i]);
		if (failed < 0 && failed != -FAIL_MISSING &&
		    failed != -FAIL_USAGE)
			parts[i].error_code = (int16_t)group_error(failed);
	}
	free_rows(rows, (size_t)count);
}

/* Topics of a group, as they are collected. */
struct all {
	struct request *request;
	struct buf topics;  /* of struct offset_fetch_request_topic */
	struct buf numbers; /* of the last one: int32_t */
};

static void
end_topic(struct all *all)
{
	struct offset_fetch_request_topic *last;
	struct list *list;

	if (all->topics.size == 0)
		return;
	last = (struct offset_fetch_request_topic *)(all->topics.data +
	    all->topics.size - sizeof *last);
	list = &last->partition_indexes;
	request_new_list(all->request, &schema_int32, list,
	    (int32_t)(all->numbers.size / sizeof(int32_t)));
	if (all->numbers.size > 0)
		memcpy(list->items, all->numbers.data, all->numbers.size);
	buf_clear(&all->numbers);
}

static void
add_partition(const char *topic, int partition, void *context)
{
	struct all *all = context;
	struct offset_fetch_request_topic next = {0}, *last = NULL;
	int32_t number = partition;

	if (all->topics.size > 0)
		last = (struct offset_fetch_request_topic *)
		    (all->topics.data + all->topics.size - sizeof *last);
	if (last == NULL || !slice_equal(last->name, slice_of(topic))) {
		end_topic(all);
		next.name = request_copy(all->request, topic);
		buf_append(&all->topics, &next, sizeof next);
	}
	buf_append(&all->numbers, &number, sizeof number);
}

static void
fetch_group(struct request *request, struct storage *storage,
    struct slice group_id, const struct list *wanted, struct list *answers)
{
	char *group = slice_copy(group_id);
	struct all all = {.request = request};
	const struct offset_fetch_request_topic *topics = wanted->items;
	struct offset_fetch_response_topic *topics_out;
	int32_t count = wanted->count;

	if (count < 0) {
		committed_each(storage_spool(storage), group, add_partition,
		    &all);
		end_topic(&all);
		topics = (const struct offset_fetch_request_topic *)
		    all.topics.data;
		count = (int32_t)(all.topics.size / sizeof *topics);
	}
	topics_out = request_new_list(request,
	    &offset_fetch_response_topic_schema, answers, count);
	for (int32_t i = 0; i < count; i++)
		fetch_topic(request, storage, group, &topics[i],
		    &topics_out[i]);
	buf_release(&all.topics);
	buf_release(&all.numbers);
	free(group);
}

static void
run_fetch(struct request *request, struct storage *storage)
{
	const struct offset_fetch_request *message = request->message;
	struct offset_fetch_response *answer = request->answer;
	const struct offset_fetch_request_group *groups =
	    message->groups.items;
	struct offset_fetch_response_group *answers;

	if (request->header.version < 8) {
		fetch_group(request, storage, message->group_id,
		    &message->topics, &answer->topics);
		return;
	}
	answers = request_new_list(request,
	    &offset_fetch_response_group_schema, &answer->groups,
	    message->groups.count);
	for (int32_t i = 0; i < message->groups.count; i++) {
		answers[i].group_id = groups[i].group_id;
		if (is_request_large(request)) {
			answers[i].error_code =
			    ERROR_COORDINATOR_NOT_AVAILABLE;
			continue;
		}
		fetch_group(request, storage, groups[i].group_id,
		    &groups[i].topics, &answers[i].topics);
		if (message->asks_counts)
			group_counts_fill(request, storage, &answers[i]);
	}
}

static int64_t
count_of_topics(const struct list *list)
{
	const struct offset_fetch_request_topic *topics = list->items;
	int64_t count = 0;

	for (int32_t i = 0; i < list->count; i++)
		count += topics[i].partition_indexes.count + 1;
	return count;
}

/* Others wait for the index, too. */
static bool
is_too_long(const struct offset_fetch_request *message)
{
	const struct offset_fetch_request_group *groups =
	    message->groups.items;
	int64_t count = count_of_topics(&message->topics);

	for (int32_t i = 0; i < message->groups.count; i++)
		count += count_of_topics(&groups[i].topics) + 1;
	return count > SERVER_LIST_MAX;
}

void
handle_offset_fetch(struct request *request)
{
	static const struct errand fetch = {.run = run_fetch};

	if (is_too_long(request->message))
		request_refuse(request, "OffsetFetch of too many partitions");
	else
		errand_send(request, request->server->index, &fetch);
}
