/* Positions: derived from the log, never trusted, made again. */
#include "base/fail.h"
#include "base/file.h"
#include "place.h"
#include "spool/positions.h"
#include "spool/positions_file.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>

enum { BATCHES = 3000, RECORDS = 4 };

/* Batches of RECORDS messages whose timestamps are their offsets. */
static void
put(struct topic *topic, int count)
{
	struct batch_builder builder;
	struct partition *log;
	struct partition_state state;
	struct buf out = {0};
	int64_t first, last;

	place_must(topic_partition(topic, 0, &log));
	place_must(partition_state(log, &state));
	batch_builder_init(&builder, CODEC_NONE);
	for (int i = 0; i < count * RECORDS; i++) {
		struct record record = {.timestamp = state.log_end + i,
		    .value = slice_of("value")};

		batch_builder_append(&builder, &record);
		if (i % RECORDS == RECORDS - 1)
			place_must(batch_builder_finish(&builder, &out));
	}
	place_must(partition_append(log, out.data, out.size, &first, &last));
	place_must(partition_wait(log, last + 1, -1));
	batch_builder_release(&builder);
	buf_release(&out);
}

/* The file of positions, opened as it is. */
static struct positions_file
open_positions(struct topic *topic, bool create)
{
	struct positions_file file;
	int dir = file_open_directory(topic_directory(topic), "0");
	int result = positions_file_open(&file, dir, create);

	if (result != -FAIL_MISSING)
		place_must(result);
	close(dir);
	return file;
}

static int64_t
count_rows(struct topic *topic)
{
	struct positions_file file = open_positions(topic, false);

	positions_file_close(&file);
	return file.count;
}

/* The first record that a reader finds from the position on. */
static bool
leads_to(struct topic *topic, int64_t offset, const struct position *position)
{
	struct partition_reader *reader;
	struct partition *log;
	struct batch_header header;
	struct position place;
	struct slice bytes;
	int result;

	place_must(topic_partition(topic, 0, &log));
	place_must(partition_reader_open(&reader, log, offset, position));
	result = partition_reader_next(reader, &bytes, &header, &place);
	partition_reader_close(reader);
	return result == 1 && header.base_offset <= offset &&
	    offset <= header.base_offset + header.last_offset_delta;
}

static void
test_offsets(struct topic *topic)
{
	int64_t end = (int64_t)BATCHES * RECORDS;
	struct position position;
	bool is_good = true, is_near = true;

	CHECK(positions_find(topic, 0, 100, &position) == 0 &&
	    count_rows(topic) == 0,
	    "who asks for the beginning of a log needs no positions");
	for (int64_t offset = 1000; offset < end; offset += 777) {
		int result = positions_find(topic, 0, offset, &position);

		is_good &= result == 1 && position.offset <= offset &&
		    leads_to(topic, offset, &position);
		is_near &= offset - position.offset <= 512 + 256 * RECORDS;
	}
	CHECK(is_good, "a position leads to the offset asked for");
	CHECK(is_near, "and is a few hundred batches away at most");
	CHECK(count_rows(topic) == 1 + (BATCHES - 1) / 256,
	    "a position is kept every 256 batches");
	CHECK(positions_find(topic, 0, INT64_MAX, &position) == 1 &&
	    position.offset < end, "beyond the end there is the last one");
}

static void
test_times(struct topic *topic)
{
	struct position position;
	struct partition *log;
	bool is_good = true;
	int64_t offset;

	place_must(topic_partition(topic, 0, &log));
	for (int64_t time = 2000; time < (int64_t)BATCHES * RECORDS;
	     time += 999) {
		int result = positions_find_time(topic, 0, time, &position);

		is_good &= result == 1 && position.offset <= time;
		place_must(partition_find_time(log, time, &position, &offset));
		is_good &= offset == time;
	}
	CHECK(is_good, "a position by time leads to the first such message");
}

