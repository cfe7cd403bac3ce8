/* Positions: derived from the log, never trusted, made again. */
#include "base/fail.h"
#include "place.h"
#include "spool/index.h"
#include "spool/positions.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>

enum { BATCHES = 3000, RECORDS = 4 };

static void
must(int result)
{
	if (result >= 0)
		return;
	printf("not ok - %s\n", fail_message());
	exit(1);
}

/* Batches of RECORDS messages whose timestamps are their offsets. */
static void
put(struct topic *topic, int count)
{
	struct batch_builder builder;
	struct partition *log;
	struct partition_state state;
	struct buf out = {0};
	int64_t first, last;

	must(topic_partition(topic, 0, &log));
	must(partition_state(log, &state));
	batch_builder_init(&builder, CODEC_NONE);
	for (int i = 0; i < count * RECORDS; i++) {
		struct record record = {.timestamp = state.log_end + i,
		    .value = slice_of("value")};

		batch_builder_append(&builder, &record);
		if (i % RECORDS == RECORDS - 1)
			must(batch_builder_finish(&builder, &out));
	}
	must(partition_append(log, out.data, out.size, &first, &last));
	must(partition_wait(log, last + 1, -1));
	batch_builder_release(&builder);
	buf_release(&out);
}

/* What the index holds, without a look at the log. */
static int64_t
count_rows(struct spool *spool)
{
	struct index *index;
	int64_t count = 0;

	must(index_open(&index, spool));
	must(index_read(index));
	for (int result = sql_first(index_sql(index), SQL_CHECK_POSITIONS,
		 SQL_VALUES(1, 0));
	     result == 1; count++)
		result = sql_next(index_sql(index), SQL_CHECK_POSITIONS);
	index_abort(index);
	return count;
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

	must(topic_partition(topic, 0, &log));
	must(partition_reader_open(&reader, log, offset, position));
	result = partition_reader_next(reader, &bytes, &header, &place);
	partition_reader_close(reader);
	return result == 1 && header.base_offset <= offset &&
	    offset <= header.base_offset + header.last_offset_delta;
}

static void
test_offsets(struct spool *spool, struct topic *topic)
{
	int64_t end = (int64_t)BATCHES * RECORDS;
	struct position position;
	bool is_good = true, is_near = true;

	CHECK(positions_find(topic, 0, 100, &position) == 0 &&
	    count_rows(spool) == 0,
	    "who asks for the beginning of a log needs no index");
	for (int64_t offset = 1000; offset < end; offset += 777) {
		int result = positions_find(topic, 0, offset, &position);

		is_good &= result == 1 && position.offset <= offset &&
		    leads_to(topic, offset, &position);
		is_near &= offset - position.offset <= 512 + 256 * RECORDS;
	}
	CHECK(is_good, "a position leads to the offset asked for");
	CHECK(is_near, "and is a few hundred batches away at most");
	CHECK(count_rows(spool) == 1 + (BATCHES - 1) / 256,
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

	must(topic_partition(topic, 0, &log));
	for (int64_t time = 2000; time < (int64_t)BATCHES * RECORDS;
	     time += 999) {
		int result = positions_find_time(topic, 0, time, &position);

		is_good &= result == 1 && position.offset <= time;
		must(partition_find_time(log, time, &position, &offset));
		is_good &= offset == time;
	}
	CHECK(is_good, "a position by time leads to the first such message");
}

static void
test_catch_up(struct spool *spool, struct topic *topic)
{
	struct position position;
	int64_t rows = count_rows(spool);

	put(topic, 50);
	must(positions_find(topic, 0, INT64_MAX, &position));
	CHECK(count_rows(spool) == rows,
	    "a log that has grown a little costs the index nothing");
	put(topic, 1000);
	must(positions_find(topic, 0, 3000, &position));
	CHECK(count_rows(spool) == rows,
	    "who asks for what is known brings nothing up to date");
	must(positions_find(topic, 0, INT64_MAX, &position));
	CHECK(count_rows(spool) >= rows + 4, "who asks for more does");
}

static void
write_index(struct spool *spool, enum sql_statement which,
    const int64_t *values, size_t count)
{
	struct index *index;

	must(index_open(&index, spool));
	must(index_begin(index));
	must(sql_run(index_sql(index), which, values, count));
	must(index_commit(index));
}

static void
test_lies(struct spool *spool, struct topic *topic)
{
	struct position position;

	write_index(spool, SQL_POSITION_ADD,
	    SQL_VALUES(1, 0, 5555, 0, 12345, 0));
	CHECK(positions_find(topic, 0, 5556, &position) == 1 &&
	    leads_to(topic, 5556, &position),
	    "a position that is wrong does not mislead a reader");
	write_index(spool, SQL_PART_SET,
	    SQL_VALUES(1, 0, INT64_MAX / 2, 0, 0, 1));
	CHECK(positions_find(topic, 0, 9000, &position) == 1 &&
	    leads_to(topic, 9000, &position) && position.offset > 7000,
	    "an index that is ahead of its log is derived again");
	CHECK(positions_find(topic, 0, 5556, &position) == 1 &&
	    position.offset != 5555, "and forgets what it knew");
}

static void
test_read_only(void)
{
	struct spool *spool = place_open(SPOOL_READ);
	struct topic *topic;
	struct position position;
	int64_t rows = count_rows(spool);

	must(topic_open(&topic, spool, "t"));
	CHECK(positions_find(topic, 0, 9000, &position) == 1 &&
	    leads_to(topic, 9000, &position) && count_rows(spool) == rows,
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
	must(topic_create(spool, "t", &settings));
	must(topic_open(&topic, spool, "t"));
	put(topic, BATCHES);
	test_offsets(spool, topic);
	test_times(topic);
	test_catch_up(spool, topic);
	test_lies(spool, topic);
	test_read_only();
	topic_close(topic);
	spool_close(spool);
	return unit_end();
}
