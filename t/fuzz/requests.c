/* Every API's handler with a spool behind it: each input is some requests on
 * two connections, field by field. What threads do is done here, between the
 * turns of the loop, so that an input always does the same. */
#include "fields.h"
#include "kafka/frame.h"
#include "server/roster.h"
#include "server.h"
#include "turns.h"

#include <sys/socket.h>
#include <unistd.h>

enum {
	INPUTS_MAX = 5000, /* until the spool begins anew */
	REQUESTS_MAX = 12, /* of an input */
	TURNS_MAX = 1000,
	TAKE_MAX = 1 << 18,
};

static int input_count;

static void
open_server(void)
{
	if (input_count == 0)
		atexit(server_end);
	server_begin("requests");
}

/* A client on a connection, and what it has not been answered yet. */
struct client_end {
	int fd;
	struct buf output;
	struct buf answers;
	const struct request_header *asked[REQUESTS_MAX];
	size_t asked_count, answered;
	bool is_closed;
};

struct talk {
	struct input input;
	struct fields fields;
	struct arena arena;
	struct client_end ends[2];
	char group[16], share_group[16];
	bool was_share;
	int32_t session_epoch;
	struct slice texts[8];
};

/* An answer in the version that was asked for, to the oldest request. */
static void
take_answer(struct talk *talk, struct client_end *end, struct slice bytes)
{
	struct cursor input = cursor_over(bytes.data, bytes.size);
	struct arena arena = arena_limited(SIZE_MAX);
	const struct request_header *asked;
	const struct api *api;
	int32_t correlation;
	void *message;

	do {
		MUST(end->answered < end->asked_count, "it was asked for");
		asked = end->asked[end->answered++];
		api = api_find(asked->key);
		input = cursor_over(bytes.data, bytes.size);
		MUST(frame_decode_response(api, asked->version, &input,
		    &correlation) == 0, "an answer has a header");
		/* Produce with acks=0 has none. */
		MUST(correlation == asked->correlation ||
		    asked->key == API_PRODUCE, "answers come in order");
	} while (correlation != asked->correlation);
	message = arena_take(&arena, 1, api->response->size);
	MUST(schema_decode(api->response, api_encoding(api, asked->version),
	    &input, &arena, message) == 0 && cursor_left(&input) == 0,
	    "an answer is what its version has, and no more");
	fields_learn(&talk->fields, api->response, message);
	arena_release(&arena);
}

static bool
take_answers(struct talk *talk, struct client_end *end)
{
	static unsigned char room[TAKE_MAX];
	ssize_t got = recv(end->fd, room, sizeof room, MSG_DONTWAIT);
	struct cursor input;
	size_t taken = 0;

	end->is_closed = end->is_closed || got == 0;
	if (got <= 0)
		return false;
	buf_append(&end->answers, room, (size_t)got);
	input = cursor_over(end->answers.data, end->answers.size);
	while (cursor_left(&input) >= 4) {
		uint32_t size = cursor_be32(&input);

		if (size > cursor_left(&input))
			break;
		take_answer(talk, end, cursor_bytes(&input, size));
		taken += size + 4;
	}
	end->answers.size -= taken;
	memmove(end->answers.data, end->answers.data + taken,
	    end->answers.size);
	return true;
}

/* A wait for more members is over. */
static bool
expire(struct roster *roster, void *context)
{
	(void)context;
	if (roster->state == ROSTER_PREPARING)
		roster_expire(roster);
	return true;
}

static bool
turn(struct talk *talk)
{
	bool has_moved = false;

	for (struct tasks *tasks = all_tasks; tasks; tasks = tasks->next)
		has_moved = do_tasks(tasks) || has_moved;
	event_base_loop(server->base, EVLOOP_NONBLOCK);
	for (int i = 0; i < 2; i++)
		has_moved = take_answers(talk, &talk->ends[i]) || has_moved;
	return has_moved;
}

/* Until nothing happens any more; who waits for others does not wait long. */
static void
settle(struct talk *talk)
{
	int quiet = 0;

	for (int i = 0; quiet < 6 && i < TURNS_MAX; i++) {
		quiet = turn(talk) ? 0 : quiet + 1;
		if (quiet == 3)
			rosters_each(server->rosters, expire, NULL);
	}
}

static void
send_output(struct talk *talk, struct client_end *end)
{
	size_t sent = 0;

	while (sent < end->output.size && !end->is_closed) {
		ssize_t took = send(end->fd, end->output.data + sent,
		    end->output.size - sent, MSG_DONTWAIT | MSG_NOSIGNAL);

		sent += took > 0 ? (size_t)took : 0;
		if (sent < end->output.size)
			turn(talk);
	}
	buf_clear(&end->output);
}

/* Of share groups, or of consumer groups. A session counts its requests. */
static void
know_group(struct talk *talk, const struct api *api)
{
	bool is_share = api->key >= API_SHARE_HEARTBEAT;

	fields_know(&talk->fields, "group_id", 0, slice_of(
	    is_share ? talk->share_group : talk->group));
	if (is_share)
		fields_know(&talk->fields, "member_id", 0, slice_of("m"));
	else if (talk->was_share)
		fields_know(&talk->fields, "member_id", 0, slice_of(""));
	talk->was_share = is_share;
	if (api->key == API_SHARE_FETCH || api->key == API_SHARE_ACKNOWLEDGE)
		fields_know(&talk->fields, "share_session_epoch",
		    talk->session_epoch++, (struct slice){NULL, 0});
}

