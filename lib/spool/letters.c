/* The dead letters of a topic, and which of them are done with (internal). */
#include "spool/letters.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fail.h"
#include "base/lock.h"
#include "log/record_reader.h"
#include "spool/dead_letter.h"
#include "spool/positions.h"
#include "spool/range.h"
#include "spool/state_rows.h"

static int
open_store(struct letters *letters, const char *name)
{
	int result = topic_open(&letters->store, letters->spool, name);

	return result == -FAIL_MISSING ? 0 : result;
}

/* Letters outlive their topic; its configuration has gone with it, so then
 * the store is the one that topics have by default. */
int
letters_open(struct letters *letters, struct spool *spool, const char *origin)
{
	struct topic *topic = NULL;
	struct buf name = {0};
	int result;

	*letters = (struct letters){.spool = spool, .origin = origin};
	result = topic_open(&topic, spool, origin);
	if (result < 0 && result != -FAIL_MISSING)
		return result;
	if (topic && *topic_settings(topic)->dead_letter_topic)
		buf_append_text(
		    &name, topic_settings(topic)->dead_letter_topic);
	else
		buf_printf(&name, "%s.dead", origin);
	result = open_store(letters, buf_text(&name));
	if (result >= 0 && !topic && !letters->store)
		result = fail(FAIL_MISSING, "topic %s: there is none in %s",
		    origin, spool_path(spool));
	buf_release(&name);
	topic_close(topic);
	return result;
}

void
letters_close(struct letters *letters)
{
	topic_close(letters->store);
	letters->store = NULL;
}

int
letters_lock(const struct letters *letters)
{
	if (!letters->store)
		return 0;
	return lock_directory(topic_directory(letters->store), -1);
}

int
letters_missing(const struct letters *letters, const struct dead_choice *choice)
{
	return fail(FAIL_MISSING, "topic %s has no dead letter %d:%lld",
	    letters->origin, choice->partition,
	    (long long)choice->id);
}

/* What is settled of one partition: all below start, and these ranges. */
struct settled {
	int64_t start;
	int64_t (*ranges)[2];
	size_t count;
	size_t at; /* the first that may hold what is asked for */
};

static void
add_range(struct settled *settled, int64_t first, int64_t last)
{
	size_t count = settled->count;

	/* A power of two is full: double. */
	if ((count & (count - 1)) == 0) {
		size_t room = count > 0 ? 2 * count : 1;
		void *ranges = memory_alloc(room * sizeof(*settled->ranges));

		if (count > 0)
			memcpy(ranges, settled->ranges,
			    count * sizeof(*settled->ranges));
		free(settled->ranges);
		settled->ranges = ranges;
	}
	settled->ranges[count][0] = first;
	settled->ranges[count][1] = last;
	settled->count++;
}

static int
load_ranges(struct settled *settled, struct sql *sql,
    const struct state_row *row, int64_t next)
{
	int result =
	    sql_first(sql, SQL_LETTERS_SETTLED, SQL_VALUES(row->sub, next - 1));

	for (; result == 1; result = sql_next(sql, SQL_LETTERS_SETTLED))
		add_range(settled, sql_integer(sql, SQL_LETTERS_SETTLED, 0),
		    sql_integer(sql, SQL_LETTERS_SETTLED, 1));
	return result;
}

/* In a snapshot: the next one may be of another file, with other rows. */
static int
read_settled(struct settled *settled, const struct letters *letters,
    struct index *index, int partition)
{
	struct state_log log = {.spool = letters->spool};
	struct state_rows rows;
	int result = state_rows_read(
	    &rows, index, LETTERS_GROUP, topic_name(letters->store));

	for (size_t i = 0; result >= 0 && i < rows.count; i++) {
		if (rows.items[i].partition != partition)
			continue;
		result = state_log_open(&log, &rows.items[i]);
		if (result != 1)
			continue;
		settled->start = log.start;
		result = load_ranges(
		    settled, index_sql(index), &rows.items[i], log.next);
	}
	state_log_close(&log);
	state_rows_release(&rows);
	return result;
}

/* A spool without an index, or a store that nothing was taken from, has
 * nothing settled. */
static int
load_settled(
    struct settled *settled, const struct letters *letters, int partition)
{
	struct index *index;
	int result = index_open_read(&index, letters->spool);

