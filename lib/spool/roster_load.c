/* Rosters out of the index. */
#include "spool/roster_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "spool/group.h"

static struct slice
own_bytes(struct slice bytes)
{
	return (struct slice){slice_copy(bytes), bytes.size};
}

static char *
column_text(struct sql *sql, enum sql_statement which, int column)
{
	return slice_copy(sql_bytes(sql, which, column));
}

static void
free_members(struct buf *buf)
{
	struct roster_row_member *members =
	    (struct roster_row_member *)(void *)buf->data;

	for (size_t i = 0; i < buf->size / sizeof *members; i++) {
		free((char *)members[i].id);
		free((char *)members[i].instance);
		free((char *)members[i].client_id);
		free((char *)members[i].client_host);
		free((char *)members[i].metadata.data);
		free((char *)members[i].assignment.data);
	}
	buf_release(buf);
}

static void
read_member(struct sql *sql, struct roster_row_member *member)
{
	enum sql_statement which = SQL_ROSTER_MEMBERS;

	member->session_ms = (int32_t)sql_integer(sql, which, 0);
	member->rebalance_ms = (int32_t)sql_integer(sql, which, 1);
	member->id = column_text(sql, which, 2);
	if (sql_bytes(sql, which, 3).size > 0)
		member->instance = column_text(sql, which, 3);
	member->client_id = column_text(sql, which, 4);
	member->client_host = column_text(sql, which, 5);
	member->metadata = own_bytes(sql_bytes(sql, which, 6));
	member->assignment = own_bytes(sql_bytes(sql, which, 7));
}

static int
load_members(struct sql *sql, int64_t group_id, struct buf *members)
{
	int result = sql_first(sql, SQL_ROSTER_MEMBERS, SQL_VALUES(group_id));

	while (result == 1) {
		struct roster_row_member member = {0};

		read_member(sql, &member);
		buf_append(members, &member, sizeof member);
		result = sql_next(sql, SQL_ROSTER_MEMBERS);
	}
	return result < 0 ? result : 0;
}

int
roster_each_member(struct sql *sql, int64_t group_id,
    void (*each)(const struct roster_row_member *member, void *context),
    void *context)
{
	struct buf buf = {0};
	int result = load_members(sql, group_id, &buf);
	const struct roster_row_member *members =
	    (const struct roster_row_member *)(const void *)buf.data;

	for (size_t i = 0; i < buf.size / sizeof *members; i++)
		each(&members[i], context);
	free_members(&buf);
	return result;
}

/* The row at hand of ROSTER_LIST. */
static int
load_row(struct sql *sql,
    void (*each)(const struct roster_row *row, void *context), void *context)
{
	enum sql_statement which = SQL_ROSTER_LIST;
	int64_t group_id = sql_integer(sql, which, 0);
	char *group = column_text(sql, which, 2);
	char *type = column_text(sql, which, 3);
	char *protocol = column_text(sql, which, 4);
	char *leader = column_text(sql, which, 5);
	struct roster_row row = {group, (int32_t)sql_integer(sql, which, 1),
	    type, protocol, leader, NULL, 0};
	struct buf members = {0};
	int result = load_members(sql, group_id, &members);

	row.members = (const struct roster_row_member *)(const void *)
	    members.data;
	row.count = members.size / sizeof *row.members;
	if (result >= 0)
		each(&row, context);
	free_members(&members);
	free(group);
	free(type);
	free(protocol);
	free(leader);
	return result;
}

/* Groups with members: row, session of the server, order. */
static int
list_sessions(struct sql *sql, struct buf *out)
{
	enum sql_statement which = SQL_ROSTER_SESSIONS;
	int result = sql_first(sql, which, SQL_NO_VALUES);

	for (; result == 1; result = sql_next(sql, which)) {
		int64_t row[3] = {sql_integer(sql, which, 0),
		    sql_integer(sql, which, 1), sql_integer(sql, which, 2)};

		buf_append(out, row, sizeof row);
	}
	return result;
}

int
roster_void(struct sql *sql, int64_t group_id)
{
	int result = sql_run(sql, SQL_ROSTER_EMPTY, SQL_VALUES(group_id));

	if (result > 0)
		result = sql_run(sql, SQL_ROSTER_DROP_MEMBERS,
		    SQL_VALUES(group_id));
	return result < 0 ? result : 0;
}

static int
adopt_one(struct roster_book *book, int64_t group_id, int64_t session,
    int64_t mode)
{
	struct sql *sql = index_sql(book->index);
	int result;

	if (session == book->session.id ||
	    is_session_alive(&book->session, session))
		return 0;
	result = roster_book_check_free(book, group_id, "");
	if (result == -FAIL_AGAIN || mode != ORDER_PARTITION)
		return roster_void(sql, group_id);
	return result < 0 ? result : sql_run(sql, SQL_ROSTER_ADOPT,
	    SQL_VALUES(group_id, book->session.id, book->session.pid));
}

static int
adopt(struct roster_book *book)
{
	struct buf rows = {0};
	int result = list_sessions(index_sql(book->index), &rows);

	for (size_t at = 0; at < rows.size && result >= 0;
	    at += 3 * sizeof(int64_t)) {
		int64_t row[3];

		memcpy(row, rows.data + at, sizeof row);
		result = adopt_one(book, row[0], row[1], row[2]);
	}
	buf_release(&rows);
	return result < 0 ? result : 0;
}

static int
load(struct roster_book *book,
    void (*each)(const struct roster_row *row, void *context), void *context)
{
	struct sql *sql = index_sql(book->index);
	int result = sql_first(sql, SQL_ROSTER_LIST,
	    SQL_VALUES(book->session.id));

	while (result == 1) {
		result = load_row(sql, each, context);
		if (result >= 0)
			result = sql_next(sql, SQL_ROSTER_LIST);
	}
	sql_done(sql, SQL_ROSTER_LIST);
	return result;
}

int
roster_book_load(struct roster_book *book,
    void (*each)(const struct roster_row *row, void *context), void *context)
{
	int result = session_check(&book->session);

	if (result >= 0)
		result = index_begin(book->index);
	if (result < 0)
		return result;
	result = adopt(book);
	if (result >= 0)
		result = load(book, each, context);
	return index_end(book->index, result);
}
