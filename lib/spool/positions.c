/* Positions: where offsets and times are in the log, derived as asked for. */
#include "spool/positions.h"

#include "base/fail.h"
#include "spool/positions_place.h"

enum { NEAR_OFFSETS = 512 }; /* walking so far is cheaper than asking */

/* A value to look for, and by what. */
struct wanted {
	bool by_time;
	int64_t value;
};

/* True if what is asked for lies behind what is known: only then is it worth
 * to read on in the log. */
static bool
is_behind(const struct place *place, const struct wanted *wanted)
{
	if (place->count == 0)
		return true;
	if (wanted->by_time)
		return place->last.timestamp < wanted->value;
	return wanted->value - place->last.offset > NEAR_OFFSETS;
}

static int
find(const struct place *place, const struct wanted *wanted,
    struct position *position)
{
	struct positions_entry entry;
	int64_t below;

	if (place->count == 0)
		return 0;
	below = wanted->by_time ? positions_file_before(
				      &place->file, place->count, wanted->value)
				: positions_file_below(&place->file,
				      place->count, wanted->value + 1);
	if (below <= 0 ||
	    positions_file_get(&place->file, below - 1, &entry) != 1 ||
	    entry.position.offset < place->state.log_start)
		return below < 0 ? (int)below : 0;
	*position = entry.position;
	return 1;
}

/* The file is a cache: if it cannot be used, the log is walked. A damaged entry
 * in the middle makes all of it void. */
static int
look_up(struct place *place, struct topic *topic, int number,
    const struct wanted *wanted, struct position *position)
{
	bool is_writable = !is_spool_read_only(topic_spool(topic));
	int result = positions_place_file(place, topic, number, false);

	if (result >= 0)
		positions_place_survey(place);
	if (is_writable && is_behind(place, wanted) &&
	    positions_place_file(place, topic, number, true) >= 0)
		positions_place_catch_up(place);
	result = find(place, wanted, position);
	if (result == -FAIL_CORRUPT && is_writable &&
	    positions_place_file(place, topic, number, true) >= 0 &&
	    positions_file_lock(&place->file) == 1 &&
	    positions_file_cut(&place->file, 0) >= 0 &&
	    positions_place_catch_up(place) >= 0)
		result = find(place, wanted, position);
	positions_file_close(&place->file);
	return result < 0 ? 0 : result;
}

int
positions_find(struct topic *topic, int partition, int64_t offset,
    struct position *position)
{
	struct wanted wanted = {false, offset};
	struct place place;
	int result = positions_place_open(&place, topic, partition);

	if (result < 0 || offset - place.state.log_start <= NEAR_OFFSETS)
		return result < 0 ? result : 0;
	if (wanted.value > place.state.high_watermark)
		wanted.value = place.state.high_watermark;
	return look_up(&place, topic, partition, &wanted, position);
}

int
positions_find_time(struct topic *topic, int partition, int64_t wall_ms,
    struct position *position)
{
	struct wanted wanted = {true, wall_ms};
	struct place place;
	int result = positions_place_open(&place, topic, partition);

	if (result < 0 ||
	    place.state.high_watermark - place.state.log_start <= NEAR_OFFSETS)
		return result < 0 ? result : 0;
	return look_up(&place, topic, partition, &wanted, position);
}

/* Nobody syncs the file. Where a power cut has torn its last entry, whoever asks
 * next derives all of it again. */
static bool
is_torn(const struct positions_file *file)
{
	struct positions_entry last;

	return file->count > 0 &&
	    positions_file_get(file, file->count - 1, &last) == 0;
}

/* Counts entries that are damaged, or not where a batch of their offset is.
 * What lies in a damaged, cut or trimmed part of the log cannot be
 * told, and does no harm. */
static int
count_wrong(const struct place *place)
{
	struct partition_reader *reader = NULL;
	struct batch_header header;
	struct position at = {.offset = -1};
	struct positions_entry entry;
	int wrong = 0, result;

	result = partition_reader_open(
	    &reader, place->log, place->state.log_start, NULL);
	for (int64_t i = 0; result >= 0 && i < place->file.count; i++) {
		int rc = positions_file_get(&place->file, i, &entry);

		if (rc != 1) {
			wrong++;
			continue;
		}
		while (at.offset < entry.position.offset && result >= 0) {
			result = partition_reader_skip(reader, &header, &at);
			if (result == 0)
				break;
			if (result == -FAIL_CORRUPT) {
				at.offset = -1;
				result = 0;
			}
		}
		wrong += i < place->count &&
			 at.offset == entry.position.offset &&
			 (at.segment != entry.position.segment ||
			     at.byte != entry.position.byte);
	}
	partition_reader_close(reader);
	return result < 0 ? result : wrong;
}

int
positions_check(struct topic *topic, int partition)
{
	struct place place;
	int result = positions_place_open(&place, topic, partition);

	if (result >= 0)
		result = positions_place_file(&place, topic, partition, false);
	if (result < 0)
		return result == -FAIL_MISSING ? 0 : result;
	positions_place_survey(&place);
	result = is_torn(&place.file) ? 0 : count_wrong(&place);
	positions_file_close(&place.file);
	return result;
}

int
positions_forget(struct topic *topic, int partition)
{
	struct place place;
	int result = positions_place_open(&place, topic, partition);

	if (result >= 0)
		result = positions_place_file(&place, topic, partition, true);
	if (result >= 0)
		result = positions_file_lock(&place.file);
	if (result == 1)
		result = positions_file_cut(&place.file, 0);
	positions_file_close(&place.file);
	return result < 0 ? result : 0;
}
