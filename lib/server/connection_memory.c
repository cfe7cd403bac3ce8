/* What connections and their requests cost: each, and all together. */
#include "server/connection_internal.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <stdlib.h>

enum {
	REQUESTS_MAX = 64,              /* that are not answered, or unsent */
	FILES_MAX = 256,                /* in their answers */
	OUTPUT_MAX = 256 * 1024,        /* unsent, until we take more */
	HELD_MAX = 16 * 1024 * 1024,    /* by what is not answered */
	ERRANDS_MAX = 4,                /* at a time: others have their turn */
};

static bool
is_server_full(const struct server *server)
{
	return server->memory >= SERVER_MEMORY_MAX;
}

bool
is_connection_deaf(const struct connection *connection)
{
	return evbuffer_get_length(connection->output) >= OUTPUT_MAX;
}

/* Many lists of much are asked for one after the other, as others wait, too. */
static bool
is_connection_greedy(const struct connection *connection)
{
	int count = 0;

	for (const struct request *request = connection->first;
	    request != NULL && count < ERRANDS_MAX; request = request->next) {
		if (request->is_done || request->header.key == API_PRODUCE)
			continue;
		count += request->held > SERVER_ROOM ? ERRANDS_MAX :
		    request->is_errand;
	}
	return count >= ERRANDS_MAX;
}

bool
is_connection_full(struct connection *connection)
{
	struct server *server = connection->server;

	if (connection->request_count >= REQUESTS_MAX ||
	    is_connection_greedy(connection) ||
	    connection->file_count >= FILES_MAX ||
	    connection->unsent + evbuffer_get_length(connection->output) >=
	    OUTPUT_MAX ||
	    connection->held >= HELD_MAX)
		return true;
	connection->is_short = is_server_full(server) &&
	    connection->held + connection->counted > SERVER_ROOM;
	server->is_short = server->is_short || connection->is_short;
	return connection->is_short;
}

/* Whoever had to wait for others may go on, once the loop is there. */
static void
give(struct server *server, size_t bytes)
{
	__atomic_sub_fetch(&server->memory, bytes, __ATOMIC_RELAXED);
	if (!server->is_short || server->memory > SERVER_MEMORY_MAX / 4 * 3)
		return;
	server->is_short = false;
	event_active(server->relief, EV_TIMEOUT, 0);
}

void
connection_count_memory(struct connection *connection)
{
	size_t now = evbuffer_get_length(connection->input);

	__atomic_add_fetch(&connection->server->memory, now, __ATOMIC_RELAXED);
	give(connection->server, connection->counted);
	connection->counted = now;
}

void
connection_forget_memory(struct connection *connection)
{
	give(connection->server, connection->counted);
}

void
request_count_memory(struct request *request)
{
	size_t now = sizeof *request + request->bytes.capacity +
	    request->arena.held + request->encoded.capacity +
	    request->cuts.capacity;

	__atomic_add_fetch(&request->server->memory, now, __ATOMIC_RELAXED);
	give(request->server, request->held);
	if (request->connection != NULL)
		request->connection->held += now - request->held;
	request->held = now;
}

void
request_finish(struct request *request, size_t extent_bytes)
{
	request->is_done = true;
	request->unsent = request->encoded.size + extent_bytes;
	request->file_count = (int)(request->cuts.size / sizeof(struct cut));
	request->connection->unsent += request->unsent;
	request->connection->file_count += request->file_count;
	request_count_memory(request);
	event_active(request->connection->answered, EV_TIMEOUT, 0);
}

void
request_close(struct request *request)
{
	if (request->release != NULL)
		request->release(request);
	request->release = NULL;
	if (request->connection != NULL)
		request->connection->file_count -= request->file_count;
	request->file_count = 0;
}

void
request_detach(struct request *request)
{
	struct connection *connection = request->connection;

	connection->request_count--;
	connection->file_count -= request->file_count;
	connection->unsent -= request->unsent;
	connection->held -= request->held;
	request->connection = NULL;
}

void
request_release(struct request *request)
{
	request_close(request);
	give(request->server, request->held);
	if (request->connection != NULL)
		request_detach(request);
	buf_release(&request->bytes);
	buf_release(&request->encoded);
	buf_release(&request->cuts);
	arena_release(&request->arena);
	free(request);
}
