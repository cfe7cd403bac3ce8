/* The rows of rosters. */
#include "spool/roster.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fail.h"
#include "spool/group.h"
#include "spool/roster_internal.h"

int
roster_book_open(struct roster_book **out, struct spool *spool)
{
	struct roster_book *book = memory_alloc(sizeof *book);
	int result = index_open(&book->index, spool);

	*out = NULL;
	book->spool = spool;
	if (result >= 0)
		result = session_open(&book->session, spool_directory(spool));
	if (result < 0) {
		free(book);
		return result;
	}
	*out = book;
	return 0;
}

void
roster_book_close(struct roster_book *book)
{
	if (book == NULL)
		return;
	session_close(&book->session);
	free(book);
}

int
roster_living(struct sql *sql, const struct session *sessions, int64_t group_id,
    int64_t *pid)
{
	int64_t row[3] = {0, 0, 0};
	int result = sql_get(sql, SQL_ROSTER_LIVING, SQL_VALUES(group_id), row,
	    3);

	*pid = row[2];
	if (result <= 0 || row[1] == 0 ||
	    !is_session_alive(sessions, row[0]))
		return result < 0 ? result : 0;
	return (int)row[1];
}

int
roster_refuse(struct sql *sql, const struct session *sessions, int64_t group_id,
    const char *group)
{
	int64_t pid;
	int members = roster_living(sql, sessions, group_id, &pid);

	if (members <= 0)
		return members;
	return fail(FAIL_AGAIN, "group %s has %d living member%s on the "
	    "server with process id %lld: stop %s first", group, members,
	    members == 1 ? "" : "s", (long long)pid,
	    members == 1 ? "it" : "them");
}

int
roster_forget(struct sql *sql, int64_t group_id)
{
	int result = sql_run(sql, SQL_ROSTER_DROP_MEMBERS,
	    SQL_VALUES(group_id));

	if (result >= 0)
		result = sql_run(sql, SQL_ROSTER_DROP, SQL_VALUES(group_id));
	return result < 0 ? result : 0;
}

int
roster_find(struct sql *sql, const char *group, int64_t *id)
{
	int64_t row[2] = {0, ORDER_PARTITION};
	int result;

	sql_bind_text(sql, SQL_GROUP_FIND, 1, group);
	result = sql_get(sql, SQL_GROUP_FIND, SQL_NO_VALUES, row, 2);
	*id = row[0];
	if (result == 1 && row[1] != ORDER_PARTITION)
		return fail(FAIL_USAGE, "group %s: its messages are shared, "
		    "not its partitions", group);
	return result;
}

int
roster_make(struct sql *sql, const char *group, int64_t *id)
{
	int result = roster_find(sql, group, id);

	if (result == 0) {
		sql_bind_text(sql, SQL_GROUP_ADD, 3, group);
		result = sql_run(sql, SQL_GROUP_ADD,
		    SQL_VALUES(ORDER_PARTITION, clock_wall_ms()));
		*id = sql_last_id(sql);
	}
	return result < 0 ? result : 0;
}

/* A member in the directory that is silent for so long has lost its
 * partitions to whoever else comes. */
static int
count_local(struct roster_book *book, int64_t group_id)
{
	struct sql *sql = index_sql(book->index);
	int64_t silent_ms = clock_boot_ms() - GROUP_HEARTBEAT_MS;
	int members = 0;
	int result = sql_first(sql, SQL_SESSION_LIST, SQL_VALUES(group_id));

	for (; result == 1; result = sql_next(sql, SQL_SESSION_LIST))
		members += sql_integer(sql, SQL_SESSION_LIST, 2) >=
		    silent_ms && is_session_alive(&book->session,
		    sql_integer(sql, SQL_SESSION_LIST, 0));
	return result < 0 ? result : members;
}

int
roster_book_check_free(struct roster_book *book, int64_t group_id,
    const char *name)
{
	struct sql *sql = index_sql(book->index);
	int64_t row[3] = {0, 0, 0};
	int members = count_local(book, group_id);
	int result = members < 0 ? members : sql_get(sql, SQL_ROSTER_LIVING,
	    SQL_VALUES(group_id), row, 3);

	if (result < 0)
		return result;
	if (members > 0)
		return fail(FAIL_AGAIN, "group %s: %d process%s of the "
		    "directory use%s it", name, members,
		    members == 1 ? "" : "es", members == 1 ? "s" : "");
	if (row[1] > 0 && row[0] != book->session.id &&
	    is_session_alive(&book->session, row[0]))
		return fail(FAIL_AGAIN, "group %s: the server with process id "
		    "%lld has it", name, (long long)row[2]);
	return 0;
}

int
roster_book_check(struct roster_book *book, const char *group)
{
	int64_t group_id;
	int result = index_read(book->index);

	if (result < 0)
		return result;
	result = roster_find(index_sql(book->index), group, &group_id);
	if (result == 1)
		result = roster_book_check_free(book, group_id, group);
	index_abort(book->index);
	return result;
}

static int
add_member(struct sql *sql, int64_t group_id, size_t position,
    const struct roster_row_member *member)
{
	int result;

	sql_bind_text(sql, SQL_ROSTER_ADD_MEMBER, 5, member->id);
	sql_bind_text(sql, SQL_ROSTER_ADD_MEMBER, 6,
	    member->instance == NULL ? "" : member->instance);
	sql_bind_text(sql, SQL_ROSTER_ADD_MEMBER, 7, member->client_id);
	sql_bind_text(sql, SQL_ROSTER_ADD_MEMBER, 8, member->client_host);
	sql_bind_blob(sql, SQL_ROSTER_ADD_MEMBER, 9, member->metadata);
	sql_bind_blob(sql, SQL_ROSTER_ADD_MEMBER, 10, member->assignment);
	result = sql_run(sql, SQL_ROSTER_ADD_MEMBER,
	    SQL_VALUES(group_id, (int64_t)position, member->session_ms,
	        member->rebalance_ms));
	return result < 0 ? result : 0;
}

static int
write_rows(struct roster_book *book, const struct roster_row *row)
{
	struct sql *sql = index_sql(book->index);
	struct session_peers none = {0};
	int64_t group_id;
	int result = roster_make(sql, row->group, &group_id);

	if (result >= 0)
		result = roster_book_check_free(book, group_id, row->group);
	if (result >= 0)
		result = session_reap(&book->session, sql, group_id,
		    clock_boot_ms() - GROUP_HEARTBEAT_MS, &none);
	session_release_peers(&none);
	if (result >= 0)
		result = roster_forget(sql, group_id);
	if (result < 0)
		return result;
	sql_bind_text(sql, SQL_ROSTER_ADD, 6, row->protocol_type);
	sql_bind_text(sql, SQL_ROSTER_ADD, 7, row->protocol);
	sql_bind_text(sql, SQL_ROSTER_ADD, 8, row->leader);
	result = sql_run(sql, SQL_ROSTER_ADD,
	    SQL_VALUES(group_id, row->count > 0 ? book->session.id : 0,
	        row->count > 0 ? book->session.pid : 0, row->generation,
	        (int64_t)row->count));
	for (size_t i = 0; i < row->count && result >= 0; i++)
		result = add_member(sql, group_id, i, &row->members[i]);
	return result < 0 ? result : 0;
}

int
roster_book_store(struct roster_book *book, const struct roster_row *row)
{
	int result = session_check(&book->session);

	if (result >= 0)
		result = index_begin(book->index);
	if (result < 0)
		return result;
	result = write_rows(book, row);
	return index_end(book->index, result);
}

int
roster_book_durable(struct roster_book *book)
{
	return index_durable(book->index);
}
