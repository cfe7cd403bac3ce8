/* ShareFetch and ShareAcknowledge: leases over the wire. */
#include "server/handlers.h"

#include "base/clock.h"
#include "base/fail.h"
#include "kafka/share.h"
#include "server/connection.h"
#include "server/parked.h"
#include "server/share.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	RECORDS_MAX = 5000,             /* in one answer */
	BYTES_MAX = 64 * 1024 * 1024,
	FILES_MAX = 256,
};

/* A request at work: a task, then parked, then a task again. */
struct share_fetch {
	struct task task;
	struct parked parked;
	struct request *request;
	struct share_session *session; /* while the task is on its way */
	bool has_settled;    /* the acknowledgements are done */
	bool has_news;       /* something has to be told now */
	bool is_parked;
	bool is_gone;        /* the client */
	bool is_last;        /* its time is over */
	int64_t until_ms;
	int64_t wake_ms;     /* when a lease ends, as the last look found */
	struct buf results;  /* of struct share_fetch_response_topic, one a
	                        partition */
	struct buf topics;   /* that may wake it: struct topic * */
	int files[FILES_MAX];
	int file_count;
};

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

/* The place in the answer for a partition; new ones say that they are fine. */
static struct share_fetch_response_partition *
result_of(struct share_fetch *fetch, const unsigned char *id, int32_t number)
{
	struct share_fetch_response_topic *topics =
	    (struct share_fetch_response_topic *)(void *)fetch->results.data;
	size_t count = fetch->results.size / sizeof *topics;
	struct share_fetch_response_topic topic;
	struct share_fetch_response_partition *partition;

	for (size_t i = 0; i < count; i++) {
		partition = topics[i].partitions.items;
		if (memcmp(topics[i].topic_id, id, 16) == 0 &&
		    partition->partition_index == number)
			return partition;
	}
	schema_preset(&share_fetch_response_topic_schema, &topic);
	memcpy(topic.topic_id, id, 16);
	partition = request_new_list(fetch->request,
	    &share_fetch_response_partition_schema, &topic.partitions, 1);
	partition->partition_index = number;
	partition->current_leader.leader_id = -1;
	partition->current_leader.leader_epoch = -1;
	buf_append(&fetch->results, &topic, sizeof topic);
	return partition;
}

static int
settle_batches(struct shares *shares, struct held *held,
    const struct share_place *place,
    const struct share_fetch_request_acknowledgement *batches, int32_t count)
{
	int64_t end = -1;
	int worst = 0;

	for (int32_t i = 0; i < count; i++) {
		int64_t span = batches[i].last_offset -
		    batches[i].first_offset + 1;
		struct share_word word = {batches[i].first_offset,
		    batches[i].last_offset, batches[i].acknowledge_types.items,
		    batches[i].acknowledge_types.count};
		int failed;

		if (span < 1 || word.first <= end ||
		    (word.type_count != 1 && word.type_count != span))
			return fail(FAIL_USAGE, "acknowledgements overlap, or "
			    "say too little");
		end = word.last;
		failed = shares_settle(shares, held, place, &word);
		if (failed < 0)
			worst = failed;
	}
	return worst;
}

/* The acknowledgements of one partition: the code. */
static enum error_code
settle_partition(struct storage *storage, struct share_session *session,
    const unsigned char *id, int32_t number, const struct list *batches)
{
	struct share_place place = {session->group, id, NULL, number};
	struct shares *shares;
	struct topic *topic;
	int failed = storage_topic_by_id(storage, id, &topic);

	if (failed == -FAIL_MISSING)
		return ERROR_UNKNOWN_TOPIC_ID;
	if (failed == 0)
		failed = storage_shares(storage, &shares);
	if (failed < 0)
		return request_error(failed);
	place.topic = topic_name(topic);
	return settle_error(settle_batches(shares, &session->held, &place,
	    batches->items, batches->count));
}

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
			result_of(fetch, topics[i].topic_id,
			    parts[k].partition_index)->acknowledge_error_code =
			    (int16_t)settle_partition(storage, fetch->session,
			    topics[i].topic_id, parts[k].partition_index,
			    &parts[k].acknowledgement_batches);
		}
	}
}

/* Whole batches that hold first..last: the extents, and the last offset that is
 * in them. */
