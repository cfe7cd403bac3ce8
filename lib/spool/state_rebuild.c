/* The derived part of the index: made again, and freed of topics that are gone.
 */
#include "spool/state.h"

#include <string.h>

#include "base/fail.h"
#include "spool/index.h"
#include "spool/positions.h"
#include "spool/state_rows.h"

/* 16 bytes each. */
struct living {
	struct spool *spool;
	struct buf ids;
};

/* A topic that cannot be opened may be mended: nothing of it is forgotten. */
static int
add_living(const char *name, void *context)
{
	struct living *living = context;
	struct topic *topic;
	int result = topic_open(&topic, living->spool, name);

	if (result == -FAIL_MISSING)
		return 0;
	if (result < 0)
		return result;
	buf_append(&living->ids, topic_id(topic), 16);
	topic_close(topic);
	return 0;
}

static bool
is_living(const struct living *living, struct slice uuid)
{
	for (size_t i = 0; i < living->ids.size; i += 16)
		if (uuid.size == 16 &&
		    memcmp(living->ids.data + i, uuid.data, 16) == 0)
			return true;
	return false;
}

static int
find_gone(struct sql *sql, const struct living *living, struct buf *gone)
{
	enum sql_statement which = SQL_SWEEP_TOPICS;
	int result = sql_first(sql, which, SQL_NO_VALUES);

	for (; result == 1; result = sql_next(sql, which)) {
		int64_t id = sql_integer(sql, which, 0);

		if (!is_living(living, sql_bytes(sql, which, 1)))
			buf_append(gone, &id, sizeof(id));
	}
	return result;
}

static int
run_all(struct sql *sql, const enum sql_statement *statements, size_t count,
    int64_t value)
{
	int result = 0;

	for (size_t i = 0; i < count && result >= 0; i++)
		result = sql_run(sql, statements[i], SQL_VALUES(value));
	return result;
}

static int
sweep(struct spool *spool, struct sql *sql)
{
	static const enum sql_statement steps[] = {SQL_SWEEP_RANGES,
	    SQL_SWEEP_COMMITTED, SQL_SWEEP_SUBS, SQL_SWEEP_DEAD_LOG,
	    SQL_SWEEP_DEAD_SEEN, SQL_SWEEP_REDRIVE, SQL_SWEEP_TOPIC};
	struct living living = {.spool = spool};
	struct buf gone = {0};
	int result = spool_list_topics(spool, add_living, &living);

	if (result < 0)
		result = 0; /* a bad topic: sweep another time */
	else
		result = find_gone(sql, &living, &gone);
	for (size_t i = 0; result >= 0 && i < gone.size; i += sizeof(int64_t)) {
		int64_t id;

		memcpy(&id, gone.data + i, sizeof(id));
		result =
		    run_all(sql, steps, sizeof(steps) / sizeof(*steps), id);
	}
	buf_release(&living.ids);
	buf_release(&gone);
	return result;
}

int
state_sweep(struct spool *spool, struct index *index)
{
	int result = index_begin(index);

	if (result < 0)
		return result;
	return index_end(index, sweep(spool, index_sql(index)));
}

static int
forget_derived(struct index *index)
{
	static const enum sql_statement steps[] = {
	    SQL_REBUILD_DEAD_LOG, SQL_REBUILD_DEAD_SEEN};
	int result = index_begin(index);

	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps) && result >= 0;
	     i++)
		result = sql_run(index_sql(index), steps[i], SQL_NO_VALUES);
	return index_end(index, result);
}

/* Asking for the end derives all. */
static int
derive_topic(const char *name, void *context)
{
	struct spool *spool = context;
	struct position position;
	struct topic *topic;
	int result = topic_open(&topic, spool, name);

	if (result < 0)
		return 0; /* its own check names it */
	for (int i = 0; i < topic_partition_count(topic) && result >= 0; i++) {
		result = positions_forget(topic, i);
		if (result >= 0)
			result =
			    positions_find(topic, i, INT64_MAX, &position);
	}
	topic_close(topic);
	return result < 0 ? result : 0;
}

int
state_rebuild(struct spool *spool)
{
	struct index *index;
	int result = index_open(&index, spool);

	if (result >= 0)
		result = forget_derived(index);
	if (result >= 0)
		result = spool_list_topics(spool, derive_topic, spool);
	if (result >= 0)
		result = state_sweep(spool, index);
	return result < 0 ? result : 0;
}
