/* The index of a spool: transactions of many processes on one SQLite file. */
#include "spool/index_internal.h"
#include "base/clock.h"
#include "base/fail.h"
#include "base/lock.h"

#include <stdio.h>
#include <stdlib.h>

enum {
	FRAMES_BUSY = 2000, /* checkpoint at a commit: 2 MiB of WAL */
	FRAMES_IDLE = 500,  /* and before we leave: the next reads less */
	TRIES = 10,
};

void
index_note(struct index *index, const char *text)
{
	snprintf(index->notice, sizeof(index->notice), "%s", text);
	index->has_notice = true;
}

static void
checkpoint(struct index *index)
{
	int64_t stamp;
	int result;

	walcommit_move(index->commit, true);
	result = sql_checkpoint(index->sql);
	if (result != -FAIL_IO)
		walcommit_move(index->commit, false);
	if (result >= 0 && indexfile_stamp(index->dir, &stamp) == 1)
		walcommit_set_stamp(index->commit, stamp);
}

static void
close_index(void *data)
{
	struct index *index = data;

	if (index->in_transaction)
		index_abort(index);
	if (index->sql != NULL && sql_wal_frames(index->sql) >= FRAMES_IDLE &&
	    lock_directory(index->dir, 0) == 0) {
		checkpoint(index);
		unlock_directory(index->dir);
	}
	index_close_files(index);
	walcommit_close(index->commit);
	free(index->path);
	free(index);
}

/* Who only reads takes no lock, unless the files change under him: they are
 * being made, or put aside. */
static int
open_files(struct index *index)
{
	int result;

	if (index->is_read_only && (result = index_open_files(index)) >= 0)
		return result;
	result = lock_directory(index->dir, -1);
	if (result < 0)
		return result;
	result = index_open_files(index);
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
		index->path = indexfile_path(index->dir, spool_path(spool));
		index->is_read_only = is_spool_read_only(spool);
		if (!index->is_read_only)
			walcommit_open(&index->commit, index->dir);
		result = open_files(index);
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

/* Without memory even a rollback may fail: closing is one, too. */
static void
end_transaction(struct index *index)
{
	if (index->sql == NULL || sql_abort(index->sql) == 0)
		return;
	index_close_files(index);
	index->generation++;
}

static int
begin_locked(struct index *index)
{
	int result = 0;

	for (int i = 0; i < TRIES; i++) {
		result = index_look(index, true);
		if (result == 0)
			result = index_open_files(index);
		if (result < 0)
			return result;
		result = sql_begin(index->sql, true);
		if (result >= 0)
			return 0;
		if (!is_sql_broken(index->sql)) {
			end_transaction(index);
			return result;
		}
		index_close_files(index);
		result = index_quarantine(index);
		if (result < 0)
			return result;
	}
	return fail(FAIL_AGAIN, "%s/" INDEX_FILE
	    ": damaged by others again and again", index->path);
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

int
index_read(struct index *index)
{
	int result = 1;

	if (index->in_transaction)
		return fail(FAIL_BUG, "index: transaction in a transaction");
	if (index->sql == NULL || !index->is_read_only)
		result = index_look(index, false);
	if (result == 0)
		result = open_files(index);
	if (result >= 0)
		result = sql_begin(index->sql, false);
	if (result >= 0)
		index->in_transaction = true;
	else
		end_transaction(index);
	return result;
}

int
index_open_read(struct index **index, struct spool *spool)
{
	int result = index_open(index, spool);

	if (result >= 0)
		result = index_read(*index);
	if (result == -FAIL_MISSING)
		return 0;
	return result < 0 ? result : 1;
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
		/* Seldom, as it costs a few syncs; or because there is no
		 * room for more: the WAL then starts again where it is. */
		if (sql_wal_frames(index->sql) >= FRAMES_BUSY ||
		    is_sql_full(index->sql))
			checkpoint(index);
		unlock_directory(index->dir);
	}
	index->has_lock = false;
	return 0;
}

void
index_abort(struct index *index)
{
	end_transaction(index);
	if (index->has_lock && index->sql != NULL &&
	    is_sql_broken(index->sql)) {
		index_close_files(index);
		index->generation++;
		index_quarantine(index);
	}
	if (index->has_lock && index->sql != NULL && is_sql_full(index->sql))
		checkpoint(index);
	if (index->has_lock)
		unlock_directory(index->dir);
	index->has_lock = false;
	index->in_transaction = false;
}

int
index_durable(struct index *index)
{
	char cause[400];
	int result;

	if (index->sql == NULL || index->committed_us == 0)
		return 0;
	result = walcommit_wait(index->commit, index->sql, &index->identity,
	    index->committed_us);
	if (result >= 0)
		return 0;
	snprintf(cause, sizeof(cause), "%s", fail_message());
	return fail((enum fail)-result, "done, but it may not survive a power "
	    "cut: %s", cause);
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

int
index_end(struct index *index, int result)
{
	if (result >= 0)
		return index_commit(index);
	index_abort(index);
	return result;
}

const char *
index_notice(struct index *index)
{
	if (!index->has_notice)
		return NULL;
	index->has_notice = false;
	return index->notice;
}

int
index_put_aside(struct index *index, const char *why)
{
	int result = lock_directory(index->dir, -1);

	if (result < 0)
		return result;
	index_close_files(index);
	index->generation++;
	fail(FAIL_CORRUPT, "%s/" INDEX_FILE ": %s", index->path, why);
	result = index_quarantine(index);
	unlock_directory(index->dir);
	return result;
}
