/* The index of a spool: transactions of many processes on one SQLite file. */
#include "spool/index.h"
#include "base/clock.h"
#include "base/fail.h"
#include "base/file.h"
#include "base/lock.h"
#include "spool/walcommit.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	FRAMES_BUSY = 2000, /* checkpoint at a commit: 2 MiB of WAL */
	FRAMES_IDLE = 500,  /* and before we leave: the next opener reads less */
	TRIES = 3,
};

struct index {
	struct spool *spool;
	int dir;
	char *path;
	struct sql *sql;
	struct walcommit *commit;
	uint64_t generation;
	int64_t committed_us; /* when our last transaction was committed */
	bool is_read_only;
	bool in_transaction;
	bool has_lock;
	bool has_notice;
	char notice[512];
};

void
index_note(struct index *index, const char *text)
{
	snprintf(index->notice, sizeof(index->notice), "%s", text);
	index->has_notice = true;
}

/* After a reboot no session lives, and deadlines count from now on: the
 * clock they were told in has started again. */
static int
notice_reboot(struct index *index)
{
	struct sql *sql = index->sql;
	struct boot_id boot = clock_boot_id();
	int result = sql_first(sql, SQL_META_GET, SQL_VALUES(META_BOOT));
	struct slice known;

	if (result < 0)
		return result;
	known = result == 1 ? sql_bytes(sql, SQL_META_GET, 0)
	                    : (struct slice){0};
	if (slice_equal(known, (struct slice){&boot, sizeof(boot)})) {
		sql_done(sql, SQL_META_GET);
		return 0;
	}
	sql_done(sql, SQL_META_GET);
	result = sql_begin(sql, true);
	if (result < 0)
		return result;
	result = sql_run(sql, SQL_REBOOT_RANGES,
	    SQL_VALUES(clock_boot_ms(), INT64_MAX / 4));
	if (result >= 0)
		result = sql_run(sql, SQL_REBOOT_SESSIONS, SQL_NO_VALUES);
	sql_bind_blob(sql, SQL_META_SET, 2,
	    (struct slice){&boot, sizeof(boot)});
	if (result >= 0)
		result = sql_run(sql, SQL_META_SET, SQL_VALUES(META_BOOT));
	if (result >= 0)
		return sql_commit(sql);
	sql_abort(sql);
	return result;
}

/* index.db was written by somebody else than a checkpoint of ours: perhaps an
 * old copy under a newer WAL. Only SQLite can tell whether it is whole. */
static int
check_stamp(struct index *index)
{
	int64_t stamp = indexfile_stamp(index->dir);
	int result;

	if (is_walcommit_stamp(index->commit, stamp))
		return 0;
	result = sql_check(index->sql, NULL, NULL);
	if (result > 0)
		return fail(FAIL_CORRUPT, "%s/" INDEX_FILE ": damaged",
		    index->path);
	if (result == 0)
		result = file_sync_directory(index->dir);
	if (result == 0)
		walcommit_set_stamp(index->commit, stamp);
	return result;
}

static int
open_once(struct index *index)
{
	int result = sql_open(&index->sql, index->dir, index->path,
	    index->is_read_only);

	if (result < 0 || index->is_read_only)
		return result;
	result = check_stamp(index);
	return result < 0 ? result : notice_reboot(index);
}

static int
put_aside(struct index *index)
{
	char text[sizeof(index->notice)];
	int result;

	snprintf(text, sizeof(text),
	    "%s; put aside, groups without an index begin again",
	    fail_message());
	result = indexfile_quarantine(index->dir);
	if (result >= 0)
		index_note(index, text);
	return result;
}

