/* What the index knows of groups: counts, lag, leases. */
#include "spool/state.h"

#include <string.h>

#include "base/clock.h"
#include "base/fail.h"
#include "log/record_reader.h"
#include "spool/positions.h"
#include "spool/roster.h"
#include "spool/schema.h"
#include "spool/session.h"
#include "spool/state_rows.h"

/* What one call looks at. */
struct viewer {
	struct index *index;
	struct session sessions;
	struct state_rows rows;
	struct state_log log;
	struct buf metadata; /* of the row at hand */
	int64_t now_ms;
};

static void
close_viewer(struct viewer *viewer)
{
	state_log_close(&viewer->log);
	state_rows_release(&viewer->rows);
	buf_release(&viewer->metadata);
	session_close(&viewer->sessions);
}

/* 0 for a spool without an index: it has no groups. */
static int
open_viewer(struct viewer *viewer, struct spool *spool, const char *group,
    const char *topic)
{
	int result;

	*viewer = (struct viewer){.log = {.spool = spool},
	    .sessions = {.fd = -1},
	    .now_ms = clock_boot_ms()};
	result = index_open(&viewer->index, spool);
	if (result == -FAIL_MISSING)
		return 0;
	if (result >= 0)
		result =
		    session_look(&viewer->sessions, spool_directory(spool));
	if (result >= 0)
		result =
		    state_rows_load(&viewer->rows, viewer->index, group, topic);
	if (result < 0)
		close_viewer(viewer);
	return result < 0 ? result : 1;
}

/* Where a range counts: what has expired, or whose holder is gone, is ready. */
static int64_t *
counter_of(struct group_state *state, const struct session *sessions,
    const int64_t row[3])
{
	bool is_expired = row[2] != 0;

	switch (row[0]) {
	case RANGE_LEASED:
		return is_expired ? &state->ready : &state->leased;
	case RANGE_HELD:
		return is_expired || !is_session_alive(sessions, row[1])
			   ? &state->ready
			   : &state->leased;
	case RANGE_DELAYED:
		return is_expired ? &state->ready : &state->delayed;
	case RANGE_SETTLED:
		return NULL;
	default:
		return &state->ready;
	}
}

/* Ranges of a damaged index may overlap: no more is counted than there is. */
static void
count(int64_t *counter, int64_t more, int64_t most)
{
	if (more > most - *counter)
		more = most - *counter;
	if (more > 0)
		*counter += more;
}

static int
count_ranges(struct group_state *state, const struct viewer *viewer,
    const struct state_row *row, int64_t next)
{
	enum sql_statement which = SQL_STATE_COUNTS;
	struct sql *sql = index_sql(viewer->index);
	int result = sql_first(
	    sql, which, SQL_VALUES(row->sub, clock_boot_ms(), next - 1));

	for (; result == 1; result = sql_next(sql, which)) {
		int64_t values[] = {sql_integer(sql, which, 0),
		    sql_integer(sql, which, 1), sql_integer(sql, which, 2)};
		int64_t *counter = counter_of(state, &viewer->sessions, values);

		if (counter)
			count(counter, sql_integer(sql, which, 3), next);
	}
	return result;
}

/* The timestamp of the first message at or behind the group's start, -1 if
 * there is none that can be read. */
static int64_t
oldest_timestamp(const struct state_log *log, const struct state_row *row)
{
	struct record_reader *reader = NULL;
	struct record record;
	struct position hint;
	int result =
	    positions_find(log->topic, row->partition, log->start, &hint);

	if (result >= 0)
		result = record_reader_open(&reader, log->partition, log->start,
		    result == 1 ? &hint : NULL);
	if (result < 0)
		return -1;
	do
		result = record_reader_next(reader, &record);
	while (result == -FAIL_CORRUPT);
	record_reader_close(reader);
	return result == 1 ? record.timestamp : -1;
}

static int
count_members(const struct viewer *viewer, int64_t group_id)
{
	int64_t pid;
	int result = state_rows_members(viewer->index, &viewer->sessions,
	    group_id);
	int clients = result < 0 ? result : roster_living(
	    index_sql(viewer->index), &viewer->sessions, group_id, &pid);

	return clients < 0 ? clients : result + clients;
}

static int
read_metadata(struct viewer *viewer, const struct state_row *row,
    struct group_state *state)
{
	struct sql *sql = index_sql(viewer->index);
	int result = sql_first(sql, SQL_COMMITTED_TEXT, SQL_VALUES(row->sub));

