/* SQLite behind a small door: statements, transactions, the WAL. */
#include "spool/sql_internal.h"
#include "base/fail.h"
#include "spool/schema.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	BUSY_MS = 30 * 1000,         /* for those who do not know our lock */
	VALUE_BYTES_MAX = 1 << 20,
	WAL_GROW_BYTES = 512 * 1024, /* written ahead: a sync then overwrites */
	WAL_SPARE_FRAMES = 64,
	WAL_HEADER_BYTES = 32,
	WAL_FRAME_BYTES = 1024 + 24,
};

static const char *const texts[SQL_STATEMENT_COUNT] = {
#define STATEMENT(name, text) [SQL_##name] = text,
#include "spool/statements.h"
#undef STATEMENT
};

/* READONLY_ROLLBACK: a journal that only a writer may roll back; somebody was
 * killed while he made the database, as no other step of ours has one. */
static enum fail
code_of(int kind)
{
	static const int codes[][2] = {
		{SQLITE_CORRUPT, FAIL_CORRUPT}, {SQLITE_NOTADB, FAIL_CORRUPT},
		{SQLITE_ERROR, FAIL_CORRUPT}, {SQLITE_FULL, FAIL_AGAIN},
		{SQLITE_CONSTRAINT, FAIL_CORRUPT}, {SQLITE_BUSY, FAIL_AGAIN},
		{SQLITE_LOCKED, FAIL_AGAIN}, {SQLITE_IOERR, FAIL_IO},
		{SQLITE_READONLY, FAIL_PERMISSION},
		{SQLITE_READONLY_ROLLBACK, FAIL_MISSING},
	};

	for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++)
		if (codes[i][0] == kind)
			return (enum fail)codes[i][1];
	return FAIL_SYSTEM;
}

/* What SQLite says is wrong, in the light of errno, 0 if no call failed: a
 * page that could not be read seems damaged, and a WAL that could not be
 * opened for writing makes the database seem to be for reading only. */
static int
kind_of(const struct sql *sql, int result)
{
	if (errno == EIO || errno == ENOMEM)
		return SQLITE_IOERR;
	if (result == SQLITE_READONLY_ROLLBACK)
		return result;
	if ((result & 0xff) == SQLITE_READONLY &&
	    access(sql->path, W_OK) == 0)
		return SQLITE_CANTOPEN;
	return result & 0xff;
}

/* SQLITE_ERROR in a prepared text of ours means that a table is missing. The
 * message of SQLite is that of its last call, which may be another one. */
static int
sql_fail(struct sql *sql, int result, const char *step)
{
	int kind = kind_of(sql, result), error = errno;
	const char *text = sqlite3_errcode(sql->db) == result
	    ? sqlite3_errmsg(sql->db) : sqlite3_errstr(result);

	/* A file that is gone is no missing topic. */
	if (error == ENOENT ||
	    (kind != SQLITE_IOERR && kind != SQLITE_CANTOPEN))
		error = 0;
	sql->is_full |= kind == SQLITE_FULL || error == ENOSPC ||
	    error == EDQUOT;
	sql->is_broken |= kind == SQLITE_CORRUPT || kind == SQLITE_NOTADB ||
	    kind == SQLITE_ERROR;
	return error == 0
	    ? fail(code_of(kind), "%s: %s: %s", sql->path, step, text)
	    : fail_errno("%s: %s: %s", sql->path, step, text);
}

/* None of those that begin and end transactions needs a table. */
static int
statement_fail(struct sql *sql, int result, enum sql_statement which)
{
	bool was_broken = sql->is_broken;
	int code = sql_fail(sql, result, texts[which]);

	if ((result & 0xff) != SQLITE_ERROR || which > SQL_ROLLBACK)
		return code;
	sql->is_broken = was_broken;
	return fail(FAIL_SYSTEM, "%s", fail_message());
}

int
sql_script(struct sql *sql, const char *text, const char *step)
{
	int result;

	errno = 0;
	result = sqlite3_exec(sql->db, text, NULL, NULL, NULL);
	return result == SQLITE_OK ? 0 : sql_fail(sql, result, step);
}

static int
remember_frames(void *context, sqlite3 *db, const char *name, int frames)
{
	struct sql *sql = context;

	(void)db, (void)name;
	sql->frames = frames;
	return SQLITE_OK;
}

