/* Positions: the derived index of where offsets and times are in the log. */
#include "spool/positions.h"

#include <stdlib.h>

#include "base/fail.h"
#include "spool/index.h"

/* A position is kept wherever one of these has passed since the last. So many
 * headers are read at most to get from a position to an offset. */
enum {
	EVERY_BYTES = 1024 * 1024,
	EVERY_BATCHES = 256,
	NEAR_OFFSETS = 512, /* walking so far is cheaper than asking */
	ROUND_MAX = 4096,   /* positions a transaction */
};

/*
 * What is known of a partition. Positions at or above `cut` are of a log that
 * a recovery has cut since they were taken: never used, and deleted
 * by the next catch-up.
 */
struct place {
	struct index *index;
	struct topic *topic;
	int number;
	struct partition *log;
	struct partition_state state;
	int64_t id;    /* of the topic's row */
	int64_t epoch; /* of the positions; that of the log if none */
	int64_t cut;
	struct position last;
	bool has_last;
};

static int
open_place(struct place *place, struct topic *topic, int number)
{
	int result;

	*place = (struct place){.topic = topic, .number = number};
	result = topic_partition(topic, number, &place->log);
	if (result < 0)
		return result;
	return partition_state(place->log, &place->state);
}

static void
take_row(const int64_t row[4], struct position *position)
{
	*position = (struct position){.offset = row[0],
	    .segment = row[1],
	    .byte = row[2],
	    .timestamp = row[3]};
}

/* Reads how far the index has come and of which epoch it is. An index that is
 * ahead of the log has outlived it, and is worth nothing. */
static int
load_part(struct place *place)
{
	struct sql *sql = index_sql(place->index);
	int64_t row[2];
	int result = sql_get(
	    sql, SQL_PART_GET, SQL_VALUES(place->id, place->number), row, 2);

	place->epoch = place->state.epoch;
	place->cut = INT64_MAX;
	if (result != 1)
		return result;
	place->epoch = row[1];
	if (row[0] > place->state.log_end || row[1] > place->state.epoch) {
		place->cut = 0;
		return 0;
	}
	if (row[1] == place->state.epoch)
		return 0;
	return partition_cut_since(place->log, (int32_t)row[1], &place->cut);
}

static int
load_last(struct place *place)
{
	int64_t row[4];
	int result = sql_get(index_sql(place->index), SQL_POSITION_FIND,
	    SQL_VALUES(place->id, place->number, INT64_MAX, place->cut - 1),
	    row, 4);

	place->has_last = result == 1 && row[0] >= place->state.log_start;
	if (place->has_last)
		take_row(row, &place->last);
	return result;
}

/* In a snapshot or a transaction. A topic without a row has no positions. */
static int
load_place(struct place *place)
{
	int result = index_topic(place->index, place->topic, &place->id);

	place->has_last = false;
	place->epoch = place->state.epoch;
	place->cut = INT64_MAX;
	if (result == -FAIL_MISSING) {
		place->id = 0;
		return 0;
	}
	if (result < 0 || (result = load_part(place)) < 0)
		return result;
	return load_last(place);
}

static int
load_snapshot(struct place *place)
{
	int result = index_read(place->index);

	if (result < 0)
		return result;
	result = load_place(place);
	index_abort(place->index);
	return result;
}

/* The positions that one round of walking has found. */
struct round {
	struct position *found;
	size_t count;
	struct position last;
	int64_t batches; /* since the last */
	int64_t timestamp;
};

static void
take_batch(struct round *round, const struct batch_header *header,
    const struct position *position)
{
	if (position->segment != round->last.segment ||
	    position->byte - round->last.byte >= EVERY_BYTES ||
	    ++round->batches >= EVERY_BATCHES) {
		round->last = *position;
		round->last.timestamp = round->timestamp;
		round->found[round->count++] = round->last;
		round->batches = 0;
	}
	if (header->max_timestamp > round->timestamp)
		round->timestamp = header->max_timestamp;
}

/* Walks on from the last position, by headers only. Returns 1 if there is more
 * to walk, 0 at the end of the log. A bad range is skipped here, and
 * named by whoever reads it. */
static int
walk(const struct place *place, struct round *round)
{
	const struct position *hint = place->has_last ? &place->last : NULL;
	struct partition_reader *reader = NULL;
	struct batch_header header;
	struct position position;
	int result;

	round->count = 0;
	round->batches = 0;
	round->timestamp = hint ? hint->timestamp : -1;
	round->last = hint ? *hint : (struct position){.segment = -1};
	result = partition_reader_open(&reader, place->log,
	    hint ? hint->offset : place->state.log_start, hint);
	while (result >= 0 && round->count < ROUND_MAX) {
		result = partition_reader_skip(reader, &header, &position);
		if (result == 0)
			break;
		if (result == 1)
			take_batch(round, &header, &position);
		else if (result == -FAIL_CORRUPT)
			result = 0;
	}
	partition_reader_close(reader);
	return result < 0 ? result : round->count == ROUND_MAX;
}

