/* Finding an offset by time. */
#include "log/partition_internal.h"
#include "base/fail.h"

/* The first record of the batch at position at or after wall_ms: 1 and its
 * offset, 0 if there is none. */
static int
find_record(struct partition *partition, const struct position *position,
    int64_t wall_ms, int64_t *offset)
{
	struct partition_reader *reader;
	struct batch_reader batch;
	struct batch_header header;
	struct position at;
	struct buf scratch = {0};
	struct record record;
	struct slice bytes;
	int rc = partition_reader_open(&reader, partition, position->offset,
	    position);

	if (rc < 0)
		return rc;
	rc = partition_reader_next(reader, &bytes, &header, &at);
	if (rc == 1)
		rc = batch_reader_open(&batch, bytes.data, bytes.size,
		    &scratch);
	if (rc == 0)
		while ((rc = batch_reader_next(&batch, &record)) == 1 &&
		    (record.timestamp < wall_ms ||
		        record.offset < partition_reader_start(reader)))
			;
	if (rc == 1)
		*offset = record.offset;
	buf_release(&scratch);
	partition_reader_close(reader);
	return rc == -FAIL_CORRUPT ? 0 : rc;
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
	for (;;) {
		rc = partition_reader_skip(reader, &header, &position);
		if (rc == -FAIL_CORRUPT)
			continue;
		if (rc <= 0)
			break;
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
	for (;;) {
		rc = partition_reader_skip(reader, &header, &position);
		if (rc == -FAIL_CORRUPT)
			continue;
		if (rc <= 0)
			break;
		if (header.max_timestamp > *wall_ms &&
		    header.base_offset + header.last_offset_delta >=
		    partition_reader_start(reader))
			*wall_ms = header.max_timestamp;
	}
	partition_reader_close(reader);
	return rc;
}
