/* SQLite behind a small door: only sql.c includes sqlite3.h. */
#ifndef SPOOL_SQL_H
#define SPOOL_SQL_H

#include "base/buf.h"

/* Every statement: SQL_NAME for a line STATEMENT(NAME, text) there. */
enum sql_statement {
#define STATEMENT(name, text) SQL_##name,
#include "spool/statements.h"
#undef STATEMENT
	SQL_STATEMENT_COUNT
};

/* One connection to a database file. */
struct sql;

/* Opens the file at path, which must be there; a writer makes the tables in an
 * empty one. -FAIL_CORRUPT if it is not ours or damaged (see is_sql_broken),
 * -FAIL_CONFIG if a newer version wrote it. To be closed even so. */
int sql_open(struct sql **sql, const char *path, bool read_only);
void sql_close(struct sql *sql); /* accepts NULL */
const char *sql_path(const struct sql *sql);

/* True once SQLite (or sql_break) has called the file damaged. */
bool is_sql_broken(const struct sql *sql);
void sql_break(struct sql *sql);

/* True if something failed since the last call because the disk is full. */
bool is_sql_full(struct sql *sql);

/* SQLite's own check of everything, and whether all our statements find their
 * tables and columns: calls report for each finding, returns their number.
 * -FAIL_IO if the disk does not give all of it. */
int sql_check(struct sql *sql,
    void (*report)(const char *text, void *context), void *context);

int sql_begin(struct sql *sql, bool writing); /* or a snapshot */
int sql_commit(struct sql *sql);

/* Nothing happens outside of one. Negative: it is still open, and the
 * connection must be closed, which ends it. */
int sql_abort(struct sql *sql);

/* Syncs the WAL: all that is committed is then durable. */
int sql_sync(struct sql *sql);

/* Frames in the WAL at our last commit, and moving them into the database: 1
 * if all of them were, 0 if a reader still needs some. */
int sql_wal_frames(const struct sql *sql);
int sql_checkpoint(struct sql *sql);

/*
 * Statements are prepared once and kept. Parameters are integers first (?1 to
 * ?n, given as SQL_VALUES(...)), then texts or blobs, bound before by their
 * number. SQL_NULL binds NULL, and is what NULL reads as. All return -FAIL_*
 * with SQLite's message.
 *
 *   sql_prepare  nothing but that, which the others do if need be.
 *   sql_run    executes; returns the number of rows changed.
 *   sql_get    the first row's first `columns` integers into out, 1; or 0. The
 *              statement is then over.
 *   sql_first  as sql_next, for the first row.
 *   sql_next   1 while there is a row to read with sql_integer and sql_bytes
 *              (views, valid until the next call), 0 at the end. Who stops
 *              before the end calls sql_done.
 */
#define SQL_NULL INT64_MIN
#define SQL_VALUES(...) \
	(const int64_t[]){__VA_ARGS__}, \
	    sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t)
#define SQL_NO_VALUES NULL, 0

int sql_prepare(struct sql *sql, enum sql_statement which);
void sql_bind_blob(struct sql *sql, enum sql_statement which, int number,
    struct slice bytes);
void sql_bind_text(struct sql *sql, enum sql_statement which, int number,
    const char *text);
int sql_run(struct sql *sql, enum sql_statement which, const int64_t *values,
    size_t count);
int sql_get(struct sql *sql, enum sql_statement which, const int64_t *values,
    size_t count, int64_t *out, int columns);
int sql_first(struct sql *sql, enum sql_statement which, const int64_t *values,
    size_t count);
int sql_next(struct sql *sql, enum sql_statement which);
int64_t sql_integer(struct sql *sql, enum sql_statement which, int column);
struct slice sql_bytes(struct sql *sql, enum sql_statement which, int column);
void sql_done(struct sql *sql, enum sql_statement which);
int64_t sql_last_id(struct sql *sql); /* rowid of the last insert */

/* Several statements that return nothing; step is for the message. */
int sql_script(struct sql *sql, const char *text, const char *step);

#endif
