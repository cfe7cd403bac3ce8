/* ShareFetch: acknowledgements in, leases out, waiting in between. */
#include "server/handlers.h"

#include "base/clock.h"
#include "server/share_fetch.h"
#include "server/share_terms.h"

#include <stdlib.h>
#include <string.h>

enum { WAIT_MAX_MS = 300000 };

static void
settle_all(struct share_fetch *fetch, struct storage *storage)
{
	const struct share_fetch_request *message = fetch->request->message;
	const struct share_fetch_request_topic *topics = message->topics.items;

	fetch->has_settled = true;
	for (int32_t i = 0; i < message->topics.count; i++) {
		const struct share_fetch_request_partition *parts =
		    topics[i].partitions.items;

		for (int32_t k = 0; k < topics[i].partitions.count; k++) {
			if (parts[k].acknowledgement_batches.count <= 0)
				continue;
			fetch->has_news = true;
			share_result(fetch, topics[i].topic_id,
			    parts[k].partition_index)->acknowledge_error_code =
			    (int16_t)share_settle(storage, fetch->session,
			    topics[i].topic_id, parts[k].partition_index,
			    &parts[k].acknowledgement_batches, NULL);
		}
	}
}

static void
begin_fetch(struct task *task, struct storage *storage)
{
	struct share_fetch *fetch = (struct share_fetch *)task;
	const struct share_fetch_request *message = fetch->request->message;

	if (!fetch->has_settled)
		settle_all(fetch, storage);
	fetch->wake_ms = INT64_MAX;
	if (message->share_session_epoch != -1 &&
	    !__atomic_load_n(&fetch->is_gone, __ATOMIC_RELAXED))
		share_take(fetch, storage);
}

static void
release_fetch(struct request *request)
{
	struct share_fetch *fetch = request->state;

	extents_close(&fetch->extents);
	buf_release(&fetch->results);
	buf_release(&fetch->topics);
	buf_release(&fetch->parts);
	free(fetch);
}

static struct share_session *
find_session(const struct share_fetch *fetch)
{
	const struct share_fetch_request *message = fetch->request->message;

	return share_session_seek(fetch->request, message->group_id,
	    message->member_id);
}

/* The thread has its own copy of what the session asks for, as the next request
 * may change that. */
static void
send_fetch(struct share_fetch *fetch)
{
	buf_clear(&fetch->parts);
	buf_append_slice(&fetch->parts, buf_slice(&fetch->session->parts));
	tasks_add(fetch->request->server->index, &fetch->task);
}

static void
answer(struct share_fetch *fetch)
{
	struct request *request = fetch->request;
	struct share_fetch_response *response = request->answer;
	size_t count = fetch->results.size /
	    sizeof(struct share_fetch_response_topic);

	request_new_list(request, &share_fetch_response_topic_schema,
	    &response->responses, (int32_t)count);
	if (count > 0)
		memcpy(response->responses.items, fetch->results.data,
		    fetch->results.size);
	request_answer(request);
}

static void
unpark(struct share_fetch *fetch)
{
	struct share_session *session = find_session(fetch);

	parked_remove(fetch->request->server->parking, &fetch->parked);
	fetch->is_parked = false;
	if (session != NULL && session->waiting == fetch)
		session->waiting = NULL;
}

void
share_fetch_end(struct share_fetch *fetch)
{
	unpark(fetch);
	answer(fetch);
}

/* Something may be there now: the thread looks again. */
static bool
look_again(struct parked *parked, bool is_last)
{
	struct share_fetch *fetch = (struct share_fetch *)
	    ((char *)parked - offsetof(struct share_fetch, parked));

	unpark(fetch);
	fetch->is_last = is_last && clock_boot_ms() >= fetch->until_ms;
	if (fetch->request->server->is_draining)
		fetch->is_last = true;
	fetch->session = find_session(fetch);
	if (fetch->session == NULL || fetch->is_last)
		answer(fetch);
	else
		send_fetch(fetch);
	return true;
}

static void
park(struct share_fetch *fetch)
{
	struct storage *storage = fetch->request->server->storage;
	const struct share_part *parts = (const struct share_part *)
	    (const void *)fetch->parts.data;
	size_t count = fetch->parts.size / sizeof *parts;

	buf_clear(&fetch->topics);
	for (size_t i = 0; i < count; i++) {
		struct topic *topic;

		if (i > 0 && memcmp(parts[i].topic_id, parts[i - 1].topic_id,
		    16) == 0)
			continue;
		if (storage_topic_by_id(storage, parts[i].topic_id, &topic) !=
		    0)
			continue;
		buf_append(&fetch->topics, &topic, sizeof topic);
	}
	fetch->parked.request = fetch->request;
	fetch->parked.try = look_again;
	fetch->parked.topics = (struct topic **)(void *)fetch->topics.data;
	fetch->parked.topic_count = fetch->topics.size /
	    sizeof(struct topic *);
	fetch->parked.until_ms = fetch->wake_ms < fetch->until_ms ?
	    fetch->wake_ms : fetch->until_ms;
	fetch->is_parked = true;
	fetch->session->waiting = fetch;
	/* Something may have come since the thread looked. */
	if (parked_add(fetch->request->server->parking, &fetch->parked))
		look_again(&fetch->parked, false);
}

