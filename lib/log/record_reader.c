/* Reading a partition record by record. */
#include "log/record_reader.h"

#include <stdlib.h>

#include "base/fail.h"

/* Invariant: batch is open if has_batch, on bytes of `batches`. */
struct record_reader {
	struct partition_reader *batches;
	struct batch_reader batch;
	struct buf scratch;
	bool has_batch;
};

int
record_reader_open(struct record_reader **out, struct partition *partition,
    int64_t offset, const struct position *hint)
{
	struct record_reader *reader = memory_alloc(sizeof(*reader));
	int result =
	    partition_reader_open(&reader->batches, partition, offset, hint);

	if (result < 0) {
		reader->batches = NULL;
		record_reader_close(reader);
		reader = NULL;
	}
	*out = reader;
	return result;
}

/* 1 and a batch is open; else as partition_reader_next. */
static int
open_batch(struct record_reader *reader)
{
	struct batch_header header;
	struct position position;
	struct slice bytes;
	int result =
	    partition_reader_next(reader->batches, &bytes, &header, &position);

	if (result != 1)
		return result;
	result = batch_reader_open(
	    &reader->batch, bytes.data, bytes.size, &reader->scratch);
	if (result < 0)
		return result;
	reader->has_batch = true;
	return 1;
}

int
record_reader_next(struct record_reader *reader, struct record *record)
{
	int result = 1;

	while (result == 1) {
		if (!reader->has_batch && (result = open_batch(reader)) != 1)
			return result;
		result = batch_reader_next(&reader->batch, record);
		if (result == 1 && record->offset >=
		        partition_reader_start(reader->batches))
			return 1;
		if (result == 1)
			continue;
		reader->has_batch = false;
		if (result == 0)
			result = 1;
	}
	return result;
}

void
record_reader_close(struct record_reader *reader)
{
	if (!reader)
		return;
	partition_reader_close(reader->batches);
	buf_release(&reader->scratch);
	free(reader);
}
