/* Offsets that were committed: the starts of an ordered group's rows. */
#include "spool/committed.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fail.h"
#include "spool/roster.h"
#include "spool/state_rows.h"
#include "spool/sub.h"

/* Where a group stands is its members' to say, while it has some in the
 * directory. */
static int
check_free(struct spool *spool, struct index *index, const char *name,
    int64_t group_id)
{
	struct session sessions;
	int64_t found;
	int result = sql_get(index_sql(index), SQL_SESSION_ANY,
	    SQL_VALUES(group_id), &found, 1);

	if (result <= 0)
		return result;
	result = session_look(&sessions, spool_directory(spool));
	if (result >= 0)
		result = state_rows_members(index, &sessions, group_id);
	session_close(&sessions);
	return result <= 0 ? result : fail(FAIL_AGAIN, "group %s: processes "
	    "of the directory use it", name);
}

/* The row of the group on a partition, with its start at the offset. */
static int
move_start(struct sql *sql, int64_t group_id, int64_t topic_row,
    const struct committed *row, int64_t *sub)
{
	struct partition *partition;
	struct partition_state state;
	int result = topic_partition(row->topic, row->partition, &partition);

	if (result >= 0)
		result = partition_state(partition, &state);
	if (result >= 0)
		result = sql_get(sql, SQL_SUB_FIND,
		    SQL_VALUES(group_id, topic_row, row->partition), sub, 1);
	if (result == 1)
		return sub_reset(sql, *sub, row->offset, state.epoch);
	if (result == 0)
		result = sql_run(sql, SQL_SUB_ADD,
		    SQL_VALUES(group_id, topic_row, row->partition,
		        row->offset, state.epoch));
	*sub = sql_last_id(sql);
	return result < 0 ? result : 0;
}

static int
store_one(struct index *index, int64_t group_id, const struct committed *row)
{
	struct sql *sql = index_sql(index);
	int64_t topic_row, sub;
	int result = index_topic(index, row->topic, &topic_row);

	if (result >= 0)
		result = move_start(sql, group_id, topic_row, row, &sub);
	if (result < 0)
		return result;
	if (row->dead > 0)
		result = sql_run(sql, SQL_SUB_ADD_DEAD,
		    SQL_VALUES(sub, row->dead));
	if (result < 0)
		return result;
	sql_bind_blob(sql, SQL_COMMITTED_SET, 4, buf_slice(&row->metadata));
	result = sql_run(sql, SQL_COMMITTED_SET,
	    SQL_VALUES(sub, row->leader_epoch, clock_wall_ms()));
	return result < 0 ? result : 0;
}

int
committed_store(struct spool *spool, const char *group,
    const struct committed *rows, size_t count)
{
	struct index *index;
	int64_t group_id;
	int result = index_open(&index, spool);

	if (result >= 0)
		result = index_begin(index);
	if (result < 0)
		return result;
	result = roster_make(index_sql(index), group, &group_id);
	if (result >= 0)
		result = check_free(spool, index, group, group_id);
	for (size_t i = 0; i < count && result >= 0; i++)
		result = store_one(index, group_id, &rows[i]);
	return index_end(index, result);
}

int
committed_durable(struct spool *spool)
{
	struct index *index;
	int result = index_open(&index, spool);

	return result < 0 ? result : index_durable(index);
}

static int
find_one(struct index *index, int64_t group_id, struct committed *row)
{
	struct sql *sql = index_sql(index);
	int64_t topic_row;
	int result = index_topic(index, row->topic, &topic_row);

	if (result == -FAIL_MISSING)
		return 0;
	if (result >= 0)
		result = sql_first(sql, SQL_COMMITTED_GET,
		    SQL_VALUES(group_id, topic_row, row->partition));
	if (result == 1) {
		row->offset = sql_integer(sql, SQL_COMMITTED_GET, 0);
		row->leader_epoch =
		    (int32_t)sql_integer(sql, SQL_COMMITTED_GET, 1);
		buf_append_slice(&row->metadata,
		    sql_bytes(sql, SQL_COMMITTED_GET, 2));
	}
	sql_done(sql, SQL_COMMITTED_GET);
	return result < 0 ? result : 0;
}

int
committed_find(struct spool *spool, const char *group, struct committed *rows,
    size_t count)
{
	struct index *index;
	int64_t group_id;
	int result = index_open_read(&index, spool);

	for (size_t i = 0; i < count; i++) {
		rows[i].offset = -1;
		rows[i].leader_epoch = -1;
		buf_clear(&rows[i].metadata);
	}
	if (result <= 0)
		return result;
	result = roster_find(index_sql(index), group, &group_id);
	if (result == 1)
		for (size_t i = 0; i < count && result >= 0; i++)
			result = find_one(index, group_id, &rows[i]);
	index_abort(index);
	return result < 0 ? result : 0;
}

int
committed_each(struct spool *spool, const char *group,
    void (*each)(const char *topic, int partition, void *context),
    void *context)
{
	struct index *index;
	struct sql *sql;
	char name[256];
	int result = index_open_read(&index, spool);

	if (result <= 0)
		return result;
	sql = index_sql(index);
	sql_bind_text(sql, SQL_COMMITTED_LIST, 1, group);
	result = sql_first(sql, SQL_COMMITTED_LIST, SQL_NO_VALUES);
	while (result == 1) {
		struct slice text = sql_bytes(sql, SQL_COMMITTED_LIST, 1);

		if (text.size < sizeof name) {
			memcpy(name, text.data, text.size);
			name[text.size] = 0;
			each(name, (int)sql_integer(sql, SQL_COMMITTED_LIST,
			    0), context);
		}
		result = sql_next(sql, SQL_COMMITTED_LIST);
	}
	sql_done(sql, SQL_COMMITTED_LIST);
	index_abort(index);
	return result < 0 ? result : 0;
}

static int
forget_one(struct spool *spool, struct index *index, const char *group,
    const struct topic *topic, int partition)
{
	struct sql *sql = index_sql(index);
	int64_t group_id, topic_row, sub;
	int result = roster_find(sql, group, &group_id);

	if (result == 1) {
		result = check_free(spool, index, group, group_id);
		if (result < 0)
			return result;
		result = index_topic(index, topic, &topic_row) < 0 ? 0 :
		    sql_get(sql, SQL_SUB_FIND,
		    SQL_VALUES(group_id, topic_row, partition), &sub, 1);
	}
	if (result != 1)
		return result;
	result = sql_run(sql, SQL_SUB_DROP_RANGES, SQL_VALUES(sub));
	if (result >= 0)
		result = sql_run(sql, SQL_COMMITTED_DROP, SQL_VALUES(sub));
	if (result >= 0)
		result = sql_run(sql, SQL_SUB_DELETE, SQL_VALUES(sub));
	return result < 0 ? result : 1;
}

int
committed_forget(struct spool *spool, const char *group,
    const struct topic *topic, int partition)
{
	struct index *index;
	int found, result = index_open(&index, spool);

	if (result >= 0)
		result = index_begin(index);
	if (result < 0)
		return result;
	found = forget_one(spool, index, group, topic, partition);
	result = index_end(index, found);
	return result < 0 ? result : found;
}
