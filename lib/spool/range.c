/* Ranges of messages: the rows of leases, delays and settled gaps. */
#include "spool/range.h"
#include "base/fail.h"

#include <string.h>

enum { COLUMNS = sizeof(struct range) / sizeof(int64_t) };

/* SQLite has no checksums: a damaged row must not make a lease of what is not
 * there, or settle what is yet to come. result is of a sql_get. */
static int
check(const struct sub *sub, const struct range *range, int result)
{
	if (result != 1 || (range->first >= 0 && range->first <= range->last &&
	        range->last < sub->next && range->attempt >= 0 &&
	        range->attempt < INT32_MAX && range->duration >= 0 &&
	        range->state >= 0 && range->state <= RANGE_PARKED))
		return result;
	return fail(FAIL_CORRUPT, "index.db: group %s on %s:%d has a lease on "
	    "offsets %lld to %lld that cannot be: mq-fsck -y mends it",
	    sub->group, topic_name(sub->source->topic), sub->number,
	    (long long)range->first, (long long)range->last);
}

static int
get(struct sub *sub, enum sql_statement which, int64_t offset,
    struct range *range)
{
	/* A NULL fits in an int64_t as SQL_NULL: a row is nine of them. */
	return check(sub, range, sql_get(index_sql(sub->index), which,
	    SQL_VALUES(sub->id, offset), (int64_t *)range, COLUMNS));
}

int
range_find(struct sub *sub, int64_t offset, struct range *range)
{
	int result = get(sub, SQL_RANGE_BEFORE, offset, range);

	if (result < 0 || (result == 1 && range->last >= offset))
		return result;
	return get(sub, SQL_RANGE_AFTER, offset, range);
}

int
range_first_ready(struct sub *sub, struct range *range)
{
	return check(sub, range, sql_get(index_sql(sub->index),
	    SQL_RANGE_READY, SQL_VALUES(sub->id), (int64_t *)range, COLUMNS));
}

int
range_add(struct sub *sub, const struct range *range)
{
	int64_t values[1 + COLUMNS] = {sub->id};
	int result;

	memcpy(values + 1, range, sizeof(*range));
	result = sql_run(index_sql(sub->index), SQL_RANGE_ADD, values,
	    1 + COLUMNS);
	return result < 0 ? result : 0;
}

static int
drop(struct sub *sub, int64_t first)
{
	int result = sql_run(index_sql(sub->index), SQL_RANGE_DROP,
	    SQL_VALUES(sub->id, first));

	return result < 0 ? result : 0;
}

static int
set_last(struct sub *sub, int64_t first, int64_t last)
{
	int result = sql_run(index_sql(sub->index), SQL_RANGE_SET_LAST,
	    SQL_VALUES(sub->id, first, last));

	return result < 0 ? result : 0;
}

int
range_carve(struct sub *sub, const struct range *range, int64_t first,
    int64_t last)
{
	struct range right = *range;
	int result;

	if (first > range->first)
		result = set_last(sub, range->first, first - 1);
	else
		result = drop(sub, range->first);
	if (result < 0 || last >= range->last)
		return result;
	right.first = last + 1;
	return range_add(sub, &right);
}

/* The settled range that begins at offset, if there is one, joins: *last is
 * then its end, and its row is gone. */
static int
absorb_right(struct sub *sub, int64_t offset, int64_t *last)
{
	struct range right;
	int result = get(sub, SQL_RANGE_AFTER, offset, &right);

	if (result != 1 || right.first != offset ||
	    right.state != RANGE_SETTLED)
		return result < 0 ? result : 0;
	*last = right.last;
	return drop(sub, right.first);
}

int
range_settle(struct sub *sub, int64_t first, int64_t last)
{
	struct range left, settled = {.state = RANGE_SETTLED,
	    .until = SQL_NULL, .key_hash = SQL_NULL};
	int result = absorb_right(sub, last + 1, &last);

	if (result < 0)
		return result;
	if (first <= sub->start) {
		sub->start = last + 1;
		sub->is_changed = true;
		return 0;
	}
	result = get(sub, SQL_RANGE_BEFORE, first - 1, &left);
	if (result < 0)
		return result;
	if (result == 1 && left.last == first - 1 &&
	    left.state == RANGE_SETTLED)
		return set_last(sub, left.first, last);
	settled.first = first;
	settled.last = last;
	return range_add(sub, &settled);
}

int
range_promote(struct sub *sub, int64_t now_ms)
{
	struct sql *sql = index_sql(sub->index);
	int64_t found;
	int result = sql_get(sql, SQL_RANGE_IS_DUE,
	    SQL_VALUES(sub->id, now_ms), &found, 1);

	for (int64_t state = RANGE_LEASED;
	     result == 1 && state <= RANGE_DELAYED; state++) {
		int changed = sql_run(sql, SQL_RANGE_PROMOTE,
		    SQL_VALUES(sub->id, state, now_ms));

		if (changed < 0)
			return changed;
	}
	return result < 0 ? result : 0;
}

int
range_next_due(struct sub *sub, int64_t *until_ms)
{
	*until_ms = INT64_MAX;
	for (int64_t state = RANGE_LEASED; state <= RANGE_DELAYED; state++) {
		int64_t until = SQL_NULL;
		int result = sql_get(index_sql(sub->index),
		    SQL_RANGE_NEXT_DUE, SQL_VALUES(sub->id, state), &until, 1);

		if (result < 0)
			return result;
		if (until != SQL_NULL && until < *until_ms)
			*until_ms = until;
	}
	return 0;
}
