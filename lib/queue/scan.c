/* A scan: the lanes of all partitions in turn, filtered, followed. */
#include "queue/scan.h"
#include "base/fail.h"
#include <stdio.h>
#include <stdlib.h>

/*
 * Invariants: current is NULL or a lane with a loaded batch; turn is the lane
 * to look at next; left is what may still be handed out.
 */
struct scan {
	struct scan_options options;
	struct filter filter;
	bool has_filter;
	struct source *source;
	struct lane **lanes;
	size_t lane_count;
	size_t turn;
	struct lane *current;
	int64_t left;
	struct batch_builder builder; /* of rebuilt batches */
	struct buf rebuilt;
};

static void
scan_notice(struct scan *scan, const char *text, bool is_damage)
{
	if (scan->options.notice != NULL)
		scan->options.notice(text, is_damage, scan->options.context);
}

static void
notice_trimmed(struct scan *scan, const struct lane *lane)
{
	char text[512];

	if (lane->start >= lane->log_start)
		return;
	snprintf(text, sizeof(text),
	    "%s:%d: begins at offset %lld, what was before it is gone",
	    lane->topic, lane->number, (long long)lane->log_start);
	scan_notice(scan, text, false);
}

static bool
has_lane(const struct scan *scan, const char *topic, int number)
{
	for (size_t i = 0; i < scan->lane_count; i++) {
		if (scan->lanes[i]->topic == topic &&
		    scan->lanes[i]->number == number)
			return true;
	}
	return false;
}

static int
add_lane(struct scan *scan, size_t topic, int number,
    const struct range *range)
{
	struct lane *lane = memory_alloc(sizeof(*lane));
	int rc;

	scan->lanes = memory_resize(scan->lanes,
	    (scan->lane_count + 1) * sizeof(*scan->lanes));
	scan->lanes[scan->lane_count++] = lane;
	rc = scan->source->kind->open(scan->source, topic, number, range,
	    lane);
	lane->since_ms = scan->filter.since_ms;
	if (rc >= 0 && !scan->options.follow)
		rc = lane_seal(lane);
	if (rc >= 0 && range->from.kind == BOUND_OFFSET)
		notice_trimmed(scan, lane);
	return rc;
}

/* Adds what the topic has now and the scan does not. */
static int
add_lanes(struct scan *scan, size_t topic, const struct range *range)
{
	const struct source *source = scan->source;
	const char *name = source->kind->name(source, topic);
	int only = scan->options.partition, rc = 0;

	if (only >= 0)
		return has_lane(scan, name, only) ? 0
		    : add_lane(scan, topic, only, range);
	for (int i = 0; rc >= 0 && i < source->kind->partitions(source, topic);
	    i++) {
		if (!has_lane(scan, name, i))
			rc = add_lane(scan, topic, i, range);
	}
	return rc;
}

int
scan_open(struct scan **scan, struct source *source,
    const struct scan_options *options)
{
	struct scan *made = memory_alloc(sizeof(*made));
	int rc = 0;

	made->options = *options;
	filter_init(&made->filter);
	if (options->filter != NULL)
		made->filter = *options->filter;
	made->has_filter = !is_filter_empty(&made->filter);
	made->left = options->limit > 0 ? options->limit : INT64_MAX;
	made->source = source;
	batch_builder_init(&made->builder, CODEC_NONE);
	for (size_t i = 0; rc >= 0 && i < source->topic_count; i++)
		rc = add_lanes(made, i, &options->range);
	if (rc < 0)
		scan_close(made);
	else
		*scan = made;
	return rc;
}

/* Loads the next batch of the next lane that has one. */
static int
scan_advance(struct scan *scan)
{
	scan->source->kind->listen(scan->source);
	for (size_t i = 0; i < scan->lane_count; i++) {
		struct lane *lane;
		int rc;

		lane = scan->lanes[(scan->turn + i) % scan->lane_count];
		while ((rc = lane_load(lane)) == -FAIL_CORRUPT)
			scan_notice(scan, fail_message(), true);
		if (rc < 0)
			return rc;
		if (rc == 0)
			continue;
		scan->turn = (scan->turn + i + 1) % scan->lane_count;
		scan->current = lane;
		return 1;
	}
	return 0;
}