static int
store_positions(struct place *place, const struct round *round)
{
	struct sql *sql = index_sql(place->index);
	const struct position *last = &round->last;
	int result = 0;

	if (place->cut != INT64_MAX)
		result = sql_run(sql, SQL_POSITION_CUT,
		    SQL_VALUES(place->id, place->number, place->cut));
	if (result >= 0)
		result = sql_run(sql, SQL_POSITION_TRIM,
		    SQL_VALUES(
			place->id, place->number, place->state.log_start));
	for (size_t i = 0; i < round->count && result >= 0; i++) {
		const struct position *found = &round->found[i];

		result = sql_run(sql, SQL_POSITION_ADD,
		    SQL_VALUES(place->id, place->number, found->offset,
			found->segment, found->byte, found->timestamp));
	}
	if (result < 0)
		return result;
	return sql_run(sql, SQL_PART_SET,
	    SQL_VALUES(place->id, place->number, last->offset, last->segment,
		last->byte, place->state.epoch));
}

static bool
is_same_place(const struct place *a, const struct place *b)
{
	return a->epoch == b->epoch && a->cut == b->cut &&
	       a->has_last == b->has_last &&
	       (!a->has_last || a->last.offset == b->last.offset);
}

/* Nothing is stored if others have stored something else meanwhile. */
static int
store_round(struct place *place, const struct round *round)
{
	struct place now = *place;
	int result = index_begin(place->index);

	if (result < 0)
		return result;
	result = load_place(&now);
	if (result >= 0 && is_same_place(place, &now)) {
		result = store_positions(&now, round);
		if (result >= 0)
			return index_commit(place->index);
	}
	index_abort(place->index);
	return result;
}

/* Brings the index up to the log's end. */
static int
catch_up(struct place *place)
{
	struct round round = {0};
	int walked, result;

	round.found = memory_alloc(ROUND_MAX * sizeof(*round.found));
	do {
		walked = result = walk(place, &round);
		if (walked < 0 || round.count == 0)
			break;
		result = store_round(place, &round);
		if (result >= 0)
			result = load_snapshot(place);
	} while (walked == 1 && result >= 0);
	free(round.found);
	return result;
}

static int
find(struct place *place, enum sql_statement which, int64_t value,
    struct position *position)
{
	int64_t row[4];
	int result = index_read(place->index);

	if (result < 0)
		return result;
	result = sql_get(index_sql(place->index), which,
	    SQL_VALUES(place->id, place->number, value, place->cut - 1), row,
	    4);
	index_abort(place->index);
	if (result != 1 || row[0] < place->state.log_start)
		return result < 0 ? result : 0;
	take_row(row, position);
	return 1;
}

/* True if what is asked for lies behind what is indexed: only then is it worth
 * to read on in the log. */
static bool
is_behind(const struct place *place, enum sql_statement which, int64_t value)
{
	if (!place->has_last)
		return true;
	if (which == SQL_POSITION_FIND_TIME)
		return place->last.timestamp < value;
	return value - place->last.offset > NEAR_OFFSETS;
}

/* The index is a cache: if it cannot be used, the log is walked. */
static int
look_up(struct place *place, enum sql_statement which, int64_t value,
    struct position *position)
{
	int result = index_open(&place->index, topic_spool(place->topic));

	if (result >= 0)
		result = load_snapshot(place);
	if (result < 0)
		return 0;
	if (is_behind(place, which, value) &&
	    !is_spool_read_only(topic_spool(place->topic)))
		catch_up(place);
	result = find(place, which, value, position);
	return result < 0 ? 0 : result;
}

int
positions_find(struct topic *topic, int partition, int64_t offset,
    struct position *position)
{
	struct place place;
	int result = open_place(&place, topic, partition);

	if (result < 0 || offset - place.state.log_start <= NEAR_OFFSETS)
		return result < 0 ? result : 0;
	if (offset > place.state.high_watermark)
		offset = place.state.high_watermark;
	return look_up(&place, SQL_POSITION_FIND, offset, position);
}

int
positions_find_time(struct topic *topic, int partition, int64_t wall_ms,
    struct position *position)
{
	struct place place;
	int result = open_place(&place, topic, partition);

	if (result < 0 ||
	    place.state.high_watermark - place.state.log_start <= NEAR_OFFSETS)
		return result < 0 ? result : 0;
	return look_up(&place, SQL_POSITION_FIND_TIME, wall_ms, position);
}