/* The first byte picks the API; of the second, the lowest bits say on which
 * connection, and whether to wait for the answer; the third is how many bytes
 * its fields take. */
static void
ask(struct talk *talk)
{
	const struct api *api =
	    api_table[take_byte(&talk->input) % api_count];
	uint8_t pick = take_byte(&talk->input);
	size_t size = take_byte(&talk->input);
	struct input noise = {talk->input.at, size < talk->input.left ?
	    size : talk->input.left};
	struct client_end *end = &talk->ends[pick & 1];
	struct request_header *header = arena_take(&talk->arena, 1,
	    sizeof *header);
	void *message = arena_take(&talk->arena, 1, api->request->size);
	struct encoded output = {.bytes = &end->output};
	size_t start = end->output.size;

	talk->input.at += noise.left;
	talk->input.left -= noise.left;
	header->key = api->key;
	header->version = (int16_t)(api->last -
	    (pick >> 2) % (api->last - api->served + 1));
	header->correlation = (int32_t)end->asked_count + 1;
	header->client_id = slice_of("c");
	end->asked[end->asked_count++] = header;
	know_group(talk, api);
	talk->fields.input = &noise;
	talk->fields.version = header->version;
	fields_fill(&talk->fields, api->request, message);
	frame_begin_request(api, header, &end->output);
	schema_encode(api->request, api_encoding(api, header->version),
	    message, &output);
	frame_end(&end->output, start, 0);
	send_output(talk, end);
	if ((pick & 2) == 0)
		settle(talk);
}

/* What fields mostly hold: no text if it is NULL. */
static const struct {
	const char *name;
	int64_t number;
	const char *text;
} usual[] = {
	{"name", 0, "t"}, {"topic", 0, "t"}, {"resource_name", 0, "t"},
	{"topic_name", 0, "t"}, {"topic_names", 0, "t"}, {"names", 0, "t"},
	{"subscribed_topic_names", 0, "t"}, {"member_id", 0, ""},
	{"protocol_type", 0, "consumer"}, {"resource_type", 2, NULL},
	{"session_timeout_ms", 10000, NULL}, {"acks", 1, NULL},
	{"rebalance_timeout_ms", 10000, NULL}, {"max_bytes", 1 << 20, NULL},
	{"partition_max_bytes", 1 << 20, NULL}, {"max_records", 10, NULL},
	{"num_partitions", 2, NULL}, {"replication_factor", 1, NULL},
	{"acknowledge_types", 1, NULL}, {"producer_id", -1, NULL},
	{"committed_offset", 1, NULL}, {"generation_id", -1, NULL},
};

static void
begin_fields(struct talk *talk)
{
	struct fields *fields = &talk->fields;
	struct topic *topic;

	MUST(storage_topic_or_create(server->storage, slice_of("t"), &topic) ==
	    0, "the topic is there");
	snprintf(talk->group, sizeof talk->group, "g%d", input_count);
	snprintf(talk->share_group, sizeof talk->share_group, "s%d",
	    input_count);
	talk->texts[0] = slice_of(talk->share_group);
	talk->texts[1] = slice_of("t");
	talk->texts[2] = slice_of("u");
	talk->texts[3] = slice_of("m");
	talk->texts[4] = slice_of("mq.sync");
	talk->texts[5] = slice_of("share.record.lock.duration.ms");
	talk->texts[6] = slice_of("interval:1h");
	fields->arena = &talk->arena;
	fields->texts = talk->texts;
	fields->left = FIELDS_ITEMS_MAX;
	for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++)
		fields_know(fields, usual[i].name, usual[i].number,
		    usual[i].text == NULL ? (struct slice){NULL, 0} :
		    slice_of(usual[i].text));
	fields_know(fields, "topic_id", 0,
	    (struct slice){(const char *)topic_id(topic), 16});
}

/* Who is not read any more is not known to have gone, until he is sent to. */
static void
end_connections(struct talk *talk)
{
	for (int i = 0; i < 2; i++) {
		struct client_end *end = &talk->ends[i];

		close(end->fd);
		buf_release(&end->output);
		buf_release(&end->answers);
	}
	event_base_loop(server->base, EVLOOP_NONBLOCK);
	while (server->connections != NULL)
		connection_close(server->connections);
}

static void
end_talk(struct talk *talk)
{
	settle(talk);
	end_connections(talk);
	for (int i = 0; i < TURNS_MAX && server->memory > 0; i++) {
		for (struct tasks *tasks = all_tasks; tasks;
		    tasks = tasks->next)
			do_tasks(tasks);
		event_base_loop(server->base, EVLOOP_NONBLOCK);
	}
	MUST(server->connection_count == 0 && server->memory == 0 &&
	    server->growing == 0, "nothing stays of a connection");
	arena_release(&talk->arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct talk talk;

	if (size < 2)
		return 0;
	if (server == NULL)
		open_server();
	talk = (struct talk){.input = {data, size},
	    .arena = arena_limited(SIZE_MAX)};
	begin_fields(&talk);
	for (int i = 0; i < 2; i++) {
		int pair[2];

		MUST(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) ==
		    0, "a pair of sockets");
		MUST(connection_open(server, pair[0], pair[0], "fuzz") == 0,
		    "a connection");
		talk.ends[i].fd = pair[1];
	}
	settle(&talk);
	for (int i = 0; i < REQUESTS_MAX && talk.input.left > 0; i++)
		ask(&talk);
	end_talk(&talk);
	if (++input_count % INPUTS_MAX == 0)
		server_end();
	return 0;
}
