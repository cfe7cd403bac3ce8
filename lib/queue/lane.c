/* A lane: what a scan reads of one partition, batch by batch. */
#include "queue/lane.h"
#include <string.h>

static void
lane_end(struct lane *lane)
{
	if (lane->kind != NULL)
		lane->kind->close(lane);
	lane->is_done = true;
}

void
lane_init(struct lane *lane, const struct lane_kind *kind, void *state,
    const char *topic, int number)
{
	memset(lane, 0, sizeof(*lane));
	lane->kind = kind;
	lane->state = state;
	lane->topic = topic;
	lane->number = number;
	lane->end = INT64_MAX;
	lane->since_ms = INT64_MIN;
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

/* 1, 0 if there is none below the end or not yet. */
static int
read_batch(struct lane *lane)
{
	if (lane->next >= lane->end)
		lane_end(lane);
	return lane->is_done ? 0 : lane->kind->read(lane);
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
	int64_t high_watermark;
	int rc = lane->is_done ? 0 : lane->kind->look(lane, &high_watermark);

	if (rc < 0 || lane->is_done)
		return rc;
	if (high_watermark < lane->end)
		lane->end = high_watermark;
	return 0;
}

void
lane_close(struct lane *lane)
{
	lane_end(lane);
	buf_release(&lane->scratch);
}
