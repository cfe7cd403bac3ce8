/* The rows of groups in the index, beside the logs that they speak of. */
#include "spool/state_rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/fail.h"

static void
take_row(struct sql *sql, struct state_row *row)
{
	enum sql_statement which = SQL_STATE_ROWS;
	struct slice uuid = sql_bytes(sql, which, 2);

	row->group = slice_copy(sql_bytes(sql, which, 0));
	row->topic = slice_copy(sql_bytes(sql, which, 1));
	if (uuid.size == sizeof(row->uuid))
		memcpy(row->uuid, uuid.data, sizeof(row->uuid));
	row->partition = (int)sql_integer(sql, which, 3);
	row->order = (enum group_order)sql_integer(sql, which, 4);
	row->sub = sql_integer(sql, which, 5);
	row->group_id = sql_integer(sql, which, 6);
	row->topic_id = sql_integer(sql, which, 7);
	row->start = sql_integer(sql, which, 8);
	row->next = sql_integer(sql, which, 9);
	row->epoch = sql_integer(sql, which, 10);
	row->dead = sql_integer(sql, which, 11);
}

static struct state_row *
add_row(struct state_rows *rows)
{
	size_t count = rows->count;

	/* A power of two is full: double. */
	if ((count & (count - 1)) == 0) {
		size_t room = count > 0 ? 2 * count : 1;
		struct state_row *items = memory_alloc(room * sizeof(*items));

		if (count > 0)
			memcpy(items, rows->items, count * sizeof(*items));
		free(rows->items);
		rows->items = items;
	}
	return &rows->items[rows->count++];
}

static void
release_row(struct state_row *row)
{
	free(row->group);
	free(row->topic);
	memset(row, 0, sizeof(*row));
}

int
state_rows_read(struct state_rows *rows, struct index *index, const char *group,
    const char *topic)
{
	struct sql *sql = index_sql(index);
	int result;

	*rows = (struct state_rows){0};
	sql_bind_text(sql, SQL_STATE_ROWS, 1, group ? group : "");
	sql_bind_text(sql, SQL_STATE_ROWS, 2, topic ? topic : "");
	result = sql_first(sql, SQL_STATE_ROWS, SQL_NO_VALUES);
	for (; result == 1; result = sql_next(sql, SQL_STATE_ROWS))
		take_row(sql, add_row(rows));
	if (result < 0)
		state_rows_release(rows);
	return result;
}

int
state_rows_load(struct state_rows *rows, struct index *index, const char *group,
    const char *topic)
{
	int result = index_read(index);

	*rows = (struct state_rows){0};
	if (result < 0)
		return result;
	result = state_rows_read(rows, index, group, topic);
	index_abort(index);
	return result;
}

void
state_rows_release(struct state_rows *rows)
{
	for (size_t i = 0; i < rows->count; i++)
		release_row(&rows->items[i]);
	free(rows->items);
	*rows = (struct state_rows){0};
}

int
state_rows_members(
    struct index *index, const struct session *sessions, int64_t group_id)
{
	struct sql *sql = index_sql(index);
	int members = 0;
	int result = sql_first(sql, SQL_STATE_SESSIONS, SQL_VALUES(group_id));

	for (; result == 1; result = sql_next(sql, SQL_STATE_SESSIONS))
		members += is_session_alive(
		    sessions, sql_integer(sql, SQL_STATE_SESSIONS, 0));
	return result < 0 ? result : members;
}

static int
open_topic(struct state_log *log, const char *name)
{
	if (log->topic && strcmp(topic_name(log->topic), name) == 0)
		return 0;
	topic_close(log->topic);
	log->topic = NULL;
	return topic_open(&log->topic, log->spool, name);
}

static int64_t
at_least(int64_t value, int64_t least)
{
	return value < least ? least : value;
}

static int64_t
at_most(int64_t value, int64_t most)
{
	return value > most ? most : value;
}

/* What a row says of offsets that were cut since is void. */
static int
fit_row(struct state_log *log, const struct state_row *row)
{
	int64_t cut = INT64_MAX;
	int result = 0;

	if (row->epoch != log->state.epoch)
		result = partition_cut_since(
		    log->partition, (int32_t)row->epoch, &cut);
	if (result < 0)
		return result;
	log->end = log->state.high_watermark;
	cut = at_most(cut, log->state.log_end);
	log->next = at_least(at_most(row->next, cut), log->state.log_start);
	log->start =
	    at_least(at_most(row->start, log->next), log->state.log_start);
	log->end = at_least(log->end, log->next);
	return 1;
}

int
state_log_open(struct state_log *log, const struct state_row *row)
{
	int result = open_topic(log, row->topic);

	if (result == -FAIL_MISSING)
		return 0;
	if (result < 0)
		return result;
	if (memcmp(topic_id(log->topic), row->uuid, sizeof(row->uuid)) != 0 ||
	    row->partition >= topic_partition_count(log->topic))
		return 0;
	if ((result = topic_partition(
		 log->topic, row->partition, &log->partition)) < 0 ||
	    (result = partition_state(log->partition, &log->state)) < 0)
		return result;
	return fit_row(log, row);
}

void
state_log_close(struct state_log *log)
{
	topic_close(log->topic);
	log->topic = NULL;
}
