/* What comes in: frames, and the requests in them. */
#include "server/connection_internal.h"

#include "base/clock.h"
#include "base/fail.h"
#include "server/handlers.h"

#include <event2/buffer.h>
#include <stdio.h>
#include <stdlib.h>

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
	request_finish(request, 0);
}

static void
dispatch(struct request *request, struct cursor *input)
{
	const struct api *api = request->api;
	void (*handle)(struct request *) = handlers_find(request->header.key);
	int version = request->header.version;
	char why[256];

	if (api != NULL && api->key == API_API_VERSIONS && version > api->last) {
		answer_unknown_version(request);
		return;
	}
	if (api == NULL || handle == NULL || version < api->served ||
	    version > api->last) {
		snprintf(why, sizeof why, "API %d version %d is not spoken "
		    "here", request->header.key, version);
		request_refuse(request, why);
		return;
	}
	request->message = arena_take(&request->arena, 1, api->request->size);
	request->answer = arena_take(&request->arena, 1, api->response->size);
	schema_preset(api->response, request->answer);
	if (schema_decode(api->request, api_encoding(api, version), input,
	    &request->arena, request->message) < 0) {
		snprintf(why, sizeof why, "%s: %s", api->name, fail_message());
		request_refuse(request, why);
		return;
	}
	request_count_memory(request);
	handle(request);
}

static void
take_request(struct connection *connection, size_t size)
{
	struct request *request = memory_alloc(sizeof *request);
	struct cursor input;

	request->connection = connection;
	request->server = connection->server;
	request->arena = arena_limited(SERVER_DECODED_MAX);
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
		request_refuse(request, fail_message());
		return;
	}
	request->api = api_find(request->header.key);
	dispatch(request, &input);
}

/* The size of the frame that begins the input; 0 until it is all there. Only
 * messages are large. */
static size_t
next_frame(struct connection *connection)
{
	unsigned char bytes[FRAME_SIZE_BYTES + 2] = {0};
	size_t there = evbuffer_get_length(connection->input);
	struct cursor start;
	uint32_t size, most;

	if (there < FRAME_SIZE_BYTES)
		return 0;
	evbuffer_copyout(connection->input, bytes, sizeof bytes);
	start = cursor_over(bytes, sizeof bytes);
	size = cursor_be32(&start);
	most = there < sizeof bytes || cursor_be16(&start) == API_PRODUCE ?
	    SERVER_FRAME_MAX : SERVER_SMALL_FRAME_MAX;
	if (size < 8 || size > most) {
		connection_end(connection, "not a Kafka request, or too large");
		return 0;
	}
	return there - FRAME_SIZE_BYTES >= size ? size : 0;
}

/* A frame that stays half is the client's doing only while we read. */
static void
watch_frame(struct connection *connection)
{
	bool is_ours = connection->is_paused && !connection->is_short;

	if (evbuffer_get_length(connection->input) == 0 || is_ours)
		connection->frame_ms = 0;
	else if (connection->frame_ms == 0)
		connection->frame_ms = clock_boot_ms();
}

void
connection_take_frames(struct connection *connection)
{
	size_t size;

	while (!connection->is_broken && !is_connection_full(connection) &&
	    (size = next_frame(connection)) > 0) {
		take_request(connection, size);
		connection_count_memory(connection);
		connection->frame_ms = 0;
	}
	if (connection->is_broken)
		return;
	if (is_connection_full(connection)) {
		connection->is_paused = true;
		event_del(connection->readable);
	}
	watch_frame(connection);
}