static int
find_batches(struct share_fetch *fetch, struct topic *topic,
    const struct lease *lease, int64_t max_bytes, struct buf *extents,
    int64_t *end)
{
	struct partition *partition;
	struct partition_reader *reader;
	struct partition_extent found;
	int64_t bytes = 0;
	int failed = topic_partition(topic, lease->partition, &partition);

	*end = lease->first - 1;
	if (failed == 0)
		failed = partition_reader_open(&reader, partition,
		    lease->first, NULL);
	if (failed < 0)
		return failed;
	while (*end < lease->last && fetch->file_count < FILES_MAX &&
	    (bytes == 0 || bytes < max_bytes)) {
		struct extent extent;

		failed = partition_reader_extent(reader, 1, &found);
		if (failed == -FAIL_CORRUPT)
			continue;
		if (failed != 1 || (bytes > 0 &&
		    bytes + found.size > max_bytes))
			break;
		extent = (struct extent){dup(found.file), found.byte,
		    (size_t)found.size};
		if (extent.file < 0)
			break;
		fetch->files[fetch->file_count++] = extent.file;
		buf_append(extents, &extent, sizeof extent);
		bytes += found.size;
		*end = found.next - 1;
	}
	partition_reader_close(reader);
	return failed < 0 && *end < lease->first ? failed : 0;
}

/* Joins what lies together: most leases are one extent then. */
static void
keep_extents(struct request *request, struct buf *extents,
    struct records *records)
{
	struct extent *all = (struct extent *)(void *)extents->data, *kept;
	size_t count = extents->size / sizeof *all;

	request->arena.limit = SIZE_MAX;
	kept = arena_take(&request->arena,
	    count + (size_t)records->extent_count + 1, sizeof *kept);
	if (records->extent_count > 0)
		memcpy(kept, records->extents,
		    (size_t)records->extent_count * sizeof *kept);
	memcpy(kept + records->extent_count, all, extents->size);
	records->extents = kept;
	records->extent_count += (int32_t)count;
}

static void
add_acquired(struct request *request,
    struct share_fetch_response_partition *result, int64_t first, int64_t last,
    int attempt)
{
	struct list old = result->acquired_records;
	struct share_fetch_response_acquired *acquired = request_new_list(
	    request, &share_fetch_response_acquired_schema,
	    &result->acquired_records, old.count + 1);

	if (old.count > 0)
		memcpy(acquired, old.items,
		    (size_t)old.count * sizeof *acquired);
	acquired[old.count].first_offset = first;
	acquired[old.count].last_offset = last;
	acquired[old.count].delivery_count = (int16_t)attempt;
}

/* What does not fit, or cannot be read now, is not an attempt. */
static void
give_back(struct shares *shares, struct held *held,
    const struct share_place *place, int64_t first, int64_t last)
{
	const int8_t release = 2;
	const struct share_word word = {first, last, &release, 1};

	if (first <= last)
		(void)shares_settle(shares, held, place, &word);
}

/* Takes what there is in one partition. Returns messages taken. */
static int64_t
take(struct share_fetch *fetch, struct storage *storage,
    const struct share_part *part, int64_t count, int64_t max_bytes)
{
	struct share_place place = {fetch->session->group, part->topic_id,
	    NULL, part->partition};
	struct share_fetch_response_partition *result;
	struct shares *shares;
	struct topic *topic;
	struct lease lease;
	struct buf extents = {0};
	int64_t wake_ms = INT64_MAX, end;
	int found = storage_topic_by_id(storage, part->topic_id, &topic);

	if (found == 0)
		found = storage_shares(storage, &shares);
	if (found == 0) {
		place.topic = topic_name(topic);
		found = shares_take(shares, &fetch->session->held, &place,
		    count, &lease, &wake_ms);
	}
	if (wake_ms < fetch->wake_ms)
		fetch->wake_ms = wake_ms;
	if (found == 0)
		return 0;
	fetch->has_news = true;
	result = result_of(fetch, part->topic_id, part->partition);
	if (found < 0) {
		result->error_code = found == -FAIL_MISSING ?
		    ERROR_UNKNOWN_TOPIC_ID : (int16_t)request_error(found);
		result->error_message = request_copy(fetch->request,
		    fail_message());
		return 0;
	}
	found = find_batches(fetch, topic, &lease, max_bytes, &extents, &end);
	if (end > lease.last)
		end = lease.last;
	give_back(shares, &fetch->session->held, &place, end + 1, lease.last);
	if (end >= lease.first) {
		keep_extents(fetch->request, &extents, &result->records);
		add_acquired(fetch->request, result, lease.first, end,
		    lease.attempt);
	}
	buf_release(&extents);
	return found < 0 ? 0 : end - lease.first + 1;
}