static void
test_catch_up(struct topic *topic)
{
	struct position position;
	int64_t rows = count_rows(topic);

	put(topic, 50);
	place_must(positions_find(topic, 0, INT64_MAX, &position));
	CHECK(count_rows(topic) == rows,
	    "a log that has grown a little costs nothing");
	put(topic, 1000);
	place_must(positions_find(topic, 0, 3000, &position));
	CHECK(count_rows(topic) == rows,
	    "who asks for what is known brings nothing up to date");
	place_must(positions_find(topic, 0, INT64_MAX, &position));
	CHECK(count_rows(topic) >= rows + 4, "who asks for more does");
}

/* Puts one entry at the end of the file, or in place of all. */
static void
write_entry(struct topic *topic, struct position position, int32_t epoch,
    bool is_only)
{
	struct positions_file file = open_positions(topic, true);

	if (is_only)
		place_must(positions_file_cut(&file, 0));
	place_must(positions_file_add(&file, &position, 1, epoch));
	positions_file_close(&file);
}

static void
damage_entry(struct topic *topic, int64_t index)
{
	int dir = file_open_directory(topic_directory(topic), "0");
	int fd = file_open(dir, POSITIONS_FILE, FILE_WRITE);

	place_must(file_write_at(fd, "damage", 6, 40 * index + 3));
	close(fd);
	close(dir);
}

static bool
is_found(struct topic *topic, int64_t offset)
{
	struct position position;

	return positions_find(topic, 0, offset, &position) == 1 &&
	    offset - position.offset <= 512 + 256 * RECORDS &&
	    leads_to(topic, offset, &position);
}

static void
test_lies(struct topic *topic)
{
	int64_t rows = count_rows(topic);
	struct position position;

	write_entry(topic, (struct position){.offset = 5000, .byte = 12345}, 1,
	    true);
	CHECK(positions_find(topic, 0, 5100, &position) == 1 &&
	    leads_to(topic, 5100, &position),
	    "a position that is wrong does not mislead a reader");
	CHECK(positions_check(topic, 0) == 1, "and is found by a check");
	write_entry(topic, (struct position){.offset = INT64_MAX / 2}, 1,
	    false);
	CHECK(is_found(topic, 9000) && count_rows(topic) == rows,
	    "positions that are ahead of the log are derived again");
	write_entry(topic, (struct position){.offset = 9999}, 7, false);
	CHECK(is_found(topic, 9000) && count_rows(topic) == rows,
	    "so are those of an epoch that is to come");
	for (int64_t i = 0; i < rows; i++) {
		damage_entry(topic, i);
		if (!is_found(topic, 5000) || !is_found(topic, 12000))
			break;
		if (i == rows - 1)
			CHECK(true, "and those that are damaged");
	}
	place_must(positions_find(topic, 0, INT64_MAX, &position));
	place_must(positions_forget(topic, 0));
	CHECK(count_rows(topic) == 0 && is_found(topic, 9000) &&
	    count_rows(topic) == rows && positions_check(topic, 0) == 0,
	    "all can be forgotten and derived again");
}

static void
test_read_only(void)
{
	struct spool *spool = place_open(SPOOL_READ);
	struct topic *topic;
	struct position position;
	int64_t rows;

	place_must(topic_open(&topic, spool, "t"));
	rows = count_rows(topic);
	CHECK(positions_find(topic, 0, 9000, &position) == 1 &&
	    leads_to(topic, 9000, &position) && count_rows(topic) == rows,
	    "a spool that may only be read answers from what is there");
	topic_close(topic);
	spool_close(spool);
}

int
main(void)
{
	struct topic_settings settings;
	struct spool *spool;
	struct topic *topic;

	place_make();
	spool = place_open(SPOOL_CREATE);
	topic_settings_default(&settings);
	settings.sync = SYNC_NEVER;
	place_must(topic_create(spool, "t", &settings));
	place_must(topic_open(&topic, spool, "t"));
	put(topic, BATCHES);
	test_offsets(topic);
	test_times(topic);
	test_catch_up(topic);
	test_lies(topic);
	test_read_only();
	topic_close(topic);
	spool_close(spool);
	return unit_end();
}