/* The session has more to do than to wait. */
static bool
is_overtaken(const struct share_fetch *fetch)
{
	const struct share_fetch_request *message = fetch->request->message;
	int32_t epoch = message->share_session_epoch;

	return fetch->session->is_ending || fetch->session->waiting != NULL ||
	    fetch->session->epoch != (epoch == INT32_MAX ? 1 : epoch + 1);
}

/* As the group and the topic have it by now. */
static void
tell_lease(struct share_fetch *fetch)
{
	struct share_fetch_response *response = fetch->request->answer;

	if (fetch->lease_ms <= 0)
		return;
	response->acquisition_lock_timeout_ms = fetch->lease_ms > INT32_MAX ?
	    INT32_MAX : (int32_t)fetch->lease_ms;
	if (fetch->session != NULL)
		fetch->session->lease_ms =
		    response->acquisition_lock_timeout_ms;
}

static void
end_fetch(struct task *task)
{
	struct share_fetch *fetch = (struct share_fetch *)task;
	const struct share_fetch_request *message = fetch->request->message;

	if (message->share_session_epoch == -1 && fetch->session != NULL &&
	    !fetch->session->is_closed)
		share_session_close(fetch->session);
	tell_lease(fetch);
	if (fetch->has_news || fetch->is_gone || fetch->is_last ||
	    message->share_session_epoch == -1 ||
	    fetch->session->is_closed || is_overtaken(fetch) ||
	    fetch->request->server->is_draining ||
	    clock_boot_ms() >= fetch->until_ms)
		answer(fetch);
	else
		park(fetch);
}

static void
cancel_fetch(struct request *request)
{
	struct share_fetch *fetch = request->state;

	__atomic_store_n(&fetch->is_gone, true, __ATOMIC_RELAXED);
	if (fetch->is_parked) /* else the task ends it */
		share_fetch_end(fetch);
}

static size_t
count_parts(const struct share_fetch_request *message)
{
	const struct share_fetch_request_topic *topics = message->topics.items;
	size_t count = 0;

	for (int32_t i = 0; i < message->topics.count; i++)
		count += (size_t)topics[i].partitions.count;
	return count;
}

static bool
has_acknowledgements(const struct share_fetch_request *message)
{
	const struct share_fetch_request_topic *topics = message->topics.items;

	for (int32_t i = 0; i < message->topics.count; i++) {
		const struct share_fetch_request_partition *parts =
		    topics[i].partitions.items;

		for (int32_t k = 0; k < topics[i].partitions.count; k++)
			if (parts[k].acknowledgement_batches.count > 0)
				return true;
	}
	return false;
}

/* Tells the session what the message says of it: false if that cannot be. */
static bool
tell_session(struct share_session *session,
    const struct share_fetch_request *message)
{
	if (message->share_session_epoch != -1 &&
	    !share_session_update(session, message))
		return false;
	if (message->share_session_epoch != 0 || message->terms == NULL)
		return true;
	session->terms = share_terms_copy(message->terms);
	return session->terms != NULL;
}

/* The session of a message, as it is with it. */
static enum error_code
session_of(struct request *request, struct share_session **session)
{
	const struct share_fetch_request *message = request->message;
	enum error_code code;

	if (count_parts(message) > SERVER_LIST_MAX ||
	    (message->share_session_epoch == 0 &&
	    has_acknowledgements(message)))
		return ERROR_INVALID_REQUEST;
	code = share_session_find(request, message->group_id,
	    message->member_id, message->share_session_epoch, session);
	if (code != ERROR_NONE)
		return code;
	if (tell_session(*session, message))
		return ERROR_NONE;
	share_session_close(*session);
	return ERROR_INVALID_REQUEST;
}

void
handle_share_fetch(struct request *request)
{
	const struct share_fetch_request *message = request->message;
	struct share_fetch_response *response = request->answer;
	struct share_session *session = NULL;
	struct share_fetch *fetch;
	enum error_code code = session_of(request, &session);

	if (code != ERROR_NONE) {
		response->error_code = (int16_t)code;
		request_answer(request);
		return;
	}
	response->acquisition_lock_timeout_ms = share_lease_ms(session,
	    request->server->storage);
	fetch = memory_alloc(sizeof *fetch);
	fetch->request = request;
	fetch->session = session;
	fetch->until_ms = clock_boot_ms() +
	    (message->max_wait_ms < WAIT_MAX_MS ? message->max_wait_ms :
	    WAIT_MAX_MS);
	fetch->task.begin = begin_fetch;
	fetch->task.done = end_fetch;
	request->state = fetch;
	request->release = release_fetch;
	request->cancel = cancel_fetch;
	send_fetch(fetch);
}
