/* Reading the records of a batch, every length checked before use. */
#include "log/batch.h"
#include "base/fail.h"
#include "log/codec.h"
#include "log/varint.h"

static int
reader_fail(const struct batch_reader *reader, const char *what)
{
	return fail(FAIL_CORRUPT, "batch at offset %lld, record %d: %s",
	    (long long)reader->header.base_offset, (int)reader->index, what);
}

int
batch_reader_open(struct batch_reader *reader, const void *bytes, size_t size,
    struct buf *scratch)
{
	return batch_reader_open_within(reader, bytes, size, BATCH_MAX_SIZE,
	    scratch);
}

int
batch_reader_open_within(struct batch_reader *reader, const void *bytes,
    size_t size, size_t max, struct buf *scratch)
{
	enum codec codec;
	int rc = batch_decode_header(bytes, size, &reader->header);

	if (rc < 0)
		return rc;
	reader->position = 0;
	reader->index = 0;
	reader->last_delta = -1;
	if (size < batch_size(&reader->header))
		return reader_fail(reader, "the batch is cut");
	reader->records.data = (const unsigned char *)bytes +
	    BATCH_HEADER_SIZE;
	reader->records.size = batch_size(&reader->header) -
	    BATCH_HEADER_SIZE;
	codec = reader->header.attributes & 7;
	if (codec == CODEC_NONE)
		return 0;
	buf_clear(scratch);
	buf_reserve(scratch, 1); /* no records are no NULL either */
	if (reader->header.record_count > 0) {
		rc = codec_unpack(codec, reader->records, max, scratch);
		if (rc < 0)
			return rc;
	}
	reader->records = buf_slice(scratch);
	return 0;
}

/* The headers must fill the rest of the record exactly, so that whoever walks
 * them later finds no error. */
static bool
is_header_list_good(const struct cursor *rest, int64_t count)
{
	struct cursor cursor = *rest;

	if (count < 0 || (uint64_t)count > cursor_left(&cursor) / 2)
		return false;
	for (int64_t i = 0; i < count && !cursor.failed; i++) {
		if (varint_read_slice(&cursor).data == NULL)
			return false;
		varint_read_slice(&cursor);
	}
	return !cursor.failed && cursor.at == cursor.end;
}

static int
reader_decode(struct batch_reader *reader, struct cursor *cursor,
    struct record *record)
{
	const struct batch_header *header = &reader->header;
	int64_t time, delta, count;

	cursor->at++; /* attributes: none are defined */
	time = varint_read(cursor);
	delta = varint_read(cursor);
	record->key = varint_read_slice(cursor);
	record->value = varint_read_slice(cursor);
	count = varint_read(cursor);
	if (cursor->failed)
		return reader_fail(reader, "a length exceeds the record");
	if (delta <= reader->last_delta || delta > header->last_offset_delta)
		return reader_fail(reader, "its offset is out of order");
	if (count == 0 ? cursor->at != cursor->end
	    : !is_header_list_good(cursor, count))
		return reader_fail(reader, "bad headers");
	reader->last_delta = (int32_t)delta;
	record->offset = header->base_offset + delta;
	record->timestamp = (int64_t)((uint64_t)header->base_timestamp +
	    (uint64_t)time);
	if (header->attributes & BATCH_LOG_APPEND_TIME)
		record->timestamp = header->max_timestamp;
	record->headers.data = cursor->at;
	record->headers.size = (size_t)(cursor->end - cursor->at);
	record->header_count = (int32_t)count;
	return 1;
}

int
batch_reader_next(struct batch_reader *reader, struct record *record)
{
	const unsigned char *data = reader->records.data;
	size_t size = reader->records.size;
	struct cursor cursor;
	struct slice body;
	int rc;

	if (reader->index == reader->header.record_count)
		return reader->position == size ? 0
		    : reader_fail(reader, "bytes behind the last record");
	cursor = (struct cursor){data + reader->position, data + size, false};
	body = varint_read_slice(&cursor);
	if (cursor.failed || body.size == 0)
		return reader_fail(reader, "its length exceeds the batch");
	reader->position = size - (size_t)(cursor.end - cursor.at);
	cursor.at = body.data;
	cursor.end = cursor.at + body.size;
	rc = reader_decode(reader, &cursor, record);
	if (rc > 0)
		reader->index++;
	return rc;
}
