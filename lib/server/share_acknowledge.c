/* ShareAcknowledge, and what acknowledgements are to leases. */
#include "server/handlers.h"

#include "base/fail.h"
#include "server/share.h"
#include "server/share_receipts.h"

#include <stdlib.h>
#include <string.h>

static enum error_code
settle_error(int failed)
{
	switch (-failed) {
	case FAIL_NOTHING:
		return ERROR_INVALID_RECORD_STATE;
	case FAIL_USAGE:
		return ERROR_INVALID_REQUEST;
	default:
		return request_error(failed);
	}
}

/* What a list says, or -FAIL_USAGE. */
static int
take_words(const struct list *batches, struct share_word *words)
{
	const struct share_fetch_request_acknowledgement *items =
	    batches->items;
	int64_t end = -1;

	for (int32_t i = 0; i < batches->count; i++) {
		/* 0 for what cannot be, and would not fit. */
		int64_t span = items[i].first_offset < 0 ||
		    items[i].last_offset < items[i].first_offset ||
		    items[i].last_offset == INT64_MAX ? 0 :
		    items[i].last_offset - items[i].first_offset + 1;

		words[i] = (struct share_word){items[i].first_offset,
		    items[i].last_offset, items[i].acknowledge_types.items,
		    items[i].acknowledge_types.count, items[i].details, -1,
		    false};
		if (span < 1 || words[i].first <= end ||
		    (words[i].type_count != 1 && words[i].type_count != span))
			return fail(FAIL_USAGE, "acknowledgements overlap, or "
			    "say too little");
		end = words[i].last;
	}
	return 0;
}

static int
settle_batches(struct shares *shares, struct held *held,
    const struct share_place *place, const struct list *batches,
    struct buf *lost)
{
	size_t count = batches->count < 0 ? 0 : (size_t)batches->count;
	struct share_word *words = memory_alloc((count + 1) * sizeof *words);
	int failed = take_words(batches, words);

	if (failed == 0)
		failed = shares_settle(shares, held, place, words, count);
	for (size_t i = 0; i < count && lost != NULL; i++) {
		int32_t number = (int32_t)i;

		if (words[i].is_lost && words[i].details != NULL)
			buf_append(lost, &number, sizeof number);
	}
	free(words);
	return failed;
}

enum error_code
share_settle(struct storage *storage, struct share_session *session,
    const unsigned char *id, int32_t number, const struct list *batches,
    struct buf *lost)
{
	struct share_place place = {session->group, id, NULL, number,
	    session->terms};
	struct topic *topic;
	int failed = storage_topic_by_id(storage, id, &topic);

	if (failed == -FAIL_MISSING)
		return ERROR_UNKNOWN_TOPIC_ID;
	if (failed < 0)
		return request_error(failed);
	place.topic = topic_name(topic);
	return settle_error(settle_batches(storage_shares(storage),
	    &session->held, &place, batches, lost));
}

void
share_answer_parts(struct request *request, void (*answer)(
    const unsigned char *id,
    const struct share_acknowledge_request_partition *part,
    struct share_acknowledge_response_partition *result, void *context),
    void *context)
{
	const struct share_acknowledge_request *message = request->message;
	struct share_acknowledge_response *response = request->answer;
	const struct share_acknowledge_request_topic *topics =
	    message->topics.items;
	struct share_acknowledge_response_topic *answers = request_new_list(
	    request, &share_acknowledge_response_topic_schema,
	    &response->responses, message->topics.count);

	for (int32_t i = 0; i < message->topics.count; i++) {
		const struct share_acknowledge_request_partition *parts =
		    topics[i].partitions.items;
		struct share_acknowledge_response_partition *results =
		    request_new_list(request,
		    &share_acknowledge_response_partition_schema,
		    &answers[i].partitions, topics[i].partitions.count);

		memcpy(answers[i].topic_id, topics[i].topic_id, 16);
		for (int32_t k = 0; k < topics[i].partitions.count; k++) {
			results[k].partition_index = parts[k].partition_index;
			results[k].current_leader.leader_id = -1;
			results[k].current_leader.leader_epoch = -1;
			answer(topics[i].topic_id, &parts[k], &results[k],
			    context);
		}
	}
}

/* An acknowledgement alone. */
struct share_acknowledge {
	struct task task;
	struct request *request;
	struct share_session *session;
	struct storage *storage; /* the thread's, while it settles */
};

static void
settle_part(const unsigned char *id,
    const struct share_acknowledge_request_partition *part,
    struct share_acknowledge_response_partition *result, void *context)
{
	struct share_acknowledge *work = context;
	struct buf lost = {0};
	int32_t *kept;

	result->error_code = (int16_t)share_settle(work->storage,
	    work->session, id, part->partition_index,
	    &part->acknowledgement_batches, &lost);
	if (lost.size > 0) {
		kept = request_new_list(work->request, &schema_int32,
		    &result->lost, (int32_t)(lost.size / sizeof *kept));
		memcpy(kept, lost.data, lost.size);
	}
	buf_release(&lost);
}

static void
begin_acknowledge(struct task *task, struct storage *storage)
{
	struct share_acknowledge *work = (struct share_acknowledge *)task;

	work->storage = storage;
	share_answer_parts(work->request, settle_part, work);
}

static void
begin_receipts(struct task *task, struct storage *storage)
{
	share_settle_receipts(((struct share_acknowledge *)task)->request,
	    storage);
}

static void
end_acknowledge(struct task *task)
{
	struct share_acknowledge *work = (struct share_acknowledge *)task;
	struct request *request = work->request;
	const struct share_acknowledge_request *message = request->message;

	if (work->session != NULL && !work->session->is_closed &&
	    message->share_session_epoch == -1)
		share_session_close(work->session);
	free(work);
	request_answer(request);
}

void
handle_share_acknowledge(struct request *request)
{
	const struct share_acknowledge_request *message = request->message;
	struct share_acknowledge_response *response = request->answer;
	struct share_session *session = NULL;
	struct share_acknowledge *work;
	bool has_receipts = is_share_by_receipt(message);
	enum error_code code = ERROR_NONE;

	if (has_receipts && !is_share_receipts_good(message))
		code = ERROR_INVALID_REQUEST;
	else if (!has_receipts && message->share_session_epoch == 0)
		code = ERROR_INVALID_SHARE_SESSION_EPOCH;
	else if (!has_receipts)
		code = share_session_find(request, message->group_id,
		    message->member_id, message->share_session_epoch,
		    &session);
	if (code != ERROR_NONE) {
		response->error_code = (int16_t)code;
		request_answer(request);
		return;
	}
	if (session != NULL)
		response->acquisition_lock_timeout_ms = share_lease_ms(session,
		    request->server->storage);
	work = memory_alloc(sizeof *work);
	work->request = request;
	work->session = session;
	work->task.begin = has_receipts ? begin_receipts : begin_acknowledge;
	work->task.done = end_acknowledge;
	tasks_add(request->server->index, &work->task);
}