/* The statement, ready to be bound; NULL after a failure to prepare it. */
static sqlite3_stmt *
statement(struct sql *sql, enum sql_statement which)
{
	errno = 0;
	if (sql->statements[which] == NULL)
		sqlite3_prepare_v3(sql->db, texts[which], -1,
		    SQLITE_PREPARE_PERSISTENT, &sql->statements[which], NULL);
	return sql->statements[which];
}

static int
open_file(struct sql *sql, bool read_only)
{
	int flags = SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_NOMUTEX |
	    SQLITE_OPEN_EXRESCODE |
	    (read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE);
	int one = 1, result;

	errno = 0;
	result = sqlite3_open_v2(sql->path, &sql->db, flags, NULL);
	if (result == SQLITE_OK && statement(sql, SQL_ROLLBACK) == NULL)
		result = sqlite3_errcode(sql->db);
	if (result != SQLITE_OK)
		return sql_fail(sql, result, "open");
	sqlite3_busy_timeout(sql->db, BUSY_MS);
	sqlite3_limit(sql->db, SQLITE_LIMIT_LENGTH, VALUE_BYTES_MAX);
	sqlite3_db_config(sql->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(sql->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	sqlite3_file_control(sql->db, "main", SQLITE_FCNTL_PERSIST_WAL, &one);
	sqlite3_wal_hook(sql->db, remember_frames, sql);
	return sql_script(sql,
	    "PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON;"
	    "PRAGMA mmap_size=0; PRAGMA temp_store=MEMORY;"
	    "PRAGMA synchronous=NORMAL; PRAGMA journal_size_limit=-1;",
	    "configure");
}

int
sql_open(struct sql **out, const char *path, bool read_only)
{
	struct sql *sql = *out = memory_alloc(sizeof(*sql));
	int result;

	sql->path = memory_copy_text(path);
	result = open_file(sql, read_only);
	return result < 0 ? result : schema_check(sql, read_only);
}

void
sql_close(struct sql *sql)
{
	if (sql == NULL)
		return;
	for (int i = 0; i < SQL_STATEMENT_COUNT; i++)
		sqlite3_finalize(sql->statements[i]);
	sqlite3_close(sql->db);
	free(sql->path);
	free(sql);
}

/* Writes zeros ahead of the WAL's frames: a frame that then overwrites them
 * needs no new blocks, which makes its sync cheaper. Zeros are no frame. False
 * if there is no room. */
static bool
grow_wal(struct sql *sql, sqlite3_file *wal)
{
	static const char zeros[64 * 1024];
	int64_t need = WAL_HEADER_BYTES +
	    (int64_t)(sql->frames + WAL_SPARE_FRAMES) * WAL_FRAME_BYTES;
	sqlite3_int64 size = 0;

	if (wal == NULL || need <= sql->wal_bytes ||
	    wal->pMethods->xFileSize(wal, &size) != SQLITE_OK)
		return true;
	sql->wal_bytes = size;
	if (need <= size)
		return true;
	for (int i = 0; i < WAL_GROW_BYTES / (int)sizeof(zeros); i++) {
		if (wal->pMethods->xWrite(wal, zeros, sizeof(zeros), size) !=
		    SQLITE_OK)
			return false;
		size += sizeof(zeros);
	}
	sql->wal_bytes = size;
	return true;
}

static sqlite3_file *
wal_file(struct sql *sql)
{
	sqlite3_file *file = NULL;

	sqlite3_file_control(sql->db, "main", SQLITE_FCNTL_JOURNAL_POINTER,
	    &file);
	return file == NULL || file->pMethods == NULL ? NULL : file;
}

int
sql_begin(struct sql *sql, bool writing)
{
	int result = sql_run(sql, writing ? SQL_BEGIN : SQL_SNAPSHOT,
	    SQL_NO_VALUES);

	sql->is_writing = writing;
	return result < 0 ? result : 0;
}

int
sql_commit(struct sql *sql)
{
	int result = sql_run(sql, SQL_COMMIT, SQL_NO_VALUES);

	if (result >= 0 && sql->is_writing && !grow_wal(sql, wal_file(sql)))
		sql->is_full = true;
	return result < 0 ? result : 0;
}

int
sql_abort(struct sql *sql)
{
	if (sql->db == NULL || sqlite3_get_autocommit(sql->db))
		return 0;
	for (int i = 0; i < SQL_STATEMENT_COUNT; i++)
		sql_done(sql, (enum sql_statement)i);
	return sql_run(sql, SQL_ROLLBACK, SQL_NO_VALUES) < 0 ? -FAIL_SYSTEM
	                                                     : 0;
}

int
sql_sync(struct sql *sql)
{
	sqlite3_file *wal = wal_file(sql);
	int result;

	if (wal == NULL)
		return fail(FAIL_IO, "%s: has no WAL to sync", sql->path);
	do
		result = wal->pMethods->xSync(wal,
		    SQLITE_SYNC_NORMAL | SQLITE_SYNC_DATAONLY);
	while (result != SQLITE_OK && errno == EINTR);
	return result == SQLITE_OK ? 0 : fail(FAIL_IO,
	    "%s: sync the WAL: %s", sql->path, strerror(errno));
}

int
sql_checkpoint(struct sql *sql)
{
	int left = 0, done = 0, result;

	errno = 0;
	result = sqlite3_wal_checkpoint_v2(sql->db, "main",
	    SQLITE_CHECKPOINT_PASSIVE, &left, &done);
	if (result != SQLITE_OK && result != SQLITE_BUSY)
		return sql_fail(sql, result, "checkpoint");
	/* Busy: another process is at it, and nothing was counted. */
	return result == SQLITE_OK && left == done;
}

int
sql_prepare(struct sql *sql, enum sql_statement which)
{
	if (statement(sql, which) != NULL)
		return 0;
	return statement_fail(sql, sqlite3_errcode(sql->db), which);
}

/* A statement that lacks a value must not be run. */
static void
remember_bind(struct sql *sql, int result)
{
	if (sql->bind_result == SQLITE_OK)
		sql->bind_result = result;
}

void
sql_bind_blob(struct sql *sql, enum sql_statement which, int number,
    struct slice bytes)
{
	sqlite3_stmt *it = statement(sql, which);

	remember_bind(sql, it == NULL ? sqlite3_errcode(sql->db)
	    : sqlite3_bind_blob64(it, number,
	          bytes.data != NULL ? bytes.data : "", bytes.size,
	          SQLITE_TRANSIENT));
}

void
sql_bind_text(struct sql *sql, enum sql_statement which, int number,
    const char *text)
{
	sqlite3_stmt *it = statement(sql, which);

	remember_bind(sql, it == NULL ? sqlite3_errcode(sql->db)
	    : sqlite3_bind_text(it, number, text, -1, SQLITE_TRANSIENT));
}

int
sql_first(struct sql *sql, enum sql_statement which, const int64_t *values,
    size_t count)
{
	sqlite3_stmt *it = statement(sql, which);
	int result = it == NULL ? sqlite3_errcode(sql->db) : sql->bind_result;

	sql->bind_result = SQLITE_OK;
	if (result != SQLITE_OK)
		return statement_fail(sql, result, which);
	for (size_t i = 0; i < count; i++)
		if (values[i] == SQL_NULL)
			sqlite3_bind_null(it, (int)i + 1);
		else
			sqlite3_bind_int64(it, (int)i + 1, values[i]);
	return sql_next(sql, which);
}

int
sql_next(struct sql *sql, enum sql_statement which)
{
	sqlite3_stmt *it = sql->statements[which];
	int result;

	errno = 0;
	result = sqlite3_step(it);
	if (result == SQLITE_ROW)
		return 1;
	result = result == SQLITE_DONE ? 0
	                               : statement_fail(sql, result, which);
	sqlite3_reset(it);
	return result;
}

int
sql_run(struct sql *sql, enum sql_statement which, const int64_t *values,
    size_t count)
{
	int result = sql_first(sql, which, values, count);

	sql_done(sql, which);
	return result < 0 ? result : sqlite3_changes(sql->db);
}

int64_t
sql_integer(struct sql *sql, enum sql_statement which, int column)
{
	sqlite3_stmt *it = sql->statements[which];

	if (sqlite3_column_type(it, column) == SQLITE_NULL)
		return SQL_NULL;
	return sqlite3_column_int64(it, column);
}

struct slice
sql_bytes(struct sql *sql, enum sql_statement which, int column)
{
	sqlite3_stmt *it = sql->statements[which];
	const void *data = sqlite3_column_blob(it, column);

	return (struct slice){data, (size_t)sqlite3_column_bytes(it, column)};
}

void
sql_done(struct sql *sql, enum sql_statement which)
{
	if (sql->statements[which] != NULL)
		sqlite3_reset(sql->statements[which]);
}

int64_t
sql_last_id(struct sql *sql)
{
	return sqlite3_last_insert_rowid(sql->db);
}
