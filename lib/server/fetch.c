/* Fetch: whole batches from the log to the socket, and waiting for them. */
#include "server/handlers.h"

#include "base/clock.h"
#include "base/fail.h"
#include "kafka/fetch.h"
#include "server/extents.h"
#include "server/leader_epoch.h"
#include "server/opening.h"
#include "server/parked.h"
#include "server/readers.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	EXTENTS_MAX = 64,               /* in one partition's answer */
	ANSWER_MAX = 64 * 1024 * 1024,  /* bytes, whatever a client asks */
	WAIT_MAX_MS = 300000,
};

/* A partition that is asked for. Invariant: topic is NULL after an error. */
struct part {
	const struct fetch_request_partition *wanted;
	struct fetch_response_partition *answer;
	struct slice name;
	const unsigned char *topic_id;
	struct topic *topic;
	struct partition *partition;
	struct extent *kept; /* room of them, in the request's arena */
	size_t room;
};

struct fetch {
	struct parked parked;
	struct opening opening;
	bool is_opening, is_parked;
	struct request *request;
	struct part *parts;
	int32_t count;
	struct extents extents;
};

static int
find_topic(struct fetch *fetch, struct part *part)
{
	struct storage *storage = fetch->request->server->storage;

	if (fetch->request->header.version >= 13)
		return storage_topic_by_id(storage, part->topic_id,
		    &part->topic);
	return storage_topic(storage, part->name, &part->topic);
}

/* Fills what the answer says of the partition. 1 if there is something to
 * read, 0 if not yet; else an error is in the answer. */
static int
look_at(struct fetch *fetch, struct part *part)
{
	struct fetch_response_partition *answer = part->answer;
	int64_t offset = part->wanted->fetch_offset;
	struct partition_state state;
	int failed = find_topic(fetch, part);

	if (failed == -FAIL_MISSING && fetch->request->header.version >= 13) {
		answer->error_code = ERROR_UNKNOWN_TOPIC_ID;
		return failed;
	}
	if (failed == 0)
		failed = topic_partition(part->topic, part->wanted->partition,
		    &part->partition);
	failed = failed < 0 ? failed : partition_state(part->partition, &state);
	answer->error_code = (int16_t)request_error(failed);
	if (failed < 0)
		return failed;
	answer->high_watermark = state.high_watermark;
	answer->last_stable_offset = state.high_watermark;
	answer->log_start_offset = state.log_start;
	answer->error_code = (int16_t)leader_epoch_check(
	    part->wanted->current_leader_epoch, state.epoch);
	if (answer->error_code == 0 && (offset < state.log_start ||
	    offset > state.log_end))
		answer->error_code = ERROR_OFFSET_OUT_OF_RANGE;
	if (answer->error_code != 0)
		return -FAIL_DATA;
	return offset < state.high_watermark;
}

/* Damage is said here and passed over: the offsets that follow tell. */
static int
next_extent(struct fetch *fetch, struct partition_reader *reader,
    int64_t max_bytes, struct partition_extent *extent)
{
	for (;;) {
		int found = partition_reader_extent(reader, max_bytes, extent);

		if (found != -FAIL_CORRUPT)
			return found;
		server_say(fetch->request->server, "%s", fail_message());
	}
}

/* In the place of those of the attempt before, if there is room: who waits for
 * many bytes makes many. */
static void
keep_extents(struct request *request, struct part *part,
    const struct buf *extents)
{
	size_t count = extents->size / sizeof(struct extent);

	if (count > part->room) {
		part->room = 2 * count;
		request->arena.limit = SIZE_MAX;
		part->kept = arena_take(&request->arena, part->room,
		    sizeof(struct extent));
	}
	if (count > 0)
		memcpy(part->kept, extents->data, extents->size);
	part->answer->records.extents = part->kept;
	part->answer->records.extent_count = (int32_t)count;
}

/* Whole batches up to max_bytes, at least one if is_first: the bytes. A reader
 * that has passed what did not fit is of no use later. */
