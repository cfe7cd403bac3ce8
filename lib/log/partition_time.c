/* Finding an offset by time. */
#include "log/partition_internal.h"
#include "base/fail.h"

/* The first record of the batch at or after wall_ms and from; as batch_reader_next.
 * One that unpacks to too much, or not at all, stands for its first record. */
static int
find_in_batch(struct slice bytes, int64_t wall_ms, int64_t from,
    int64_t *offset)
{
	struct batch_reader batch;
	struct buf scratch = {0};
	struct record record;
	int rc = batch_reader_open_within(&batch, bytes.data, bytes.size,
	    BATCH_LOOK_MAX, &scratch);

	if (rc == -FAIL_CORRUPT && (batch.header.attributes & 7) != CODEC_NONE) {
		*offset = batch.header.base_offset > from ?
		    batch.header.base_offset : from;
		rc = 1;
	} else if (rc == 0) {
		while ((rc = batch_reader_next(&batch, &record)) == 1 &&
		    (record.timestamp < wall_ms || record.offset < from))
			;
		if (rc == 1)
			*offset = record.offset;
	}
	buf_release(&scratch);
	return rc;
}

/* The first record of the batch at position at or after wall_ms: 1 and its
 * offset, 0 if there is none. */
static int
find_record(struct partition *partition, const struct position *position,
    int64_t wall_ms, int64_t *offset)
{
	struct partition_reader *reader;
	struct batch_header header;
	struct position at;
	struct slice bytes;
	int rc = partition_reader_open(&reader, partition, position->offset,
	    position);

	if (rc < 0)
		return rc;
	rc = partition_reader_next(reader, &bytes, &header, &at);
	if (rc == 1)
		rc = find_in_batch(bytes, wall_ms,
		    partition_reader_start(reader), offset);
	partition_reader_close(reader);
	return rc == -FAIL_CORRUPT ? 0 : rc;
}

/* As partition_reader_skip, past what is damaged. */
static int
skip_intact(struct partition_reader *reader, struct batch_header *header,
    struct position *position)
{
	int rc;

	do {
		rc = partition_reader_skip(reader, header, position);
	} while (rc == -FAIL_CORRUPT);
	return rc;
}

int
partition_find_time(struct partition *partition, int64_t wall_ms,
    const struct position *hint, int64_t *offset)
{
	struct partition_reader *reader;
	struct batch_header header;
	struct position position;
	struct partition_state state;
	int rc = partition_reader_open(&reader, partition,
	    hint == NULL ? 0 : hint->offset, hint);

	if (rc < 0)
		return rc;
	while ((rc = skip_intact(reader, &header, &position)) == 1) {
		if (header.max_timestamp < wall_ms)
			continue;
		rc = find_record(partition, &position, wall_ms, offset);
		if (rc != 0)
			break;
	}
	partition_reader_close(reader);
	if (rc != 0)
		return rc < 0 ? rc : 0;
	rc = partition_state(partition, &state);
	*offset = state.high_watermark;
	return rc;
}

int
partition_find_newest(struct partition *partition, const struct position *hint,
    int64_t *wall_ms)
{
	struct partition_reader *reader;
	struct batch_header header;
	struct position position;
	int rc = partition_reader_open(&reader, partition,
	    hint == NULL ? 0 : hint->offset, hint);

	*wall_ms = hint == NULL ? -1 : hint->timestamp;
	if (rc < 0)
		return rc;
	while ((rc = skip_intact(reader, &header, &position)) == 1)
		if (header.max_timestamp > *wall_ms &&
		    header.base_offset + header.last_offset_delta >=
		    partition_reader_start(reader))
			*wall_ms = header.max_timestamp;
	partition_reader_close(reader);
	return rc;
}