/* Opens what has the name now; a writer holds the index lock. */
static int
open_files(struct index *index)
{
	int result = 0;

	for (int i = 0; i < TRIES; i++) {
		sql_close(index->sql);
		index->sql = NULL;
		index->generation++;
		result = open_once(index);
		if (result != -FAIL_CORRUPT || index->is_read_only)
			break;
		sql_close(index->sql);
		index->sql = NULL;
		result = put_aside(index);
		if (result < 0)
			return result;
	}
	if (result < 0) {
		sql_close(index->sql);
		index->sql = NULL;
	}
	return result;
}

int
index_put_aside(struct index *index, const char *why)
{
	int result = lock_directory(index->dir, -1);

	if (result < 0)
		return result;
	sql_close(index->sql);
	index->sql = NULL;
	index->generation++;
	fail(FAIL_CORRUPT, "%s/" INDEX_FILE ": %s", index->path, why);
	result = put_aside(index);
	unlock_directory(index->dir);
	return result;
}

static void
close_index(void *data)
{
	struct index *index = data;

	if (index->in_transaction)
		index_abort(index);
	if (index->sql != NULL && sql_wal_frames(index->sql) >= FRAMES_IDLE &&
	    lock_directory(index->dir, 0) == 0) {
		if (sql_checkpoint(index->sql) >= 0)
			walcommit_set_stamp(index->commit,
			    indexfile_stamp(index->dir));
		unlock_directory(index->dir);
	}
	sql_close(index->sql);
	walcommit_close(index->commit);
	free(index->path);
	free(index);
}

/* The path SQLite is told: the directory that we have open, wherever the
 * process changed its own to, and without symbolic links in it. */
static char *
path_of(struct spool *spool)
{
	char link[64], path[PATH_MAX];
	char *real;
	ssize_t size;

	snprintf(link, sizeof(link), "/proc/self/fd/%d",
	    spool_directory(spool));
	size = readlink(link, path, sizeof(path) - 1);
	if (size > 0) {
		path[size] = 0;
		return memory_copy_text(path);
	}
	real = realpath(spool_path(spool), path);
	return memory_copy_text(real != NULL ? real : spool_path(spool));
}

static int
open_locked(struct index *index)
{
	int result;

	if (index->is_read_only)
		return open_files(index);
	result = walcommit_open(&index->commit, index->dir);
	if (result < 0)
		return result;
	result = lock_directory(index->dir, -1);
	if (result < 0)
		return result;
	result = open_files(index);
	unlock_directory(index->dir);
	return result;
}

int
index_open(struct index **out, struct spool *spool)
{
	struct spool_attachment *attachment = spool_attachment(spool);
	struct index *index = attachment->data;
	int result = 0;

	if (index == NULL) {
		index = memory_alloc(sizeof(*index));
		index->spool = spool;
		index->dir = spool_directory(spool);
		index->path = path_of(spool);
		index->is_read_only = is_spool_read_only(spool);
		result = open_locked(index);
		if (result < 0) {
			close_index(index);
			return result;
		}
		attachment->data = index;
		attachment->close = close_index;
	}
	*out = index;
	return 0;
}

static int
begin_locked(struct index *index)
{
	int result = 0;

	for (int i = 0; i < TRIES; i++) {
		if (index->sql == NULL || !is_sql_current(index->sql))
			result = open_files(index);
		if (result < 0)
			return result;
		result = sql_begin(index->sql, true);
		if (result >= 0 || !is_sql_broken(index->sql))
			return result;
		sql_close(index->sql);
		index->sql = NULL;
		result = put_aside(index);
		if (result < 0)
			return result;
	}
	return result;
}

int
index_begin(struct index *index)
{
	int result;

	if (index->is_read_only)
		return fail(FAIL_PERMISSION, "%s: read-only",
		    spool_path(index->spool));
	if (index->in_transaction)
		return fail(FAIL_BUG, "index: transaction in a transaction");
	result = lock_directory(index->dir, -1);
	if (result < 0)
		return result;
	result = begin_locked(index);
	if (result < 0) {
		unlock_directory(index->dir);
		return result;
	}
	index->in_transaction = true;
	index->has_lock = true;
	return 0;
}

