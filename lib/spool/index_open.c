/* Opening the files of the index, whatever has become of them. */
#include "base/clock.h"
#include "base/fail.h"
#include "base/file.h"
#include "spool/index_internal.h"

#include <stdio.h>

enum { TRIES = 10 };

int
index_look(const struct index *index, bool is_writer)
{
	int64_t stamp;
	int result;

	if (index->sql == NULL)
		return 0;
	result = indexfile_match(index->dir, &index->identity);
	if (result != 1 || !is_writer)
		return result;
	result = indexfile_stamp(index->dir, &stamp);
	return result == 1 ? !is_walcommit_overwritten(index->commit, stamp)
	                   : result;
}

void
index_close_files(struct index *index)
{
	sql_close(index->sql);
	index->sql = NULL;
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
	(void)sql_abort(sql); /* whoever fails to open it closes it */
	return result;
}

/* What is whole for SQLite may still be pages of two times. */
static int
count_holes(struct sql *sql)
{
	int64_t count = 0;
	int result = sql_get(sql, SQL_CHECK_HOLES, SQL_VALUES(0), &count, 1);

	return result < 0 ? result : count > 0;
}

/* index.db was written by somebody else than a checkpoint of ours: perhaps an
 * old copy under a newer WAL. Only SQLite can tell whether it is whole. */
static int
check_stamp(struct index *index)
{
	int64_t stamp;
	int result = indexfile_stamp(index->dir, &stamp);

	if (result < 0)
		return result;
	if (is_walcommit_stamp(index->commit, stamp))
		return 0;
	result = sql_check(index->sql, NULL, NULL);
	if (result == 0)
		result = count_holes(index->sql);
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
open_database(struct index *index)
{
	struct index_identity before;
	struct buf path = {0};
	int result = 0;

	if (!index->is_read_only)
		result = indexfile_create(index->dir);
	if (result >= 0)
		result = indexfile_look(index->dir, &before);
	if (result < 0)
		return result;
	index->identity = before;
	buf_printf(&path, "%s/" INDEX_FILE, index->path);
	result = result == 0
	    ? fail(FAIL_MISSING, "%s: not there", buf_text(&path))
	    : sql_open(&index->sql, buf_text(&path), index->is_read_only);
	buf_release(&path);
	if (result >= 0)
		result = indexfile_look(index->dir, &index->identity);
	if (result < 0)
		return result;
	if (index->identity.database != before.database) {
		index->identity.database = 0;
		return fail(FAIL_AGAIN, "%s/" INDEX_FILE
		    ": replaced while it was opened", index->path);
	}
	/* What is acknowledged must be found again under its name. */
	if (before.wal == 0 && !index->is_read_only)
		return file_sync_directory(index->dir);
	return 0;
}

/* Is the failure of an opening one that another try may not have? */
static bool
is_passing(const struct index *index, int result)
{
	return result == -FAIL_AGAIN && index->identity.database == 0;
}

static int
open_once(struct index *index)
{
	int result = open_database(index);

	if (result < 0 || index->is_read_only)
		return result;
	result = check_stamp(index);
	return result < 0 ? result : notice_reboot(index);
}

int
index_quarantine(struct index *index)
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

int
index_open_files(struct index *index)
{
	int result = 0;

	for (int i = 0; i < TRIES; i++) {
		index_close_files(index);
		index->generation++;
		result = open_once(index);
		if (is_passing(index, result))
			continue;
		if (result != -FAIL_CORRUPT || index->is_read_only)
			break;
		index_close_files(index);
		result = index_quarantine(index);
		if (result < 0)
			return result;
	}
	if (result >= 0 && index->sql == NULL)
		result = fail(FAIL_AGAIN, "%s/" INDEX_FILE
		    ": damaged by others again and again", index->path);
	if (result < 0)
		index_close_files(index);
	return result;
}
