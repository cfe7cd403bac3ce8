/* Reading one batch of any bytes, and what must hold for its records. */
#ifndef RECORDS_H
#define RECORDS_H

#include "fuzz.h"
#include "log/batch.h"

static inline void
check_headers(const struct record *record)
{
	struct record_header header;
	size_t position = 0;
	int32_t count = 0;
	int rc;

	while ((rc = record_next_header(record, &position, &header)) == 1) {
		MUST(is_inside(header.name, record->headers) &&
		    is_inside(header.value, record->headers),
		    "headers lie in their record");
		count++;
	}
	MUST(rc == 0 && count == record->header_count,
	    "headers of a record that was read can be walked");
}

static inline void
check_record(const struct batch_reader *reader, const struct record *record,
    int64_t former)
{
	const struct batch_header *header = &reader->header;

	MUST(record->offset > former && record->offset >= header->base_offset &&
	    record->offset <= header->base_offset + header->last_offset_delta,
	    "offsets ascend within the batch");
	MUST(is_inside(record->key, reader->records) &&
	    is_inside(record->value, reader->records) &&
	    is_inside(record->headers, reader->records),
	    "what a record shows lies in its batch");
	check_headers(record);
}

/* The records once more, encoded by us, are the same records. */
static inline void
check_same(struct batch_reader *reader, const struct buf *again)
{
	struct batch_reader other;
	struct record record, copy;
	struct buf scratch = {0};

	reader->position = 0;
	reader->index = 0;
	reader->last_delta = -1;
	MUST(batch_reader_open(&other, again->data, again->size, &scratch) ==
	    0 && is_batch_intact(again->data, &other.header),
	    "what was built can be read");
	while (batch_reader_next(reader, &record) == 1) {
		MUST(batch_reader_next(&other, &copy) == 1,
		    "with as many records");
		MUST(slice_equal(record.key, copy.key) &&
		    slice_equal(record.value, copy.value) &&
		    has_same_bytes(record.headers, copy.headers) &&
		    record.header_count == copy.header_count &&
		    record.timestamp == copy.timestamp,
		    "that are the same");
	}
	MUST(batch_reader_next(&other, &copy) == 0, "and no more");
	buf_release(&scratch);
}

/* bytes is a whole batch whose checksum fits. */
static inline void
check_records(const void *bytes, size_t size)
{
	struct batch_builder builder;
	struct batch_reader reader;
	struct record record;
	struct buf scratch = {0}, again = {0};
	int64_t former = -1;
	int32_t count = 0;
	int rc = batch_reader_open(&reader, bytes, size, &scratch);

	batch_builder_init(&builder, CODEC_NONE);
	while (rc >= 0 && (rc = batch_reader_next(&reader, &record)) == 1) {
		check_record(&reader, &record, former);
		former = record.offset;
		batch_builder_append(&builder, &record);
		count++;
	}
	MUST(rc == 0 || rc == -FAIL_CORRUPT, "bad bytes are corruption");
	MUST(rc < 0 || count == reader.header.record_count,
	    "all records are read, or an error is told");
	if (rc == 0 && count > 0) {
		MUST(batch_builder_finish(&builder, &again) == 0,
		    "records can be built again");
		check_same(&reader, &again);
	}
	batch_builder_release(&builder);
	buf_release(&again);
	buf_release(&scratch);
}

static inline void
check_batch(const void *bytes, size_t size)
{
	unsigned char encoded[BATCH_HEADER_SIZE];
	struct batch_header header;

	if (batch_decode_header(bytes, size, &header) < 0)
		return;
	batch_encode_header(encoded, &header);
	MUST(memcmp(encoded, bytes, sizeof(encoded)) == 0,
	    "a header is written as it was read");
	if (batch_size(&header) <= size && is_batch_intact(bytes, &header))
		check_records(bytes, batch_size(&header));
}

#endif
