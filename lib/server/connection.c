/* One connection: two evbuffers, and the requests between them. */
#include "server/connection.h"

#include "base/clock.h"
#include "base/fail.h"
#include "server/handlers.h"
#include "server/share.h"

#include <errno.h>
#include <event2/buffer.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	REQUESTS_MAX = 64,             /* that wait for their answers */
	OUTPUT_MAX = 4 * 1024 * 1024,  /* unsent, until we take more */
	READ_MAX = 256 * 1024,         /* at once */
	FIRST_REQUEST_MS = 10000,
	FRAME_MS = 30000,
	IDLE_MS = 600000,
};

/*
 * Invariants: first..last are the requests that are not sent, in the order of
 * arrival. is_closing: nothing more is read, and the last answer ends it.
 */
struct connection {
	struct server *server;
	int input_fd;
	int output_fd;
	struct evbuffer *input;
	struct evbuffer *output;
	struct event *readable;
	struct event *writable;
	struct request *first;
	struct request **last;
	int request_count;
	bool is_paused;   /* too much is unanswered or unsent */
	bool is_closing;
	bool has_spoken;  /* a request came */
	bool is_working;  /* inside of ours: do not free */
	bool is_broken;
	int64_t frame_ms; /* when the frame that is coming began, or 0 */
	int64_t seen_ms;  /* the last byte */
	char peer[64];
	struct connection *previous;
	struct connection *next;
};

static void
release_request(struct request *request)
{
	if (request->release != NULL)
		request->release(request);
	buf_release(&request->bytes);
	buf_release(&request->encoded);
	buf_release(&request->cuts);
	arena_release(&request->arena);
	free(request);
}

static void
free_connection(struct connection *connection)
{
	struct server *server = connection->server;

	if (connection->previous != NULL)
		connection->previous->next = connection->next;
	else
		server->connections = connection->next;
	if (connection->next != NULL)
		connection->next->previous = connection->previous;
	server->connection_count--;
	if (connection->readable != NULL)
		event_free(connection->readable);
	if (connection->writable != NULL)
		event_free(connection->writable);
	evbuffer_free(connection->input);
	evbuffer_free(connection->output);
	close(connection->input_fd);
	if (connection->output_fd != connection->input_fd)
		close(connection->output_fd);
	free(connection);
	if (server->connections == NULL &&
	    (server->is_draining || server->options.is_stdio))
		event_base_loopbreak(server->base);
}

/* Requests that somebody is at work on outlive us. */
static void
abandon_requests(struct connection *connection)
{
	for (struct request *request = connection->first, *next;
	    request != NULL; request = next) {
		next = request->next;
		request->connection = NULL;
		if (request->is_done)
			release_request(request);
		else if (request->cancel != NULL)
			request->cancel(request);
	}
	connection->first = NULL;
	connection->last = &connection->first;
}

void
connection_close(struct connection *connection)
{
	connection->is_broken = true;
	if (connection->is_working)
		return;
	abandon_requests(connection);
	share_sessions_drop(connection->server, connection);
	free_connection(connection);
}

static void
end_with(struct connection *connection, const char *why)
{
	server_say(connection->server, "%s: closed: %s", connection->peer, why);
	connection->is_broken = true;
}

static void
release_extents(const void *data, size_t size, void *request)
{
	(void)data;
	(void)size;
	release_request(request);
}

/* The bytes of a piece, and (0 bytes with it, at the end) the request. */
static void
send_cuts(struct connection *connection, const struct request *request)
{
	const struct cut *cuts = (const struct cut *)request->cuts.data;
	size_t count = request->cuts.size / sizeof *cuts;
	const struct buf *bytes = &request->encoded;
	size_t sent = 0;

	for (size_t i = 0; i < count; i++) {
		const struct extent *extent = cuts[i].extent;
		int file = dup(extent->file);

		evbuffer_add(connection->output, bytes->data + sent,
		    cuts[i].at - sent);
		sent = cuts[i].at;
		if (file < 0 || evbuffer_add_file(connection->output, file,
		    extent->byte, (ev_off_t)extent->size) != 0) {
			end_with(connection, "cannot send from a file");
			return;
		}
	}
	evbuffer_add(connection->output, bytes->data + sent,
	    bytes->size - sent);
}

static void
send_answer(struct connection *connection, struct request *request)
{
	connection->server->requests++;
	if (request->cuts.size > 0) {
		send_cuts(connection, request);
		release_request(request);
	} else if (request->encoded.size < 4096 ||
	    evbuffer_add_reference(connection->output, request->encoded.data,
	    request->encoded.size, release_extents, request) != 0) {
		evbuffer_add(connection->output, request->encoded.data,
		    request->encoded.size);
		release_request(request);
	}
}