	if (result <= 0)
		return result;
	result = read_settled(settled, letters, index, partition);
	index_abort(index);
	return result;
}

/* Offsets are asked for in order. */
static bool
is_settled(struct settled *settled, int64_t offset)
{
	while (settled->at < settled->count &&
	       settled->ranges[settled->at][1] < offset)
		settled->at++;
	if (offset < settled->start)
		return true;
	return settled->at < settled->count &&
	       settled->ranges[settled->at][0] <= offset;
}

/* False if the record is no letter of ours. */
static bool
is_ours(const struct letters *letters, const struct dead_letter *letter)
{
	return slice_equal(letter->topic, slice_of(letters->origin)) &&
	    (!letters->group ||
	        slice_equal(letter->group, slice_of(letters->group)));
}

static int
open_reader(struct record_reader **reader, const struct letters *letters,
    int partition, int64_t from)
{
	struct partition *log;
	struct position hint;
	int result = topic_partition(letters->store, partition, &log);

	if (result >= 0)
		result = positions_find(letters->store, partition, from, &hint);
	if (result < 0)
		return result;
	return record_reader_open(
	    reader, log, from, result == 1 ? &hint : NULL);
}

int
letters_scan(const struct letters *letters, int partition, int64_t from,
    int (*each)(const struct dead_letter *letter, void *context), void *context)
{
	struct record_reader *reader = NULL;
	struct settled settled = {0};
	struct dead_letter letter;
	struct record record;
	int result = load_settled(&settled, letters, partition);

	if (from < settled.start)
		from = settled.start;
	if (result >= 0)
		result = open_reader(&reader, letters, partition, from);
	while (result >= 0) {
		result = record_reader_next(reader, &record);
		if (result == 0)
			break;
		if (result == -FAIL_CORRUPT)
			result = 0; /* lost; mq-fsck names it */
		else if (result == 1 && !is_settled(&settled, record.offset) &&
			 dead_letter_read(&record, partition, &letter) &&
			 is_ours(letters, &letter) &&
			 (result = each(&letter, context)) != 0)
			break;
	}
	record_reader_close(reader);
	free(settled.ranges);
	return result;
}

/* Settles one offset; what lies between it and what was settled before stays
 * as it is. */
static int
settle_one(struct sub *sub, int64_t id)
{
	struct range range = {.first = sub->next,
	    .last = id - 1,
	    .state = RANGE_READY,
	    .until = SQL_NULL,
	    .key_hash = SQL_NULL};
	int result = 0;

	if (id < sub->start)
		return 0;
	if (id >= sub->next) {
		if (range.first <= range.last)
			result = range_add(sub, &range);
		sub->next = id + 1;
		sub->is_changed = true;
		return result < 0 ? result : range_settle(sub, id, id);
	}
	result = range_find(sub, id, &range);
	if (result == 1 && range.first <= id && range.state == RANGE_SETTLED)
		return 0;
	if (result == 1 && range.first <= id)
		result = range_carve(sub, &range, id, id);
	return result < 0 ? result : range_settle(sub, id, id);
}

static int
find_group(struct sql *sql, int64_t *id)
{
	int result;

	sql_bind_text(sql, SQL_LETTERS_GROUP, 2, LETTERS_GROUP);
	result = sql_run(sql, SQL_LETTERS_GROUP, SQL_VALUES(clock_wall_ms()));
	if (result < 0)
		return result;
	sql_bind_text(sql, SQL_STATE_GROUP, 1, LETTERS_GROUP);
	return sql_get(sql, SQL_STATE_GROUP, SQL_NO_VALUES, id, 1);
}

int
letters_settle(const struct letters *letters, struct index *index,
    int partition, const int64_t *ids, size_t count)
{
	struct source source = {.topic = letters->store};
	struct sub sub = {.index = index,
	    .source = &source,
	    .number = partition,
	    .group = LETTERS_GROUP,
	    .order = ORDER_NONE};
	int result = index_topic(index, letters->store, &source.row);

	if (result >= 0)
		result = find_group(index_sql(index), &sub.grp);
	if (result >= 0)
		result = sub_attach(&sub, -1);
	if (result >= 0)
		result = sub_load(&sub);
	for (size_t i = 0; i < count && result >= 0; i++)
		result = settle_one(&sub, ids[i]);
	return result < 0 ? result : sub_store(&sub);
}
