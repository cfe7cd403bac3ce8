/* What goes out: answers in order, from memory and from files. */
#include "server/connection_internal.h"

#include <errno.h>
#include <event2/buffer.h>
#include <unistd.h>

enum {
	COPY_MAX = 16 * 1024,         /* of a file: read, not sent as it is */
	WRITE_MAX = 2 * 1024 * 1024,  /* until others have their turn */
};

/* What the buffer has is the request's, and goes with it when it is sent. */
static void
release_answer(const void *data, size_t size, void *request)
{
	(void)data;
	(void)size;
	request_release(request);
}

static void
release_answer_of_file(const struct evbuffer_file_segment *segment, int flags,
    void *request)
{
	(void)segment;
	(void)flags;
	request_release(request);
}

/* last, if not NULL, is released when this is sent. */
static bool
add_memory(struct evbuffer *output, const void *data, size_t size,
    struct request *last)
{
	return size == 0 || evbuffer_add_reference(output, data, size,
	    last == NULL ? NULL : release_answer, last) == 0;
}

/* By sendfile(2). */
static bool
add_file(struct evbuffer *output, const struct extent *extent,
    struct request *last)
{
	struct evbuffer_file_segment *segment = evbuffer_file_segment_new(
	    extent->file, extent->byte, (ev_off_t)extent->size, 0);
	bool is_added;

	if (segment == NULL)
		return false;
	is_added = evbuffer_add_file_segment(output, segment, 0,
	    (ev_off_t)extent->size) == 0;
	if (is_added && last != NULL)
		evbuffer_file_segment_add_cleanup_cb(segment,
		    release_answer_of_file, last);
	evbuffer_file_segment_free(segment);
	return is_added;
}

static bool
add_copy(struct evbuffer *output, const struct extent *extent,
    struct request *request, struct request *last)
{
	unsigned char *copy;
	ssize_t got;

	request->arena.limit = SIZE_MAX;
	copy = arena_take(&request->arena, 1, extent->size);
	do {
		got = pread(extent->file, copy, extent->size, extent->byte);
	} while (got < 0 && errno == EINTR);
	return got == (ssize_t)extent->size &&
	    add_memory(output, copy, extent->size, last);
}

static bool
add_extent(struct evbuffer *output, const struct extent *extent,
    struct request *request, struct request *last)
{
	if (extent->bytes != NULL)
		return add_memory(output, extent->bytes, extent->size, last);
	return extent->size <= COPY_MAX ?
	    add_copy(output, extent, request, last) :
	    add_file(output, extent, last);
}

/* The bytes of the answer, and the pieces of files in between. */
static bool
add_answer(struct evbuffer *output, struct request *request)
{
	const struct cut *cuts = (const struct cut *)request->cuts.data;
	size_t count = request->cuts.size / sizeof *cuts;
	const struct buf *bytes = &request->encoded;
	size_t sent = 0;

	for (size_t i = 0; i < count; i++) {
		const struct extent *extent = cuts[i].extent;
		bool is_last = i + 1 == count && cuts[i].at == bytes->size;
		struct request *last = is_last ? request : NULL;

		if (!add_memory(output, bytes->data + sent,
		    cuts[i].at - sent, NULL))
			return false;
		sent = cuts[i].at;
		if (!add_extent(output, extent, request, last))
			return false;
		if (is_last)
			return true;
	}
	return add_memory(output, bytes->data + sent, bytes->size - sent,
	    request);
}

static bool
has_files(const struct request *request)
{
	const struct cut *cuts = (const struct cut *)request->cuts.data;

	for (size_t i = 0; i < request->cuts.size / sizeof *cuts; i++)
		if (cuts[i].extent->bytes == NULL &&
		    cuts[i].extent->size > COPY_MAX)
			return true;
	return false;
}

/* The request stays until its answer is sent: as little of it as that takes. */
static void
strip(struct request *request)
{
	if (!has_files(request))
		request_close(request);
	buf_release(&request->bytes);
	if (request->cuts.size == 0)
		arena_release(&request->arena);
	request_count_memory(request);
}

static void
send_answer(struct connection *connection, struct request *request)
{
	connection->server->requests++;
	if (request->encoded.size > 0 &&
	    !add_answer(connection->output, request)) {
		connection_end(connection, "cannot send an answer");
		return;
	}
	connection->first = request->next;
	if (connection->first == NULL)
		connection->last = &connection->first;
	connection->unsent -= request->unsent;
	request->unsent = 0;
	if (request->encoded.size == 0)
		request_release(request);
	else
		strip(request);
}

static void
write_output(struct connection *connection)
{
	int total = 0;

	while (evbuffer_get_length(connection->output) > 0 &&
	    total < WRITE_MAX) {
		int sent;

		errno = 0;
		sent = evbuffer_write(connection->output,
		    connection->output_fd);
		/* 0 where a file is sent; also if the file was cut. */
		if (sent <= 0 && (errno == EAGAIN || errno == EINTR))
			break;
		if (sent <= 0) {
			connection->is_broken = true;
			return;
		}
		total += sent;
	}
	if (evbuffer_get_length(connection->output) > 0)
		event_add(connection->writable, NULL);
	else
		event_del(connection->writable);
}

void
connection_send(struct connection *connection)
{
	while (connection->first != NULL && connection->first->is_done &&
	    !connection->is_broken && !is_connection_deaf(connection))
		send_answer(connection, connection->first);
	if (!connection->is_broken)
		write_output(connection);
	connection_count_memory(connection);
}

void
request_refuse(struct request *request, const char *why)
{
	struct connection *connection = request->connection;

	request->is_silent = true;
	if (connection != NULL)
		connection_end(connection, why);
	request_answer(request);
}

void
request_answer(struct request *request)
{
	struct connection *connection = request->connection;
	struct encoded output = {&request->encoded, &request->cuts, 0};

	if (connection == NULL) {
		request_release(request);
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
	request_finish(request, output.extent_bytes);
}
