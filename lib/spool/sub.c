/* A subscription: what one group knows of one partition. */
#include "spool/sub.h"
#include "base/clock.h"
#include "base/fail.h"
#include "spool/keyed.h"
#include "spool/range.h"

static int
refresh(struct sub *sub)
{
	int result = 0;

	if (sub->partition == NULL)
		result = topic_partition(sub->source->topic, sub->number,
		    &sub->partition);
	if (result >= 0)
		result = partition_state(sub->partition, &sub->state);
	return result;
}

int
sub_attach(struct sub *sub, int64_t start)
{
	struct sql *sql = index_sql(sub->index);
	int result = sql_get(sql, SQL_SUB_FIND,
	    SQL_VALUES(sub->grp, sub->source->row, sub->number), &sub->id, 1);

	if (result != 0)
		return result < 0 ? result : 0;
	result = refresh(sub);
	if (result < 0)
		return result;
	if (start < sub->state.log_start)
		start = sub->state.log_start;
	if (start > sub->state.log_end)
		start = sub->state.log_end;
	result = sql_run(sql, SQL_SUB_ADD,
	    SQL_VALUES(sub->grp, sub->source->row, sub->number, start,
	        sub->state.epoch));
	sub->id = sql_last_id(sql);
	return result < 0 ? result : 0;
}

/* Everything from offset on is gone from the log: other messages will have
 * these offsets. */
static int
cut(struct sub *sub, int64_t offset)
{
	struct sql *sql = index_sql(sub->index);
	int result;

	if (sub->next <= offset)
		return 0;
	result = sql_run(sql, SQL_SUB_CUT_RANGES, SQL_VALUES(sub->id, offset));
	if (result >= 0)
		result = sql_run(sql, SQL_SUB_CUT_LAST,
		    SQL_VALUES(sub->id, offset));
	sub->next = offset;
	if (sub->start > offset)
		sub->start = offset;
	sub->is_changed = true;
	return result < 0 ? result : 0;
}

/* A range that begins below the log keeps the part that is above. */
static int
trim_straddling(struct sub *sub, int64_t log_start)
{
	struct range range;
	int result = range_find(sub, log_start, &range);

	if (result != 1 || range.first >= log_start)
		return result < 0 ? result : 0;
	result = range_carve(sub, &range, range.first, log_start - 1);
	return result;
}

/* The log begins above our start: what was trimmed counts as settled. */
static int
trim(struct sub *sub)
{
	int64_t log_start = sub->state.log_start;
	struct sql *sql = index_sql(sub->index);
	int64_t first = sub->start;
	int result;

	if (first >= log_start)
		return 0;
	result = sql_run(sql, SQL_SUB_TRIM_RANGES,
	    SQL_VALUES(sub->id, log_start));
	if (result >= 0)
		result = trim_straddling(sub, log_start);
	if (sub->next < log_start)
		sub->next = log_start;
	if (result >= 0)
		result = range_settle(sub, first, log_start - 1);
	if (result >= 0 && sub->order == ORDER_KEY)
		result = keyed_unpark_all(sub);
	return result;
}

/* An old copy of the control page may have come back: it must not cut what was
 * acknowledged, nor hide for ever what was put. */
static int
doubt_page(struct sub *sub)
{
	enum { DOUBT_MS = 1000 };
	const struct partition_state *state = &sub->state;
	struct partition_state checked;
	int64_t now_ms = clock_boot_ms();
	int result;
	bool is_behind = state->log_end < sub->next ||
	    state->epoch < sub->epoch;
	bool is_idle = state->high_watermark <= sub->next &&
	    now_ms - sub->checked_ms >= DOUBT_MS;

	if (!is_behind && !is_idle)
		return 0;
	sub->checked_ms = now_ms;
	result = partition_state_checked(sub->partition, &checked);
	if (result >= 0)
		sub->state = checked;
	return is_behind ? result : 0;
}

static int
follow_log(struct sub *sub)
{
	int result = doubt_page(sub);
	int64_t offset = sub->state.log_end;

	if (result < 0)
		return result;
	if (sub->epoch != sub->state.epoch) {
		int64_t cut_at = INT64_MAX;

		result = partition_cut_since(sub->partition,
		    (int32_t)sub->epoch, &cut_at);
		if (result < 0)
			return result;
		if (cut_at < offset)
			offset = cut_at;
		sub->epoch = sub->state.epoch;
		sub->is_changed = true;
		sub->has_hint = false;
	}
	result = cut(sub, offset);
	return result < 0 ? result : trim(sub);
}

int
sub_load(struct sub *sub)
{
	int64_t row[6];
	int result;

	if (sub->is_loaded)
		return 0;
	result = refresh(sub);
	if (result < 0)
		return result;
	result = sql_get(index_sql(sub->index), SQL_SUB_GET,
	    SQL_VALUES(sub->id), row, 6);
	if (result < 0)
		return result;
	if (result == 0)
		return fail(FAIL_MISSING, "group %s: was deleted", sub->group);
	sub->start = row[0];
	sub->next = row[1];
	sub->epoch = row[2];
	sub->owner = row[3];
	sub->generation = row[4];
	sub->dead_count = row[5];
	if (sub->start < 0 || sub->next < sub->start) {
		sub->start = sub->start < 0 ? 0 : sub->start;
		sub->next = sub->start;
	}
	sub->is_loaded = true;
	sub->is_changed = false;
	return follow_log(sub);
}

int
sub_store(struct sub *sub)
{
	int result;

	if (!sub->is_loaded || !sub->is_changed)
		return 0;
	result = sql_run(index_sql(sub->index), SQL_SUB_SET,
	    SQL_VALUES(sub->id, sub->start, sub->next, sub->epoch, sub->owner,
	        sub->dead_count, sub->state.high_watermark));
	sub->is_changed = false;
	return result < 0 ? result : 0;
}

int
sub_reset(struct sql *sql, int64_t id, int64_t offset, int64_t epoch)
{
	int result = sql_run(sql, SQL_SUB_DROP_RANGES, SQL_VALUES(id));

	if (result >= 0)
		result = sql_run(sql, SQL_COMMITTED_DROP, SQL_VALUES(id));
	if (result >= 0)
		result = sql_run(sql, SQL_SUB_RESET,
		    SQL_VALUES(id, offset, epoch));
	return result < 0 ? result : 0;
}

int64_t
sub_deadline(int64_t now_ms, int64_t duration_ms)
{
	return duration_ms > INT64_MAX / 4 ? INT64_MAX / 2
	                                   : now_ms + duration_ms;
}