	state->metadata = NULL;
	buf_clear(&viewer->metadata);
	if (result != 1)
		return result;
	buf_append_slice(&viewer->metadata,
	    sql_bytes(sql, SQL_COMMITTED_TEXT, 0));
	state->metadata = buf_text(&viewer->metadata);
	sql_done(sql, SQL_COMMITTED_TEXT);
	return 0;
}

/* Fills what needs a look at the index and the log. */
static int
fill_state(struct group_state *state, struct viewer *viewer,
    const struct state_row *row)
{
	const struct state_log *log = &viewer->log;
	int result = index_read(viewer->index);

	if (result < 0)
		return result;
	result = count_ranges(state, viewer, row, log->next);
	if (result >= 0)
		result = state->members = count_members(viewer, row->group_id);
	if (result >= 0)
		result = read_metadata(viewer, row, state);
	index_abort(viewer->index);
	if (result < 0)
		return result;
	state->start = log->start;
	state->end = log->end;
	state->ready += log->end - log->next;
	state->lag = state->ready + state->leased + state->delayed;
	state->oldest_ms = state->lag > 0 ? oldest_timestamp(log, row) : -1;
	return 0;
}

static int
list_row(struct viewer *viewer, const struct state_row *row,
    int (*each)(const struct group_state *state, void *context), void *context)
{
	struct group_state state = {.group = row->group,
	    .topic = row->topic,
	    .order = row->order,
	    .partition = row->partition,
	    .dead = row->dead};
	int result = state_log_open(&viewer->log, row);

	if (result <= 0)
		return result;
	result = fill_state(&state, viewer, row);
	return result < 0 ? result : each(&state, context);
}

int
state_list(struct spool *spool, const char *group, const char *topic,
    int (*each)(const struct group_state *state, void *context), void *context)
{
	struct viewer viewer;
	int result = open_viewer(&viewer, spool, group, topic);

	if (result <= 0)
		return result;
	result = 0;
	for (size_t i = 0; i < viewer.rows.count && result == 0; i++)
		result =
		    list_row(&viewer, &viewer.rows.items[i], each, context);
	close_viewer(&viewer);
	return result;
}

/* False if the process that held it is gone. */
static bool
take_lease(struct viewer *viewer, struct lease_state *lease)
{
	enum sql_statement which = SQL_STATE_LEASES;
	struct sql *sql = index_sql(viewer->index);
	int64_t state = sql_integer(sql, which, 2);

	lease->first = sql_integer(sql, which, 0);
	lease->last = sql_integer(sql, which, 1);
	lease->is_leased = state != RANGE_DELAYED;
	lease->attempt = (int)sql_integer(sql, which, 3);
	lease->remaining_ms = sql_integer(sql, which, 4) - viewer->now_ms;
	lease->pid = state == RANGE_HELD ? sql_integer(sql, which, 6) : 0;
	return state != RANGE_HELD ||
	       is_session_alive(&viewer->sessions, sql_integer(sql, which, 5));
}

static int
list_leases(struct viewer *viewer, const struct state_row *row,
    int (*each)(const struct lease_state *lease, void *context), void *context)
{
	enum sql_statement which = SQL_STATE_LEASES;
	struct sql *sql = index_sql(viewer->index);
	struct lease_state lease = {.group = row->group,
	    .topic = row->topic,
	    .partition = row->partition};
	int result =
	    sql_first(sql, which, SQL_VALUES(row->sub, viewer->now_ms));

	while (result == 1) {
		if (take_lease(viewer, &lease) &&
		    (result = each(&lease, context)) != 0)
			break;
		result = sql_next(sql, which);
	}
	sql_done(sql, which);
	return result;
}

int
state_leases(struct spool *spool, const char *group, const char *topic,
    int (*each)(const struct lease_state *lease, void *context), void *context)
{
	struct viewer viewer;
	int result = open_viewer(&viewer, spool, group, topic);

	if (result <= 0)
		return result;
	result = index_read(viewer.index);
	for (size_t i = 0; i < viewer.rows.count && result == 0; i++)
		result =
		    list_leases(&viewer, &viewer.rows.items[i], each, context);
	index_abort(viewer.index);
	close_viewer(&viewer);
	return result;
}
