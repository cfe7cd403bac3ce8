/* Reading messages: one buffer between a descriptor and a parser. */
#include "queue/framing_parse.h"
#include "base/fail.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	BUFFER_SIZE = 256 * 1024,
	READ_SIZE_MIN = 64 * 1024,
	LIMIT_SLACK = 1024 * 1024, /* for keys, headers and punctuation */
};

/* How long one message may be in the input: JSON may need six bytes for
 * one. */
static size_t
encoded_limit(const struct framing *framing, size_t max)
{
	switch (framing->kind) {
	case FRAMING_JSON:
		return 6 * max + LIMIT_SLACK;
	case FRAMING_FORMAT:
		return max + LIMIT_SLACK;
	case FRAMING_NATIVE:
		return BATCH_MAX_SIZE;
	default:
		return max;
	}
}

int
framing_reader_open(struct framing_reader **reader,
    const struct framing *framing, int fd, const char *name,
    int64_t max_message_bytes)
{
	struct framing_reader *made = memory_alloc(sizeof(*made));

	made->framing = framing;
	made->fd = fd;
	made->name = name;
	made->max = max_message_bytes > BATCH_MAX_SIZE
	    ? BATCH_MAX_SIZE
	    : (size_t)max_message_bytes;
	made->limit = encoded_limit(framing, made->max);
	made->nul = SIZE_MAX;
	buf_reserve(&made->buffer, BUFFER_SIZE);
	made->delimiter = framing->kind == FRAMING_DELIMITER
	    ? buf_slice(&framing->delimiter)
	    : (struct slice){"\n", 1};
	*reader = made;
	return 0;
}

void
framing_reader_close(struct framing_reader *reader)
{
	if (reader == NULL)
		return;
	message_json_release(&reader->json);
	buf_release(&reader->buffer);
	buf_release(&reader->headers);
	buf_release(&reader->scratch);
	free(reader);
}

/* Moves what is left to the front, or grows the buffer, so that a read of
 * some size fits. */
static void
make_room(struct framing_reader *reader)
{
	struct buf *buffer = &reader->buffer;
	size_t left = reader->end - reader->begin;

	if (buffer->capacity - reader->end >= READ_SIZE_MIN)
		return;
	if (reader->begin > 0) {
		memmove(buffer->data, buffer->data + reader->begin, left);
		if (reader->nul != SIZE_MAX)
			reader->nul -= reader->begin;
		reader->begin = 0;
		reader->end = left;
	}
	if (buffer->capacity - reader->end >= READ_SIZE_MIN)
		return;
	buffer->size = reader->end;
	buf_reserve(buffer, left < BUFFER_SIZE ? BUFFER_SIZE : left);
}

/* Notes the first NUL among new bytes: one look at a whole read costs less
 * than one at each line. */
static void
note_nul(struct framing_reader *reader, size_t size)
{
	const unsigned char *data = reader->buffer.data, *nul;

	if (reader->framing->kind != FRAMING_LINES || reader->nul != SIZE_MAX)
		return;
	nul = memchr(data + reader->end, '\0', size);
	if (nul != NULL)
		reader->nul = (size_t)(nul - data);
}

/* 0 if there is more in the buffer, or the end was met; FRAMING_DRY. */
static int
fill(struct framing_reader *reader)
{
	struct pollfd entry = {.fd = reader->fd, .events = POLLIN};
	ssize_t got;

	if (poll(&entry, 1, 0) == 0)
		return FRAMING_DRY;
	make_room(reader);
	got = read(reader->fd, reader->buffer.data + reader->end,
	    reader->buffer.capacity - reader->end);
	if (got < 0 && (errno == EINTR || errno == EAGAIN))
		return FRAMING_DRY;
	if (got < 0)
		return fail(FAIL_IO, "read %s: %s", reader->name,
		    strerror(errno));
	if (got == 0)
		reader->is_end = true;
	note_nul(reader, (size_t)got);
	reader->end += (size_t)got;
	return 0;
}

struct slice
framing_reader_raw(const struct framing_reader *reader)
{
	return (struct slice){reader->buffer.data + reader->raw,
	    reader->begin - reader->raw};
}

int
framing_reader_next(struct framing_reader *reader, struct message *message)
{
	int result;

	for (;;) {
		*message = (struct message){.partition = -1};
		reader->raw = reader->begin;
		result = framing_parse(reader, message);
		if (result < 0)
			return result;
		if (result > 0) {
			reader->count++;
			return 1;
		}
		if (reader->is_end)
			return 0;
		result = fill(reader);
		if (result != 0)
			return result;
	}
}

int
framing_reader_next_batch(struct framing_reader *reader, struct slice *bytes,
    struct batch_header *header)
{
	int result;

	for (;;) {
		result = framing_parse_batch(reader, bytes, header);
		if (result < 0)
			return result;
		if (result > 0 && header->record_count > 0) {
			reader->count += header->record_count;
			return 1;
		}
		if (result > 0)
			continue;
		if (reader->is_end)
			return 0;
		result = fill(reader);
		if (result != 0)
			return result;
	}
}
