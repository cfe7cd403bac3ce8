/* Checking the index: by itself, and against the logs. */
#include "spool/state.h"

#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "spool/state_rows.h"
#include "spool/sub.h"

struct check {
	struct spool *spool;
	struct index *index;
	bool mend;
	void (*report)(const char *text, bool is_mended, void *context);
	void *context;
	int found;
};

static void
report(struct check *check, struct buf *text)
{
	check->report(buf_text(text), check->mend, check->context);
	check->found++;
	buf_release(text);
}

static void
report_sqlite(const char *text, void *context)
{
	struct buf line = {0};

	buf_printf(&line, "SQLite: %s", text);
	report(context, &line);
}

/* What SQLite itself finds has no other remedy than a new file. */
static int
check_file(struct check *check)
{
	int result = index_read(check->index);

	if (result < 0)
		return result;
	result = sql_check(index_sql(check->index), report_sqlite, check);
	index_abort(check->index);
	if (result > 0 && check->mend)
		return index_put_aside(check->index, "damaged");
	return result;
}

static int
begin(const struct check *check)
{
	return check->mend ? index_begin(check->index)
			   : index_read(check->index);
}

static int
end(const struct check *check, int result)
{
	if (result >= 0 && check->mend)
		return index_commit(check->index);
	index_abort(check->index);
	return result;
}

/* Rows of ranges and groups that hang on nothing. */
static int
check_orphans(struct check *check)
{
	struct sql *sql = index_sql(check->index);
	struct buf text = {0};
	int64_t count;
	int result = sql_get(sql, SQL_CHECK_ORPHANS, SQL_NO_VALUES, &count, 1);

	if (result != 1 || count == 0)
		return result < 0 ? result : 0;
	buf_printf(&text, "%lld leases or subscriptions belong to no group",
	    (long long)count);
	report(check, &text);
	if (!check->mend)
		return 0;
	result = sql_run(sql, SQL_CHECK_DROP_SUBS, SQL_NO_VALUES);
	if (result >= 0)
		result = sql_run(sql, SQL_CHECK_DROP_RANGES, SQL_NO_VALUES);
	return result;
}

/* Members and words about offsets that hang on nothing; they are forgotten. */
static int
check_strangers(struct check *check)
{
	static const enum sql_statement steps[] = {SQL_CHECK_DROP_COMMITTED,
	    SQL_CHECK_DROP_ROSTERS, SQL_CHECK_DROP_MEMBERS,
	    SQL_CHECK_COUNT_MEMBERS};
	struct sql *sql = index_sql(check->index);
	struct buf text = {0};
	int64_t strangers, miscounted = 0;
	int result = sql_get(sql, SQL_CHECK_STRANGERS, SQL_NO_VALUES,
	    &strangers, 1);

	if (result == 1)
		result = sql_get(sql, SQL_CHECK_MISCOUNTED, SQL_NO_VALUES,
		    &miscounted, 1);
	if (result != 1 || strangers + miscounted == 0)
		return result < 0 ? result : 0;
	buf_printf(&text, "%lld members or committed offsets belong to no "
	    "group, or are miscounted", (long long)(strangers + miscounted));
	report(check, &text);
	if (!check->mend)
		return 0;
	for (size_t i = 0; i < sizeof steps / sizeof *steps && result >= 0; i++)
		result = sql_run(sql, steps[i], SQL_NO_VALUES);
	return result;
}

static bool
is_place_possible(const struct state_log *log, const struct state_row *row)
{
	if (row->start < 0 || row->next < row->start)
		return false;
	return row->epoch != log->state.epoch ||
	       row->next <= log->state.log_end;
}

/* Says what is wrong with a group on a partition; 0 if nothing is. */
static int
check_row(struct check *check, const struct state_log *log,
    const struct state_row *row)
{
	struct buf text = {0};
	int64_t wrong = 0;
	int result;

	buf_printf(&text, "group %s on %s:%d ", row->group, row->topic,
	    row->partition);
	if (!is_place_possible(log, row)) {
		buf_printf(&text, "stands at %lld, the log ends at %lld",
		    (long long)row->next, (long long)log->state.log_end);
		report(check, &text);
		return 1;
	}
	result = sql_get(index_sql(check->index), SQL_CHECK_RANGES,
	    SQL_VALUES(row->sub), &wrong, 1);
	if (result == 1 && wrong > 0) {
		buf_printf(&text, "has %lld leases that contradict others",
		    (long long)wrong);
		report(check, &text);
		return 1;
	}
	if (result >= 0)
		result = sql_get(index_sql(check->index), SQL_CHECK_HOLES,
		    SQL_VALUES(row->sub), &wrong, 1);
	if (result == 1 && wrong > 0) {
		buf_printf(&text, "has lost sight of messages");
		report(check, &text);
		return 1;
	}
	buf_release(&text);
	return result < 0 ? result : 0;
}

/* The remedy repeats messages rather than to lose one: everything above the
 * start is given out again. */
static int
check_rows(struct check *check, const struct state_rows *rows)
{
	struct state_log log = {.spool = check->spool};
	int result = 0;

	for (size_t i = 0; i < rows->count && result >= 0; i++) {
		const struct state_row *row = &rows->items[i];

		result = state_log_open(&log, row);
		if (result == 1)
			result = check_row(check, &log, row);
		if (result == 1 && check->mend)
			result = sub_reset(index_sql(check->index), row->sub,
			    log.start, log.state.epoch);
	}
	state_log_close(&log);
	return result;
}

static int
check_groups(struct check *check)
{
	struct state_rows rows = {0};
	int result = begin(check);

	if (result < 0)
		return result;
	result = check_orphans(check);
	if (result >= 0)
		result = check_strangers(check);
	if (result >= 0)
		result = state_rows_read(&rows, check->index, NULL, NULL);
	if (result >= 0)
		result = check_rows(check, &rows);
	state_rows_release(&rows);
	return end(check, result);
}

static int
check_all(struct check *check)
{
	int result = check_file(check);

	if (result >= 0 && check->found == 0)
		result = check_groups(check);
	if (result >= 0 && check->mend)
		result = state_sweep(check->spool, check->index);
	return result;
}

/* Damage that SQLite's check does not see may keep a statement of ours from
 * being run. Whoever wrote then has put the file aside already. */
static int
leave_file(struct check *check)
{
	struct buf text = {0};

	buf_append_text(&text, fail_message());
	report(check, &text);
	return index_sql(check->index) == NULL
	    ? 0 : index_put_aside(check->index, "damaged");
}

int
state_check(struct spool *spool, bool mend,
    void (*report_text)(const char *text, bool is_mended, void *context),
    void *context)
{
	struct check check = {.spool = spool,
	    .mend = mend,
	    .report = report_text,
	    .context = context};
	int result = index_open(&check.index, spool);

	if (result == -FAIL_MISSING)
		return 0;
	if (result >= 0)
		result = check_all(&check);
	if (result == -FAIL_CORRUPT && mend && check.index != NULL) {
		result = leave_file(&check);
		if (result >= 0)
			result = check_all(&check);
	}
	return result < 0 ? result : check.found;
}
