/* A lane: what a scan reads of one partition, batch by batch. */
#include "queue/lane.h"
#include "base/fail.h"
#include <string.h>

static int64_t
min(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static void
lane_end(struct lane *lane)
{
	partition_reader_close(lane->reader);
	lane->reader = NULL;
	lane->is_done = true;
}

int
lane_open(struct lane *lane, struct topic *topic, int number,
    const struct range *range, bool follow)
{
	struct partition_state state;
	int rc;

	memset(lane, 0, sizeof(*lane));
	lane->topic = topic;
	lane->number = number;
	lane->end = INT64_MAX;
	lane->since_ms = INT64_MIN;
	rc = topic_partition(topic, number, &lane->log);
	if (rc >= 0)
		rc = partition_state(lane->log, &state);
	if (rc >= 0)
		rc = range_resolve(&range->from, topic, number, &lane->start);
	if (rc >= 0 && range->has_to)
		rc = range_resolve(&range->to, topic, number, &lane->end);
	if (rc < 0)
		return rc;
	if (!follow)
		lane->end = min(lane->end, state.high_watermark);
	lane->next = lane->start;
	return 0;
}

static int
open_reader(struct lane *lane)
{
	struct position hint;
	int rc;

	if (lane->reader != NULL)
		return 0;
	/* A way that cannot be looked up is only longer. */
	rc = range_hint(lane->topic, lane->number, lane->start, &hint);
	rc = partition_reader_open(&lane->reader, lane->log, lane->start,
	    rc > 0 ? &hint : NULL);
	if (rc >= 0)
		partition_reader_pass_errors(lane->reader);
	return rc;
}

static bool
is_wanted(const struct lane *lane)
{
	const struct batch_header *header = &lane->header;

	return header->record_count > 0 &&
	    header->base_offset + header->last_offset_delta >= lane->start &&
	    header->base_offset < lane->end &&
	    header->max_timestamp >= lane->since_ms;
}

/* The next batch of the log: 1, 0 if there is none below the end or not yet. */
static int
read_batch(struct lane *lane)
{
	const struct batch_header *header = &lane->header;
	struct position position = {0};
	int rc;

	if (lane->next >= lane->end)
		lane_end(lane);
	if (lane->is_done)
		return 0;
	rc = open_reader(lane);
	if (rc < 0)
		return rc;
	rc = partition_reader_next(lane->reader, &lane->bytes, &lane->header,
	    &position);
	if (rc == -FAIL_CORRUPT && position.offset > lane->next)
		lane->next = position.offset;
	if (rc > 0)
		lane->next = header->base_offset + header->last_offset_delta +
		    1;
	return rc;
}

int
lane_load(struct lane *lane)
{
	int rc;

	do {
		rc = read_batch(lane);
		if (rc <= 0)
			return rc;
	} while (!is_wanted(lane));
	rc = batch_reader_open(&lane->records, lane->bytes.data,
	    lane->bytes.size, &lane->scratch);
	return rc < 0 ? rc : 1;
}

bool
is_lane_batch_whole(const struct lane *lane)
{
	return lane->header.base_offset >= lane->start &&
	    lane->header.base_offset + lane->header.last_offset_delta <
	    lane->end;
}

int
lane_next(struct lane *lane, struct record *record)
{
	int rc;

	do {
		rc = batch_reader_next(&lane->records, record);
		if (rc <= 0)
			return rc;
	} while (record->offset < lane->start);
	if (record->offset < lane->end)
		return 1;
	lane_end(lane);
	return 0;
}

int
lane_seal(struct lane *lane)
{
	struct partition_state state;
	int rc = partition_state(lane->log, &state);

	if (rc < 0)
		return rc;
	lane->end = min(lane->end, state.high_watermark);
	return 0;
}

void
lane_close(struct lane *lane)
{
	lane_end(lane);
	buf_release(&lane->scratch);
}
