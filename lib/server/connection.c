/* One connection: two evbuffers, and the requests between them. */
#include "server/connection_internal.h"

#include "base/clock.h"
#include "base/fail.h"
#include "server/address.h"
#include "server/listener.h"
#include "server/share.h"

#include <errno.h>
#include <event2/buffer.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

enum {
	READ_MIN = 4000,               /* at once: a page with its head, */
	READ_MAX = 256 * 1024,         /* and where much comes */
	FIRST_REQUEST_MS = 10000,
	FRAME_MS = 30000,
	IDLE_MS = 600000,
	DRAIN_MS = 30000,
};

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
	if (connection->answered != NULL)
		event_free(connection->answered);
	evbuffer_free(connection->input);
	evbuffer_free(connection->output);
	connection_forget_memory(connection);
	close(connection->input_fd);
	if (connection->output_fd != connection->input_fd)
		close(connection->output_fd);
	free(connection);
	listener_resume_all(server);
	if (server->connections == NULL &&
	    (server->is_draining || server->options.is_stdio))
		event_base_loopbreak(server->base);
}

/* Requests that somebody is at work on outlive us. */
static void
abandon_requests(struct connection *connection)
{
	while (connection->first != NULL) {
		struct request *request = connection->first;

		connection->first = request->next;
		request_detach(request);
		if (request->is_done)
			request_release(request);
		else if (request->cancel != NULL)
			request->cancel(request);
	}
	connection->last = &connection->first;
}

void
connection_close(struct connection *connection)
{
	connection->is_broken = true;
	if (connection->is_working)
		return;
	connection->is_working = true;
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

void
connection_flush(struct connection *connection)
{
	if (connection->is_working)
		return; /* whoever works flushes at its end */
	connection->is_working = true;
	do {
		connection_send(connection);
		if (connection->is_paused && !is_connection_full(connection)) {
			connection->is_paused = false;
			if (!connection->is_closing)
				event_add(connection->readable, NULL);
			connection_take_frames(connection);
		}
		/* What is behind unsent answers waits until they are sent. */
	} while (!connection->is_broken && connection->first != NULL &&
	    connection->first->is_done &&
	    evbuffer_get_length(connection->output) == 0);
	finish_work(connection);
}

/* As evbuffer_read, but without asking how much there is: as much as it is
 * likely to be. */
static ssize_t
read_input(struct connection *connection, int fd)
{
	struct evbuffer_iovec room[2];
	size_t size = 0;
	int count = evbuffer_reserve_space(connection->input,
	    (ev_ssize_t)connection->read_size, room, 2);
	ssize_t got;

	if (count < 0)
		return -1;
	for (int i = 0; i < count; i++)
		size += room[i].iov_len;
	got = readv(fd, room, count);
	if (got <= 0)
		return got;
	if ((size_t)got < size)
		connection->read_size = READ_MIN;
	else if (connection->read_size < READ_MAX)
		connection->read_size *= 4;
	if ((size_t)got <= room[0].iov_len)
		count = 1;
	room[count - 1].iov_len -= count == 1 ?
	    room[0].iov_len - (size_t)got : size - (size_t)got;
	evbuffer_commit_space(connection->input, room, count);
	return got;
}

static void
on_readable(evutil_socket_t fd, short what, void *argument)
{
	struct connection *connection = argument;
	ssize_t got = read_input(connection, fd);

	(void)what;
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	connection->is_working = true;
	connection->seen_ms = clock_boot_ms();
	if (got <= 0)
		connection->is_broken = true;
	else
		connection_take_frames(connection);
	connection_count_memory(connection);
	connection->is_working = false;
	/* Its answers go out behind those to who has waited for it. */
	if (connection->is_paused || connection->is_broken)
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
on_answered(evutil_socket_t fd, short what, void *argument)
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
	connection->read_size = READ_MIN;
	connection->last = &connection->first;
	connection->seen_ms = clock_boot_ms();
	connection->began_ms = connection->seen_ms;
	strncpy(connection->peer, peer, sizeof connection->peer - 1);
	link_connection(connection);
	evbuffer_set_flags(connection->output, EVBUFFER_FLAG_DRAINS_TO_FD);
	connection->readable = event_new(server->base, input,
	    EV_READ | EV_PERSIST, on_readable, connection);
	connection->writable = event_new(server->base, output,
	    EV_WRITE | EV_PERSIST, on_writable, connection);
	connection->answered = event_new(server->base, -1, 0, on_answered,
	    connection);
	if (connection->readable == NULL || connection->writable == NULL ||
	    connection->answered == NULL ||
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
	connection->began_ms = clock_boot_ms();
	event_del(connection->readable);
	connection_flush(connection);
}

/* Why a connection may stay no longer; NULL if it may. */
static const char *
find_overdue(const struct connection *connection, int64_t now_ms)
{
	int64_t silent_ms = now_ms - connection->seen_ms;
	int64_t old_ms = now_ms - connection->began_ms;

	if (connection->is_closing)
		return old_ms > DRAIN_MS ? "does not take its answers" : NULL;
	if (connection->frame_ms != 0 &&
	    now_ms - connection->frame_ms > FRAME_MS)
		return "half a request for 30 s";
	if (connection->first != NULL)
		return NULL;
	if (!connection->has_spoken && old_ms > FIRST_REQUEST_MS)
		return "no request for 10 s";
	return silent_ms > IDLE_MS ? "idle for 10 minutes" : NULL;
}

void
connection_tick(struct connection *connection, int64_t now_ms)
{
	const char *why = find_overdue(connection, now_ms);

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

/* Told by --advertise, each client is to be told that; else where it came, as
 * it can get there. */
struct slice
request_server_host(struct request *request, int32_t *port)
{
	const struct server *server = request->server;
	union address address;
	struct slice copy;
	char *host = NULL;
	int number;

	if (!server->is_advertised &&
	    address_of_socket(request->connection->input_fd, &address))
		host = address_host(&address, &number);
	if (host == NULL) {
		*port = server->port;
		return slice_of(server->host);
	}
	*port = number;
	copy = request_copy(request, host);
	free(host);
	return copy;
}