static int64_t
collect(struct fetch *fetch, struct part *part, int64_t max_bytes,
    bool is_first)
{
	int64_t next = part->wanted->fetch_offset, total = 0;
	struct readers *readers = fetch->request->server->readers;
	struct partition_reader *reader;
	struct partition_extent it;
	struct buf extents = {0};
	int64_t enough = ((const struct fetch_request *)
	    fetch->request->message)->min_bytes;
	int more = readers_take(readers, part->topic, part->wanted->partition,
	    next, &reader);

	if (more < 0) {
		part->answer->error_code = (int16_t)request_error(more);
		return 0;
	}
	more = partition_reader_refresh(reader);
	while (more >= 0 && (total < max_bytes || is_first) &&
	    next < part->answer->high_watermark &&
	    extents.size < EXTENTS_MAX * sizeof(struct extent) &&
	    (more = next_extent(fetch, reader, max_bytes - total, &it)) == 1) {
		/* A copy would stay, were this not sent now. */
		if ((it.size > max_bytes - total && !is_first) ||
		    !extents_add(&fetch->extents, fetch->request, &it,
		    it.size >= enough, &extents))
			break;
		total += it.size;
		next = it.next;
		is_first = false;
		more = 0;
	}
	if (more == 0 && total > 0)
		readers_keep(readers, part->topic, part->wanted->partition,
		    next, reader);
	else
		partition_reader_close(reader);
	keep_extents(fetch->request, part, &extents);
	buf_release(&extents);
	return total;
}

static int64_t
least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Looks at all parts: the bytes that are there, -1 if one has an error. */
static int64_t
collect_all(struct fetch *fetch)
{
	const struct fetch_request *message = fetch->request->message;
	int64_t most = least(message->max_bytes, ANSWER_MAX), total = 0;
	bool has_error = false;

	for (int32_t i = 0; i < fetch->count; i++) {
		struct part *part = &fetch->parts[i];
		int found = look_at(fetch, part);

		has_error = has_error || found < 0;
		if (found == 1 && (total < most || total == 0))
			total += collect(fetch, part, least(most - total,
			    part->wanted->partition_max_bytes), total == 0);
	}
	return has_error ? -1 : total;
}

static void
release_fetch(struct request *request)
{
	struct fetch *fetch = request->state;

	extents_close(&fetch->extents);
	free(fetch->parked.topics);
	free(fetch->parts);
	free(fetch);
}

static void
leave(struct fetch *fetch)
{
	if (fetch->is_parked)
		parked_remove(fetch->request->server->parking, &fetch->parked);
	fetch->is_parked = false;
}

static void
drop_records(struct fetch *fetch)
{
	extents_close(&fetch->extents);
	for (int32_t i = 0; i < fetch->count; i++)
		fetch->parts[i].answer->records.extent_count = 0;
}

static bool
try_fetch(struct parked *parked, bool is_last)
{
	struct fetch *fetch = (struct fetch *)parked;
	const struct fetch_request *message = fetch->request->message;
	int64_t there = collect_all(fetch);

	if (there >= 0 && there < message->min_bytes && !is_last) {
		drop_records(fetch);
		return false;
	}
	leave(fetch);
	request_answer(fetch->request);
	return true;
}

/* The client has gone. */
static void
cancel_fetch(struct request *request)
{
	struct fetch *fetch = request->state;

	if (fetch->is_opening)
		return;
	leave(fetch);
	request_answer(request);
}

/* True if something may have come meanwhile. */
static bool
park(struct fetch *fetch)
{
	const struct fetch_request *message = fetch->request->message;
	struct parked *parked = &fetch->parked;

	parked->topics = memory_alloc(((size_t)fetch->count + 1) *
	    sizeof(struct topic *));
	for (int32_t i = 0; i < fetch->count; i++) {
		struct part *part = &fetch->parts[i];

		if (find_topic(fetch, part) != 0 ||
		    (i > 0 && part->topic == part[-1].topic))
			continue;
		parked->topics[parked->topic_count++] = part->topic;
	}
	parked->until_ms = clock_boot_ms() +
	    least(message->max_wait_ms, WAIT_MAX_MS);
	fetch->is_parked = true;
	return parked_add(fetch->request->server->parking, parked);
}

