/* Fetch: whole batches from the log to the socket, and waiting for them. */
#include "server/handlers.h"

#include "base/clock.h"
#include "base/fail.h"
#include "server/fetch_part.h"
#include "server/opening.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	ANSWER_MAX = 64 * 1024 * 1024,  /* bytes, whatever a client asks */
	WAIT_MAX_MS = 300000,
};

struct fetch {
	struct parked parked;
	struct opening opening;
	bool is_opening, is_parked;
	struct request *request;
	struct fetch_part *parts;
	int32_t count;
	struct extents extents;
	int64_t there; /* bytes, as far as is known */
};

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
		struct fetch_part *part = &fetch->parts[i];
		int found = fetch_part_look(part);

		has_error = has_error || found < 0;
		if (found == 1 && (total < most || total == 0))
			total += fetch_part_collect(part, &fetch->extents,
			    least(most - total,
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

	fetch->there = collect_all(fetch);
	if (fetch->there >= 0 && fetch->there < message->min_bytes &&
	    !is_last) {
		drop_records(fetch);
		return false;
	}
	leave(fetch);
	request_answer(fetch->request);
	return true;
}

/* The other parts are as the last attempt found them. */
static enum heard
hear_fetch(struct parked *parked, const struct news *news)
{
	struct fetch *fetch = (struct fetch *)parked;
	const struct fetch_request *message = fetch->request->message;
	int32_t i = 0;

	while (i < fetch->count && !is_fetch_part_of(&fetch->parts[i], news))
		i++;
	if (i == fetch->count)
		return HEARD_NOTHING;
	fetch->there += (int64_t)news->bytes.size;
	if (fetch->there < message->min_bytes)
		return HEARD_NOTHING;
	if (!fetch_part_hear(&fetch->parts[i], news))
		return HEARD_LOOK;
	leave(fetch);
	request_answer(fetch->request);
	return HEARD_ALL;
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
		struct fetch_part *part = &fetch->parts[i];

		if (fetch_part_find(part) != 0 ||
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
		const struct fetch_part *part = &fetch->parts[i];
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
		struct fetch_part *part = &fetch->parts[fetch->count++];

		answers[i].partition_index = wanted[i].partition;
		answers[i].high_watermark = -1;
		part->request = fetch->request;
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
	    sizeof(struct fetch_part));
	for (int32_t i = 0; i < message->topics.count; i++)
		lay_out_topic(fetch, &topics[i], &answers[i]);
	fetch->parked.request = request;
	fetch->parked.try = try_fetch;
	fetch->parked.hear = hear_fetch;
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
