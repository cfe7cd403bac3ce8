/* What the file `positions` knows of a partition, and bringing it up to date.
 */
#include "spool/positions_place.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/fail.h"

/* A position is kept wherever one of these has passed since the last. So many
 * headers are read at most to get from a position to an offset. */
enum {
	EVERY_BYTES = 1024 * 1024,
	EVERY_BATCHES = 256,
	ROUND_MAX = 4096, /* positions written at once */
};

int
positions_place_open(struct place *place, struct topic *topic, int number)
{
	int result;

	*place = (struct place){.file = {.fd = -1}};
	result = topic_partition(topic, number, &place->log);
	if (result < 0)
		return result;
	return partition_state(place->log, &place->state);
}

int
positions_place_file(
    struct place *place, struct topic *topic, int number, bool create)
{
	int dir = partition_open_directory(topic_directory(topic), number);
	int result;

	if (dir < 0)
		return dir;
	positions_file_close(&place->file);
	result = positions_file_open(&place->file, dir, create);
	close(dir);
	return result;
}

void
positions_place_survey(struct place *place)
{
	struct positions_entry last;
	int64_t cut = INT64_MAX;
	int result;

	place->count = 0;
	if (positions_file_get(&place->file, place->file.count - 1, &last) !=
		1 ||
	    last.epoch > place->state.epoch ||
	    (last.epoch == place->state.epoch &&
		last.position.offset >= place->state.log_end))
		return;
	if (last.epoch == place->state.epoch) {
		place->count = place->file.count;
		place->last = last.position;
		return;
	}
	result = partition_cut_since(place->log, last.epoch, &cut);
	if (result < 0)
		return;
	if (cut > place->state.log_end)
		cut = place->state.log_end;
	place->count =
	    positions_file_below(&place->file, place->file.count, cut);
	if (place->count <= 0 ||
	    positions_file_get(&place->file, place->count - 1, &last) != 1)
		place->count = 0;
	place->last = last.position;
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
	const struct position *hint = place->count > 0 ? &place->last : NULL;
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
add_round(struct place *place, const struct round *round)
{
	int result;

	if (round->count == 0)
		return 0;
	result = positions_file_add(
	    &place->file, round->found, round->count, place->state.epoch);
	if (result < 0)
		return result;
	place->count = place->file.count;
	place->last = round->last;
	return 0;
}

int
positions_place_catch_up(struct place *place)
{
	struct round round = {0};
	int walked, result = positions_file_lock(&place->file);

	if (result != 1)
		return result;
	positions_place_survey(place);
	round.found = memory_alloc(ROUND_MAX * sizeof(*round.found));
	do {
		walked = result = walk(place, &round);
		if (walked < 0)
			break;
		if (round.count > 0 && place->count < place->file.count)
			result = positions_file_cut(&place->file, place->count);
		if (result >= 0)
			result = add_round(place, &round);
	} while (walked == 1 && result >= 0);
	free(round.found);
	return result;
}