static void
begin_fetch(struct fetch *fetch)
{
	const struct fetch_request *message = fetch->request->message;

	if (try_fetch(&fetch->parked, message->max_wait_ms <= 0 ||
	    fetch->count == 0 || fetch->request->server->is_draining))
		return;
	if (park(fetch))
		try_fetch(&fetch->parked, false);
}

static void
on_opened(struct opening *opening)
{
	struct fetch *fetch = (struct fetch *)((char *)opening -
	    offsetof(struct fetch, opening));

	fetch->is_opening = false;
	if (fetch->request->connection == NULL)
		request_answer(fetch->request);
	else
		begin_fetch(fetch);
}

/* True if somebody else opens parts of it first. */
static bool
has_to_open(struct fetch *fetch)
{
	struct server *server = fetch->request->server;
	bool by_id = fetch->request->header.version >= 13;

	for (int32_t i = 0; i < fetch->count; i++) {
		const struct part *part = &fetch->parts[i];
		struct opening_part wanted = {
		    by_id ? (struct slice){NULL, 0} : part->name,
		    part->topic_id, part->wanted->partition};

		opening_want(server, &fetch->opening, &wanted);
	}
	fetch->opening.done = on_opened;
	fetch->is_opening = opening_send(server, &fetch->opening);
	return fetch->is_opening;
}

static void
lay_out_topic(struct fetch *fetch, const struct fetch_request_topic *topic,
    struct fetch_response_topic *answer)
{
	const struct fetch_request_partition *wanted = topic->partitions.items;
	struct fetch_response_partition *answers = request_new_list(
	    fetch->request, &fetch_response_partition_schema,
	    &answer->partitions, topic->partitions.count);

	answer->topic = topic->topic;
	memcpy(answer->topic_id, topic->topic_id, 16);
	for (int32_t i = 0; i < topic->partitions.count; i++) {
		struct part *part = &fetch->parts[fetch->count++];

		answers[i].partition_index = wanted[i].partition;
		answers[i].high_watermark = -1;
		part->wanted = &wanted[i];
		part->answer = &answers[i];
		part->name = topic->topic;
		part->topic_id = topic->topic_id;
	}
}

static size_t
count_parts(const struct fetch_request *message)
{
	const struct fetch_request_topic *topics = message->topics.items;
	size_t count = 0;

	for (int32_t i = 0; i < message->topics.count; i++)
		count += (size_t)topics[i].partitions.count;
	return count;
}

static struct fetch *
lay_out(struct request *request)
{
	const struct fetch_request *message = request->message;
	const struct fetch_request_topic *topics = message->topics.items;
	struct fetch_response *answer = request->answer;
	struct fetch *fetch = memory_alloc(sizeof *fetch);
	struct fetch_response_topic *answers = request_new_list(request,
	    &fetch_response_topic_schema, &answer->responses,
	    message->topics.count);

	fetch->request = request;
	fetch->parts = memory_alloc((count_parts(message) + 1) *
	    sizeof(struct part));
	for (int32_t i = 0; i < message->topics.count; i++)
		lay_out_topic(fetch, &topics[i], &answers[i]);
	fetch->parked.request = request;
	fetch->parked.try = try_fetch;
	request->state = fetch;
	request->release = release_fetch;
	request->cancel = cancel_fetch;
	return fetch;
}

/* Sessions (KIP-227) save bytes that a server nearby does not have to save:
 * clients are told 0, "none", and then ask for all each time. */
void
handle_fetch(struct request *request)
{
	const struct fetch_request *message = request->message;
	struct fetch_response *answer = request->answer;
	struct fetch *fetch;

	if (count_parts(message) > SERVER_LIST_MAX) {
		request_refuse(request, "Fetch of too many partitions");
		return;
	}
	fetch = lay_out(request);
	if (message->session_epoch > 0) {
		answer->error_code = ERROR_FETCH_SESSION_ID_NOT_FOUND;
		answer->responses.count = 0;
		request_answer(request);
		return;
	}
	if (!has_to_open(fetch))
		begin_fetch(fetch);
}