static void
write_output(struct connection *connection)
{
	while (evbuffer_get_length(connection->output) > 0) {
		int sent = evbuffer_write(connection->output,
		    connection->output_fd);

		if (sent < 0 && errno == EAGAIN)
			break;
		if (sent <= 0) {
			connection->is_broken = true;
			return;
		}
	}
	if (evbuffer_get_length(connection->output) > 0)
		event_add(connection->writable, NULL);
	else
		event_del(connection->writable);
}

static void take_frames(struct connection *connection);

/* Frees the connection if it came to its end meanwhile. */
static void
finish_work(struct connection *connection)
{
	connection->is_working = false;
	if (connection->is_closing && connection->first == NULL &&
	    evbuffer_get_length(connection->output) == 0)
		connection->is_broken = true;
	if (connection->is_broken)
		connection_close(connection);
}

static void
send_what_is_done(struct connection *connection)
{
	while (connection->first != NULL && connection->first->is_done &&
	    !connection->is_broken) {
		struct request *request = connection->first;

		connection->first = request->next;
		if (connection->first == NULL)
			connection->last = &connection->first;
		connection->request_count--;
		send_answer(connection, request);
	}
	if (!connection->is_broken)
		write_output(connection);
}

static bool
is_full(const struct connection *connection)
{
	return connection->request_count >= REQUESTS_MAX ||
	    evbuffer_get_length(connection->output) >= OUTPUT_MAX;
}

void
connection_flush(struct connection *connection)
{
	if (connection->is_working)
		return; /* whoever works flushes at its end */
	connection->is_working = true;
	do {
		send_what_is_done(connection);
		if (connection->is_paused && !is_full(connection)) {
			connection->is_paused = false;
			if (!connection->is_closing)
				event_add(connection->readable, NULL);
			take_frames(connection);
		}
	} while (!connection->is_broken && connection->first != NULL &&
	    connection->first->is_done);
	finish_work(connection);
}

/* A version we do not speak: the answer that every client understands. */
static void
answer_unknown_version(struct request *request)
{
	buf_clear(&request->encoded);
	frame_begin_response(request->api, 0, request->header.correlation,
	    &request->encoded);
	buf_append_be16(&request->encoded, ERROR_UNSUPPORTED_VERSION);
	buf_append_be32(&request->encoded, 1);
	buf_append_be16(&request->encoded, (uint16_t)request->api->key);
	buf_append_be16(&request->encoded, (uint16_t)request->api->first);
	buf_append_be16(&request->encoded, (uint16_t)request->api->last);
	frame_end(&request->encoded, 0, 0);
	request->is_done = true;
}

static void
dispatch(struct connection *connection, struct request *request,
    struct cursor *input)
{
	const struct api *api = request->api;
	void (*handle)(struct request *) = handlers_find(request->header.key);
	int version = request->header.version;

	if (api != NULL && api->key == API_API_VERSIONS && version > api->last) {
		answer_unknown_version(request);
		return;
	}
	if (api == NULL || handle == NULL || version < api->served ||
	    version > api->last) {
		server_say(connection->server, "%s: API %d version %d is not "
		    "spoken here", connection->peer, request->header.key,
		    version);
		connection->is_broken = true;
		return;
	}
	request->message = arena_take(&request->arena, 1, api->request->size);
	request->answer = arena_take(&request->arena, 1, api->response->size);
	schema_preset(api->response, request->answer);
	if (schema_decode(api->request, api_encoding(api, version), input,
	    &request->arena, request->message) < 0) {
		server_say(connection->server, "%s: %s: %s", connection->peer,
		    api->name, fail_message());
		connection->is_broken = true;
		return;
	}
	handle(request);
}

static void
take_request(struct connection *connection, size_t size)
{
	struct request *request = memory_alloc(sizeof *request);
	struct cursor input;

	request->connection = connection;
	request->server = connection->server;
	request->arena = arena_limited(SERVER_ARENA_MAX);
	buf_reserve(&request->bytes, size);
	evbuffer_drain(connection->input, FRAME_SIZE_BYTES);
	evbuffer_remove(connection->input, request->bytes.data, size);
	request->bytes.size = size;
	*connection->last = request;
	connection->last = &request->next;
	connection->request_count++;
	connection->has_spoken = true;
	input = cursor_over(request->bytes.data, size);
	if (frame_decode_request(&input, &request->header) < 0) {
		end_with(connection, fail_message());
		return;
	}
	request->api = api_find(request->header.key);
	dispatch(connection, request, &input);
}

