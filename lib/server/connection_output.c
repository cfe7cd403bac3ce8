/* What goes out: answers in order, from memory and from files. */
#include "server/connection_internal.h"

#include <errno.h>
#include <event2/buffer.h>
#include <unistd.h>

enum {
	COPY_MAX = 16 * 1024,         /* of a file: read, not sent as it is */
	KEEP_MIN = 4096,              /* of an answer: sent without a copy */
	WRITE_MAX = 2 * 1024 * 1024,  /* until others have their turn */
};

static void
release_answer(const void *data, size_t size, void *request)
{
	(void)data;
	(void)size;
	request_release(request);
}

static void
forget_file(const struct evbuffer_file_segment *segment, int flags,
    void *connection)
{
	(void)segment;
	(void)flags;
	((struct connection *)connection)->file_count--;
}

static bool
copy_extent(struct evbuffer *output, const struct extent *extent)
{
	struct evbuffer_iovec space;
	ssize_t got;

	if (evbuffer_reserve_space(output, (ssize_t)extent->size, &space, 1) <
	    1)
		return false;
	do {
		got = pread(extent->file, space.iov_base, extent->size,
		    extent->byte);
	} while (got < 0 && errno == EINTR);
	space.iov_len = extent->size;
	return got == (ssize_t)extent->size &&
	    evbuffer_commit_space(output, &space, 1) == 0;
}

/* By sendfile(2); the descriptor is the buffer's. */
static bool
add_file(struct connection *connection, const struct extent *extent)
{
	int file = dup(extent->file);
	struct evbuffer_file_segment *segment;
	bool is_added;

	if (file < 0)
		return false;
	segment = evbuffer_file_segment_new(file, extent->byte,
	    (ev_off_t)extent->size, EVBUF_FS_CLOSE_ON_FREE);
	if (segment == NULL) {
		close(file);
		return false;
	}
	connection->file_count++;
	evbuffer_file_segment_add_cleanup_cb(segment, forget_file, connection);
	is_added = evbuffer_add_file_segment(connection->output, segment, 0,
	    (ev_off_t)extent->size) == 0;
	evbuffer_file_segment_free(segment);
	return is_added;
}

/* The bytes of the answer, and the pieces of files in between. */
static void
send_cuts(struct connection *connection, const struct request *request)
{
	const struct cut *cuts = (const struct cut *)request->cuts.data;
	size_t count = request->cuts.size / sizeof *cuts;
	const struct buf *bytes = &request->encoded;
	size_t sent = 0;

	for (size_t i = 0; i < count; i++) {
		const struct extent *extent = cuts[i].extent;
		bool is_added;

		evbuffer_add(connection->output, bytes->data + sent,
		    cuts[i].at - sent);
		sent = cuts[i].at;
		is_added = extent->size <= COPY_MAX ?
		    copy_extent(connection->output, extent) :
		    add_file(connection, extent);
		if (!is_added) {
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
		request_release(request);
	} else if (request->encoded.size < KEEP_MIN ||
	    evbuffer_add_reference(connection->output, request->encoded.data,
	    request->encoded.size, release_answer, request) != 0) {
		evbuffer_add(connection->output, request->encoded.data,
		    request->encoded.size);
		request_release(request);
	}
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
	request->is_done = true;
	request_count_memory(request);
	event_active(connection->answered, EV_TIMEOUT, 0);
}