static void
take_all(struct share_fetch *fetch, struct storage *storage)
{
	const struct share_fetch_request *message = fetch->request->message;
	const struct share_part *parts = (const struct share_part *)
	    (const void *)fetch->session->parts.data;
	size_t count = fetch->session->parts.size / sizeof *parts;
	int64_t left = message->max_records < RECORDS_MAX ?
	    message->max_records : RECORDS_MAX;
	int64_t bytes = message->max_bytes < BYTES_MAX ? message->max_bytes :
	    BYTES_MAX;
	/* Another one begins each time. */
	size_t turn = count == 0 ? 0 :
	    (size_t)fetch->request->header.correlation % count;

	for (size_t i = 0; i < count && left > 0; i++)
		left -= take(fetch, storage, &parts[(turn + i) % count], left,
		    bytes / (int64_t)count + 1);
}

static void
begin_fetch(struct task *task, struct storage *storage)
{
	struct share_fetch *fetch = (struct share_fetch *)task;
	const struct share_fetch_request *message = fetch->request->message;

	if (!fetch->has_settled)
		settle_all(fetch, storage);
	fetch->wake_ms = INT64_MAX;
	if (message->share_session_epoch != -1 && !fetch->is_gone)
		take_all(fetch, storage);
}

static void
release_fetch(struct request *request)
{
	struct share_fetch *fetch = request->state;

	while (fetch->file_count > 0)
		close(fetch->files[--fetch->file_count]);
	buf_release(&fetch->results);
	buf_release(&fetch->topics);
	free(fetch);
}

static struct share_session *
find_session(const struct share_fetch *fetch)
{
	const struct share_fetch_request *message = fetch->request->message;
	struct share_session *session =
	    fetch->request->server->share_sessions;

	while (session != NULL &&
	    (session->connection != fetch->request->connection ||
	    !slice_equal(message->group_id, slice_of(session->group)) ||
	    !slice_equal(message->member_id, slice_of(session->member))))
		session = session->next;
	return session;
}

