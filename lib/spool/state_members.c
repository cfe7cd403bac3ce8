/* Who lives in groups: processes of the directory, and clients of servers. */
#include "spool/state.h"

#include <stdlib.h>

#include "base/fail.h"
#include "spool/roster.h"

/* What one call looks at. */
struct members {
	struct sql *sql;
	struct session sessions;
	struct member_state state;
	void (*each)(const struct member_state *member, void *context);
	void *context;
};

static void
add_client(const struct roster_row_member *row, void *context)
{
	struct members *members = context;

	members->state.id = row->id;
	members->state.client = row->client_id;
	members->state.host = row->client_host;
	members->each(&members->state, members->context);
}

static int
add_clients(struct members *members, int64_t group_id)
{
	int living = roster_living(members->sql, &members->sessions, group_id,
	    &members->state.pid);

	if (living <= 0)
		return living;
	return roster_each_member(members->sql, group_id, add_client, members);
}

static int
add_processes(struct members *members, int64_t group_id)
{
	int result = sql_first(members->sql, SQL_STATE_PIDS,
	    SQL_VALUES(group_id));

	members->state.id = members->state.client = members->state.host = NULL;
	for (; result == 1; result = sql_next(members->sql, SQL_STATE_PIDS)) {
		members->state.pid = sql_integer(members->sql, SQL_STATE_PIDS,
		    1);
		if (is_session_alive(&members->sessions,
		    sql_integer(members->sql, SQL_STATE_PIDS, 0)))
			members->each(&members->state, members->context);
	}
	return result;
}

/* The row at hand of STATE_GROUPS. */
static int
add_group(struct members *members)
{
	int64_t group_id = sql_integer(members->sql, SQL_STATE_GROUPS, 0);
	char *name = slice_copy(sql_bytes(members->sql, SQL_STATE_GROUPS, 1));
	int result;

	members->state.group = name;
	result = add_processes(members, group_id);
	if (result >= 0)
		result = add_clients(members, group_id);
	free(name);
	return result;
}

int
state_members(struct spool *spool, const char *group,
    void (*each)(const struct member_state *member, void *context),
    void *context)
{
	struct members members = {.each = each, .context = context};
	struct index *index;
	int result = index_open(&index, spool);

	if (result == -FAIL_MISSING)
		return 0;
	if (result >= 0)
		result = session_look(&members.sessions,
		    spool_directory(spool));
	if (result >= 0)
		result = index_read(index);
	if (result < 0)
		return result;
	members.sql = index_sql(index);
	sql_bind_text(members.sql, SQL_STATE_GROUPS, 1,
	    group == NULL ? "" : group);
	result = sql_first(members.sql, SQL_STATE_GROUPS, SQL_NO_VALUES);
	while (result == 1) {
		result = add_group(&members);
		if (result >= 0)
			result = sql_next(members.sql, SQL_STATE_GROUPS);
	}
	sql_done(members.sql, SQL_STATE_GROUPS);
	index_abort(index);
	session_close(&members.sessions);
	return result < 0 ? result : 0;
}
