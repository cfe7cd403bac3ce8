/* One connection: two evbuffers, and the requests between them. */
#include "server/connection_internal.h"

#include "base/clock.h"
#include "base/fail.h"
#include "server/share.h"

#include <errno.h>
#include <event2/buffer.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	READ_MAX = 256 * 1024,         /* at once */
	FIRST_REQUEST_MS = 10000,
	FRAME_MS = 30000,
	IDLE_MS = 600000,
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

void
connection_end(struct connection *connection, const char *why)
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
			connection_end(connection, "cannot send from a file");
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

void
connection_flush(struct connection *connection)
{
	if (connection->is_working)
		return; /* whoever works flushes at its end */
	connection->is_working = true;
	do {
		send_what_is_done(connection);
		if (connection->is_paused && !is_connection_full(connection)) {
			connection->is_paused = false;
			if (!connection->is_closing)
				event_add(connection->readable, NULL);
			connection_take_frames(connection);
		}
	} while (!connection->is_broken && connection->first != NULL &&
	    connection->first->is_done);
	finish_work(connection);
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
		connection_take_frames(connection);
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
	connection_end(connection, why);
	connection_close(connection);
}

struct connection *
connection_next(const struct connection *connection)
{
	return connection->next;
}

/* As Kafka's brokers write it: with a slash, and without the port. */
struct slice
request_client_host(struct request *request)
{
	const char *peer = request->connection->peer;
	const char *end = strrchr(peer, ':');
	size_t size = end == NULL ? strlen(peer) : (size_t)(end - peer);
	char host[66] = "/";

	if (peer[0] == '[' && size > 2)
		memcpy(host + 1, peer + 1, size - 2);
	else
		memcpy(host + 1, peer, size);
	return request_copy(request, host);
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