static void
send_fetch(struct share_fetch *fetch)
{
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

/* Something may be there now: the thread looks again. */
static bool
look_again(struct parked *parked, bool is_last)
{
	struct share_fetch *fetch = (struct share_fetch *)
	    ((char *)parked - offsetof(struct share_fetch, parked));

	parked_remove(fetch->request->server->parking, parked);
	fetch->is_parked = false;
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
	const struct share_part *parts = (const struct share_part *)
	    (const void *)fetch->session->parts.data;
	size_t count = fetch->session->parts.size / sizeof *parts;

	buf_clear(&fetch->topics);
	for (size_t i = 0; i < count; i++) {
		struct topic *topic;

		if (i > 0 && memcmp(parts[i].topic_id, parts[i - 1].topic_id,
		    16) == 0)
			continue;
		if (storage_topic_by_id(fetch->request->server->storage,
		    parts[i].topic_id, &topic) == 0)
			buf_append(&fetch->topics, &topic, sizeof topic);
	}
	fetch->parked.request = fetch->request;
	fetch->parked.try = look_again;
	fetch->parked.topics = (struct topic **)(void *)fetch->topics.data;
	fetch->parked.topic_count = fetch->topics.size /
	    sizeof(struct topic *);
	fetch->parked.until_ms = fetch->wake_ms < fetch->until_ms ?
	    fetch->wake_ms : fetch->until_ms;
	parked_add(fetch->request->server->parking, &fetch->parked);
	fetch->is_parked = true;
}

static void
end_fetch(struct task *task)
{
	struct share_fetch *fetch = (struct share_fetch *)task;
	const struct share_fetch_request *message = fetch->request->message;

	if (message->share_session_epoch == -1 && fetch->session != NULL &&
	    !fetch->session->is_closed)
		share_session_close(fetch->session);
	if (fetch->has_news || fetch->is_gone || fetch->is_last ||
	    message->share_session_epoch == -1 ||
	    fetch->session->is_closed || fetch->request->server->is_draining ||
	    clock_boot_ms() >= fetch->until_ms)
		answer(fetch);
	else
		park(fetch);
}

static void
cancel_fetch(struct request *request)
{
	struct share_fetch *fetch = request->state;

	fetch->is_gone = true;
	if (!fetch->is_parked)
		return; /* the task ends it */
	parked_remove(request->server->parking, &fetch->parked);
	answer(fetch);
}

static bool
is_same_part(const struct share_part *part, const unsigned char *id,
    int32_t number)
{
	return memcmp(part->topic_id, id, 16) == 0 &&
	    part->partition == number;
}

static void
drop_part(struct share_session *session, const unsigned char *id,
    int32_t number)
{
	struct share_part *parts = (struct share_part *)(void *)
	    session->parts.data;
	size_t count = session->parts.size / sizeof *parts;

	for (size_t i = 0; i < count; i++)
		if (is_same_part(&parts[i], id, number)) {
			memmove(&parts[i], &parts[i + 1],
			    (count - i - 1) * sizeof *parts);
			session->parts.size -= sizeof *parts;
			return;
		}
}

static void
add_part(struct share_session *session, const unsigned char *id,
    int32_t number)
{
	struct share_part part = {.partition = number};

	drop_part(session, id, number);
	memcpy(part.topic_id, id, 16);
	buf_append(&session->parts, &part, sizeof part);
}

static void
update_parts(struct share_session *session,
    const struct share_fetch_request *message)
{
	const struct share_fetch_request_topic *topics = message->topics.items;
	const struct share_fetch_request_forgotten *forgotten =
	    message->forgotten_topics_data.items;

	for (int32_t i = 0; i < message->topics.count; i++) {
		const struct share_fetch_request_partition *parts =
		    topics[i].partitions.items;

		for (int32_t k = 0; k < topics[i].partitions.count; k++)
			add_part(session, topics[i].topic_id,
			    parts[k].partition_index);
	}
	for (int32_t i = 0; i < message->forgotten_topics_data.count; i++) {
		const int32_t *numbers = forgotten[i].partitions.items;

		for (int32_t k = 0; k < forgotten[i].partitions.count; k++)
			drop_part(session, forgotten[i].topic_id, numbers[k]);
	}
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

/* Kafka's default; a topic says more by mq.lease. */
static int32_t
lease_ms(const struct share_session *session, struct storage *storage)
{
	const struct share_part *parts = (const struct share_part *)
	    (const void *)session->parts.data;
	struct topic *topic;

	if (session->parts.size == 0 || storage_topic_by_id(storage,
	    parts[0].topic_id, &topic) != 0)
		return 30000;
	return shares_lease_ms(topic) > INT32_MAX ? INT32_MAX :
	    (int32_t)shares_lease_ms(topic);
}

void
handle_share_fetch(struct request *request)
{
	const struct share_fetch_request *message = request->message;
	struct share_fetch_response *response = request->answer;
	struct share_session *session = NULL;
	struct share_fetch *fetch;
	enum error_code code = ERROR_NONE;

	if (message->share_session_epoch == 0 &&
	    has_acknowledgements(message))
		code = ERROR_INVALID_REQUEST;
	else
		code = share_session_find(request, message->group_id,
		    message->member_id, message->share_session_epoch,
		    &session);
	if (code != ERROR_NONE) {
		response->error_code = (int16_t)code;
		request_answer(request);
		return;
	}
	if (message->share_session_epoch != -1)
		update_parts(session, message);
	response->acquisition_lock_timeout_ms = lease_ms(session,
	    request->server->storage);
	fetch = memory_alloc(sizeof *fetch);
	fetch->request = request;
	fetch->session = session;
	fetch->until_ms = clock_boot_ms() + message->max_wait_ms;
	fetch->task.begin = begin_fetch;
	fetch->task.done = end_fetch;
	request->state = fetch;
	request->release = release_fetch;
	request->cancel = cancel_fetch;
	send_fetch(fetch);
}

/* An acknowledgement alone. */
struct share_acknowledge {
	struct task task;
	struct request *request;
	struct share_session *session;
};

static void
begin_acknowledge(struct task *task, struct storage *storage)
{
	struct share_acknowledge *work = (struct share_acknowledge *)task;
	struct request *request = work->request;
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
			results[k].error_code = (int16_t)settle_partition(
			    storage, work->session, topics[i].topic_id,
			    parts[k].partition_index,
			    &parts[k].acknowledgement_batches);
		}
	}
}

static void
end_acknowledge(struct task *task)
{
	struct share_acknowledge *work = (struct share_acknowledge *)task;
	struct request *request = work->request;
	const struct share_acknowledge_request *message = request->message;

	if (message->share_session_epoch == -1 && !work->session->is_closed)
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
	enum error_code code = message->share_session_epoch == 0 ?
	    ERROR_INVALID_SHARE_SESSION_EPOCH :
	    share_session_find(request, message->group_id,
	    message->member_id, message->share_session_epoch, &session);

	if (code != ERROR_NONE) {
		response->error_code = (int16_t)code;
		request_answer(request);
		return;
	}
	response->acquisition_lock_timeout_ms = lease_ms(session,
	    request->server->storage);
	work = memory_alloc(sizeof *work);
	work->request = request;
	work->session = session;
	work->task.begin = begin_acknowledge;
	work->task.done = end_acknowledge;
	tasks_add(request->server->index, &work->task);
}