/* The next record of the current batch that passes the filter. */
static int
current_next(struct scan *scan, struct record *record)
{
	int rc;

	while ((rc = lane_next(scan->current, record)) > 0) {
		if (!scan->has_filter ||
		    is_filter_match(&scan->filter, record))
			return 1;
	}
	if (rc == -FAIL_CORRUPT) {
		scan_notice(scan, fail_message(), true);
		return 0;
	}
	return rc;
}

int
scan_next(struct scan *scan, struct message *message)
{
	int rc;

	while (scan->left > 0) {
		if (scan->current == NULL) {
			rc = scan_advance(scan);
			if (rc <= 0)
				return rc;
		}
		rc = current_next(scan, &message->record);
		if (rc < 0)
			return rc;
		if (rc > 0) {
			message->topic = scan->current->topic;
			message->partition = scan->current->number;
			message->attempt = 0;
			message->receipt = NULL;
			message->has_timestamp = true;
			scan->left--;
			return 1;
		}
		scan->current = NULL;
	}
	return 0;
}

/* A batch of those records of the current one that are wanted. */
static int
rebuild_batch(struct scan *scan, struct slice *bytes, int32_t *count)
{
	struct record record;
	int rc = 0;

	scan->builder.codec = scan->current->header.attributes & 7;
	while (scan->left > 0 && (rc = current_next(scan, &record)) > 0) {
		batch_builder_append(&scan->builder, &record);
		scan->left--;
	}
	if (rc < 0)
		return rc;
	*count = scan->builder.count;
	buf_clear(&scan->rebuilt);
	rc = batch_builder_finish(&scan->builder, &scan->rebuilt);
	*bytes = buf_slice(&scan->rebuilt);
	return rc;
}

int
scan_next_batch(struct scan *scan, struct slice *bytes, int32_t *count)
{
	int rc;

	while (scan->left > 0) {
		const struct lane *lane;

		rc = scan_advance(scan);
		if (rc <= 0)
			return rc;
		lane = scan->current;
		*count = lane->header.record_count;
		if (!scan->has_filter && is_lane_batch_whole(lane) &&
		    *count <= scan->left) {
			*bytes = lane->bytes;
			scan->left -= *count;
		} else if ((rc = rebuild_batch(scan, bytes, count)) < 0) {
			return rc;
		}
		scan->current = NULL;
		if (*count > 0)
			return 1;
	}
	return 0;
}

int
scan_seal(struct scan *scan)
{
	int rc = 0;

	scan->options.follow = false;
	for (size_t i = 0; rc >= 0 && i < scan->lane_count; i++)
		rc = lane_seal(scan->lanes[i]);
	return rc;
}

bool
is_scan_finished(const struct scan *scan)
{
	if (scan->left == 0 || !scan->options.follow)
		return true;
	for (size_t i = 0; i < scan->lane_count; i++) {
		if (!scan->lanes[i]->is_done)
			return false;
	}
	return scan->options.range.has_to;
}

int
scan_wait(struct scan *scan, int64_t timeout_ms)
{
	static const struct range everything = {.from = {BOUND_START, 0}};
	struct source *source = scan->source;
	int woken = source->kind->wait(source, scan->options.stop, timeout_ms);
	int rc;

	if (woken < 0)
		return woken;
	for (size_t i = 0; i < source->topic_count; i++) {
		rc = source->kind->refresh(source, i);
		if (rc > 0)
			rc = add_lanes(scan, i, &everything);
		if (rc < 0)
			return rc;
	}
	if (scan->options.stop != NULL &&
	    __atomic_load_n(scan->options.stop, __ATOMIC_RELAXED) != 0)
		return 0;
	return woken;
}

void
scan_close(struct scan *scan)
{
	if (scan == NULL)
		return;
	for (size_t i = 0; i < scan->lane_count; i++) {
		lane_close(scan->lanes[i]);
		free(scan->lanes[i]);
	}
	free(scan->lanes);
	scan->source->kind->close(scan->source);
	batch_builder_release(&scan->builder);
	buf_release(&scan->rebuilt);
	free(scan);
}