/* The size of the frame that begins the input; 0 until it is all there. */
static size_t
next_frame(struct connection *connection)
{
	unsigned char bytes[FRAME_SIZE_BYTES];
	size_t there = evbuffer_get_length(connection->input);
	uint32_t size;

	if (there < FRAME_SIZE_BYTES)
		return 0;
	evbuffer_copyout(connection->input, bytes, sizeof bytes);
	size = (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 |
	    (uint32_t)bytes[2] << 8 | bytes[3];
	if (size < 8 || size > SERVER_FRAME_MAX) {
		end_with(connection, "not a Kafka request, or too large");
		return 0;
	}
	return there - FRAME_SIZE_BYTES >= size ? size : 0;
}

static void
take_frames(struct connection *connection)
{
	size_t size = 0;

	while (!connection->is_broken && !is_full(connection) &&
	    (size = next_frame(connection)) > 0)
		take_request(connection, size);
	if (connection->is_broken)
		return;
	if (is_full(connection)) {
		connection->is_paused = true;
		event_del(connection->readable);
	}
	if (size > 0 || evbuffer_get_length(connection->input) == 0)
		connection->frame_ms = 0;
	else if (connection->frame_ms == 0)
		connection->frame_ms = clock_boot_ms();
}

static void
on_readable(evutil_socket_t fd, short what, void *argument)
{
	struct connection *connection = argument;
	int got = evbuffer_read(connection->input, fd, READ_MAX);

	(void)what;
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	connection->is_working = true;
	connection->seen_ms = clock_boot_ms();
	if (got <= 0)
		connection->is_broken = true;
	else
		take_frames(connection);
	connection->is_working = false;
	connection_flush(connection);
}

static void
on_writable(evutil_socket_t fd, short what, void *argument)
{
	(void)fd;
	(void)what;
	connection_flush(argument);
}

static void
link_connection(struct connection *connection)
{
	struct server *server = connection->server;

	connection->next = server->connections;
	if (connection->next != NULL)
		connection->next->previous = connection;
	server->connections = connection;
	server->connection_count++;
}

int
connection_open(struct server *server, int input, int output, const char *peer)
{
	struct connection *connection = memory_alloc(sizeof *connection);

	evutil_make_socket_nonblocking(input);
	evutil_make_socket_nonblocking(output);
	connection->server = server;
	connection->input_fd = input;
	connection->output_fd = output;
	connection->input = evbuffer_new();
	connection->output = evbuffer_new();
	connection->last = &connection->first;
	connection->seen_ms = clock_boot_ms();
	strncpy(connection->peer, peer, sizeof connection->peer - 1);
	link_connection(connection);
	evbuffer_set_flags(connection->output, EVBUFFER_FLAG_DRAINS_TO_FD);
	connection->readable = event_new(server->base, input,
	    EV_READ | EV_PERSIST, on_readable, connection);
	connection->writable = event_new(server->base, output,
	    EV_WRITE | EV_PERSIST, on_writable, connection);
	if (connection->readable == NULL || connection->writable == NULL ||
	    event_add(connection->readable, NULL) != 0) {
		free_connection(connection);
		return fail(FAIL_SYSTEM, "%s: cannot watch it", peer);
	}
	return 0;
}

void
connection_drain(struct connection *connection)
{
	connection->is_closing = true;
	event_del(connection->readable);
	connection_flush(connection);
}

void
connection_tick(struct connection *connection, int64_t now_ms)
{
	const char *why = NULL;

	if (connection->first != NULL || connection->is_closing)
		return;
	if (connection->frame_ms != 0 && now_ms - connection->frame_ms >
	    FRAME_MS)
		why = "half a request for 30 s";
	else if (!connection->has_spoken && now_ms - connection->seen_ms >
	    FIRST_REQUEST_MS)
		why = "no request for 10 s";
	else if (now_ms - connection->seen_ms > IDLE_MS)
		why = "idle for 10 minutes";
	if (why == NULL)
		return;
	end_with(connection, why);
	connection_close(connection);
}

struct connection *
connection_next(const struct connection *connection)
{
	return connection->next;
}

const char *
connection_peer(const struct connection *connection)
{
	return connection->peer;
}

/* Here, because only a connection frees requests. */
void
request_answer(struct request *request)
{
	struct connection *connection = request->connection;
	struct encoded output = {&request->encoded, &request->cuts, 0};

	if (connection == NULL) {
		release_request(request);
		return;
	}
	if (!request->is_silent) {
		frame_begin_response(request->api, request->header.version,
		    request->header.correlation, &request->encoded);
		schema_encode(request->api->response,
		    api_encoding(request->api, request->header.version),
		    request->answer, &output);
		frame_end(&request->encoded, 0, output.extent_bytes);
	}
	request->is_done = true;
	connection_flush(connection);
}
