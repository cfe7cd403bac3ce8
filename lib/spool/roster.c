/* The rows of rosters. */
#include "spool/roster.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fail.h"
#include "spool/group.h"

struct roster_book {
	struct spool *spool;
	struct index *index;
	struct session session;
};

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
roster_living(struct sql *sql, const struct session *sessions, int64_t group_id)
{
	int64_t row[2] = {0, 0};
	int result = sql_get(sql, SQL_ROSTER_LIVING, SQL_VALUES(group_id), row,
	    2);

	if (result <= 0 || row[1] == 0 ||
	    !is_session_alive(sessions, row[0]))
		return result < 0 ? result : 0;
	return (int)row[1];
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

/* The group's row; made if it is new. */
static int
find_group(struct sql *sql, const char *name, int64_t *id)
{
	int64_t row[2] = {0, ORDER_PARTITION};
	int result;

	sql_bind_text(sql, SQL_GROUP_FIND, 1, name);
	result = sql_get(sql, SQL_GROUP_FIND, SQL_NO_VALUES, row, 2);
	if (result == 0) {
		sql_bind_text(sql, SQL_GROUP_ADD, 3, name);
		result = sql_run(sql, SQL_GROUP_ADD,
		    SQL_VALUES(ORDER_PARTITION, clock_wall_ms()));
		row[0] = sql_last_id(sql);
	}
	*id = row[0];
	if (result >= 0 && row[1] != ORDER_PARTITION)
		return fail(FAIL_USAGE, "group %s: its messages are shared, "
		    "not its partitions", name);
	return result < 0 ? result : 0;
}

/* One of the two uses a group at a time: members in the directory, or a
 * server. */
static int
check_free(struct roster_book *book, const char *name, int64_t group_id)
{
	struct sql *sql = index_sql(book->index);
	struct session_peers peers = {0};
	int64_t server = 0;
	size_t local;
	int result = session_reap(&book->session, sql, group_id, 0, &peers);

	local = peers.count;
	session_release_peers(&peers);
	if (result >= 0)
		result = sql_get(sql, SQL_ROSTER_SESSION, SQL_VALUES(group_id),
		    &server, 1);
	if (result < 0)
		return result;
	if (local > 0)
		return fail(FAIL_AGAIN, "group %s: processes in the directory "
		    "use it", name);
	if (server != 0 && server != book->session.id &&
	    is_session_alive(&book->session, server))
		return fail(FAIL_AGAIN, "group %s: another server has it",
		    name);
	return 0;
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
	int64_t group_id;
	int result = find_group(sql, row->group, &group_id);

	if (result >= 0)
		result = check_free(book, row->group, group_id);
	if (result >= 0)
		result = roster_forget(sql, group_id);
	if (result < 0)
		return result;
	sql_bind_text(sql, SQL_ROSTER_ADD, 5, row->protocol_type);
	sql_bind_text(sql, SQL_ROSTER_ADD, 6, row->protocol);
	sql_bind_text(sql, SQL_ROSTER_ADD, 7, row->leader);
	result = sql_run(sql, SQL_ROSTER_ADD,
	    SQL_VALUES(group_id, row->count > 0 ? book->session.id : 0,
	        row->generation, (int64_t)row->count));
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
	if (result >= 0)
		return index_commit(book->index);
	index_abort(book->index);
	return result;
}

int
roster_book_durable(struct roster_book *book)
{
	return index_durable(book->index);
}

static char *
copy_bytes(struct slice bytes)
{
	char *copy = memory_alloc(bytes.size + 1);

	if (bytes.size > 0)
		memcpy(copy, bytes.data, bytes.size);
	return copy;
}

static struct slice
own_bytes(struct slice bytes)
{
	return (struct slice){copy_bytes(bytes), bytes.size};
}

static char *
column_text(struct sql *sql, enum sql_statement which, int column)
{
	return copy_bytes(sql_bytes(sql, which, column));
}

static void
free_members(struct roster_row_member *members, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free((char *)members[i].id);
		free((char *)members[i].instance);
		free((char *)members[i].client_id);
		free((char *)members[i].client_host);
		free((char *)members[i].metadata.data);
		free((char *)members[i].assignment.data);
	}
	free(members);
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
load_members(struct sql *sql, int64_t group_id,
    struct roster_row_member *members, size_t room, size_t *count)
{
	int result = sql_first(sql, SQL_ROSTER_MEMBERS, SQL_VALUES(group_id));

	*count = 0;
	while (result == 1 && *count < room) {
		read_member(sql, &members[(*count)++]);
		result = sql_next(sql, SQL_ROSTER_MEMBERS);
	}
	sql_done(sql, SQL_ROSTER_MEMBERS);
	return result < 0 ? result : 0;
}

/* The row at hand of ROSTER_LIST. */
static int
load_row(struct sql *sql,
    void (*each)(const struct roster_row *row, void *context), void *context)
{
	enum { MEMBERS_MAX = 100000 };
	int64_t group_id = sql_integer(sql, SQL_ROSTER_LIST, 0);
	int64_t room = sql_integer(sql, SQL_ROSTER_LIST, 2);
	char *group = column_text(sql, SQL_ROSTER_LIST, 3);
	char *type = column_text(sql, SQL_ROSTER_LIST, 4);
	char *protocol = column_text(sql, SQL_ROSTER_LIST, 5);
	char *leader = column_text(sql, SQL_ROSTER_LIST, 6);
	struct roster_row row = {group,
	    (int32_t)sql_integer(sql, SQL_ROSTER_LIST, 1), type, protocol,
	    leader, NULL, 0};
	struct roster_row_member *members;
	int result;

	room = room < 0 ? 0 : room > MEMBERS_MAX ? MEMBERS_MAX : room;
	members = memory_alloc(((size_t)room + 1) * sizeof *members);
	result = load_members(sql, group_id, members, (size_t)room,
	    &row.count);
	row.members = members;
	if (result >= 0)
		each(&row, context);
	free_members(members, row.count);
	free(group);
	free(type);
	free(protocol);
	free(leader);
	return result;
}

int
roster_book_load(struct roster_book *book,
    void (*each)(const struct roster_row *row, void *context), void *context)
{
	struct sql *sql;
	int result = index_read(book->index);

	if (result < 0)
		return result;
	sql = index_sql(book->index);
	result = sql_first(sql, SQL_ROSTER_LIST, SQL_NO_VALUES);
	while (result == 1) {
		result = load_row(sql, each, context);
		if (result >= 0)
			result = sql_next(sql, SQL_ROSTER_LIST);
	}
	sql_done(sql, SQL_ROSTER_LIST);
	index_abort(book->index);
	return result < 0 ? result : 0;
}