/* A reader takes the lock only to open the files anew. */
static int
reopen_to_read(struct index *index)
{
	int result;

	if (index->is_read_only)
		return open_files(index);
	result = lock_directory(index->dir, -1);
	if (result < 0)
		return result;
	result = open_files(index);
	unlock_directory(index->dir);
	return result;
}

int
index_read(struct index *index)
{
	int result = 0;

	if (index->in_transaction)
		return fail(FAIL_BUG, "index: transaction in a transaction");
	if (index->sql == NULL ||
	    (!is_sql_current(index->sql) && !index->is_read_only))
		result = reopen_to_read(index);
	if (result >= 0)
		result = sql_begin(index->sql, false);
	if (result >= 0)
		index->in_transaction = true;
	return result;
}

/* Checkpoints seldom: every 2,000 frames cost a few syncs. */
static void
checkpoint(struct index *index)
{
	if (sql_wal_frames(index->sql) < FRAMES_BUSY ||
	    sql_checkpoint(index->sql) < 0)
		return;
	walcommit_set_stamp(index->commit, indexfile_stamp(index->dir));
}

int
index_commit(struct index *index)
{
	int result = sql_commit(index->sql);

	if (result < 0) {
		index_abort(index);
		return result;
	}
	index->in_transaction = false;
	if (index->has_lock) {
		index->committed_us = clock_boot_us();
		checkpoint(index);
		unlock_directory(index->dir);
	}
	index->has_lock = false;
	return 0;
}

void
index_abort(struct index *index)
{
	if (index->sql != NULL)
		sql_abort(index->sql);
	if (index->has_lock && index->sql != NULL &&
	    is_sql_broken(index->sql)) {
		sql_close(index->sql);
		index->sql = NULL;
		index->generation++;
		put_aside(index);
	}
	if (index->has_lock)
		unlock_directory(index->dir);
	index->has_lock = false;
	index->in_transaction = false;
}

int
index_durable(struct index *index)
{
	if (index->sql == NULL || index->committed_us == 0)
		return 0;
	return walcommit_wait(index->commit, index->sql, index->committed_us);
}

struct sql *
index_sql(struct index *index)
{
	return index->sql;
}

uint64_t
index_generation(const struct index *index)
{
	return index->generation;
}

int
index_topic(struct index *index, const struct topic *topic, int64_t *id)
{
	struct sql *sql = index->sql;
	struct slice uuid = {topic_id(topic), 16};
	const char *name = topic_name(topic);
	bool is_renamed;
	int result;

	sql_bind_blob(sql, SQL_TOPIC_GET, 1, uuid);
	result = sql_first(sql, SQL_TOPIC_GET, SQL_NO_VALUES);
	if (result < 0)
		return result;
	if (result == 1) {
		*id = sql_integer(sql, SQL_TOPIC_GET, 0);
		is_renamed = !slice_equal(sql_bytes(sql, SQL_TOPIC_GET, 1),
		    slice_of(name));
		sql_done(sql, SQL_TOPIC_GET);
		if (!is_renamed || !index->has_lock)
			return 0;
		sql_bind_text(sql, SQL_TOPIC_RENAME, 2, name);
		result = sql_run(sql, SQL_TOPIC_RENAME, SQL_VALUES(*id));
		return result < 0 ? result : 0;
	}
	if (!index->has_lock)
		return fail(FAIL_MISSING, "%s: not in the index", name);
	sql_bind_blob(sql, SQL_TOPIC_ADD, 1, uuid);
	sql_bind_text(sql, SQL_TOPIC_ADD, 2, name);
	result = sql_run(sql, SQL_TOPIC_ADD, SQL_NO_VALUES);
	*id = sql_last_id(sql);
	return result < 0 ? result : 0;
}

const char *
index_notice(struct index *index)
{
	if (!index->has_notice)
		return NULL;
	index->has_notice = false;
	return index->notice;
}
