/* Group commit of the index: the file SPOOL/commit. */
#include "spool/walcommit.h"
#include "base/clock.h"
#include "base/commit.h"
#include "base/fail.h"
#include "base/file.h"
#include "base/futex.h"
#include "base/hash.h"
#include "base/lock.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COMMIT_FILE "commit"

enum { PAGE_SIZE = 4096, PIECE = 64 * 1024 };

/*
 * The file. A value counts only with the check that fits it: both depend on
 * `key`, which is made of the boot and the files of the index, so that a page
 * of another time or index says nothing. Values go through pread and pwrite,
 * so that a file cut short by somebody else is no SIGBUS; who reads one torn
 * asks again or syncs.
 * `durable` is the time (clock_boot_us) at which the last good sync began:
 * time needs no counter that could be damaged, and never goes back.
 */
struct value {
	int64_t value;
	uint64_t check;
};
struct page {
	struct value durable; /* under the role */
	struct value stamp;   /* of index.db; under the index lock */
	struct value unsure;  /* 1: see sync_all; under the role */
	struct value moving;  /* 1: see walcommit_move; under the index lock */
	uint32_t word;        /* rung when durable moves */
};

struct walcommit {
	int dir;
	int fd;
	struct page *page; /* its mapping, for futex calls only */
	uint64_t key;
	bool is_unsure; /* as the mark, should there be no page for it */
	int64_t stamp;  /* the last set here */
	int64_t written; /* and what the page then had: another if the writing
	                  * failed */
	struct sql *sql; /* during walcommit_wait */
	const struct index_identity *identity;
};

static uint64_t
key_of(const struct index_identity *identity)
{
	struct {
		struct boot_id boot;
		struct index_identity identity;
	} all = {clock_boot_id(), *identity};

	return hash_bytes(&all, sizeof(all));
}

static uint64_t
check_of(uint64_t key, int64_t value)
{
	uint64_t both[2] = {key, (uint64_t)value};

	return hash_bytes(both, sizeof(both));
}

/* Only a hint: whoever misses it syncs for himself. */
static void
store(const struct walcommit *commit, size_t at, uint64_t key, int64_t value)
{
	struct value pair = {value, check_of(key, value)};

	(void)file_write_at(commit->fd, &pair, sizeof(pair), (off_t)at);
}

/* The value, or -1 if it is not of this key. */
static int64_t
load(const struct walcommit *commit, size_t at, uint64_t key)
{
	struct value pair;

	if (file_read_at(commit->fd, &pair, sizeof(pair), (off_t)at) !=
	    sizeof(pair))
		return -1;
	return pair.check == check_of(key, pair.value) && pair.value >= 0
	    ? pair.value
	    : -1;
}

static void
close_page(struct walcommit *commit)
{
	file_unmap(commit->page, PAGE_SIZE);
	if (commit->fd >= 0)
		close(commit->fd);
	commit->page = NULL;
	commit->fd = -1;
}

static int
open_page(struct walcommit *commit)
{
	void *map = NULL;
	int result;

	commit->fd = file_open(commit->dir, COMMIT_FILE, FILE_CREATE);
	if (commit->fd < 0)
		return commit->fd;
	result = 0;
	if (file_size(commit->fd) < PAGE_SIZE)
		result = file_zero_at(commit->fd, PAGE_SIZE, 0);
	if (result >= 0)
		result = file_map(commit->fd, PAGE_SIZE, true, &map);
	commit->page = map;
	if (result < 0)
		close_page(commit);
	return result;
}

void
walcommit_open(struct walcommit **out, int dir)
{
	struct walcommit *commit = memory_alloc(sizeof(*commit));

	commit->dir = dir;
	commit->fd = -1;
	commit->written = -1;
	*out = commit;
	/* Without a page (no space for one) each syncs for himself. */
	open_page(commit);
}

void
walcommit_close(struct walcommit *commit)
{
	if (commit == NULL)
		return;
	close_page(commit);
	free(commit);
}

/* Somebody may have cut the file. */
static bool
has_page(struct walcommit *commit)
{
	if (commit->fd >= 0 && file_size(commit->fd) >= PAGE_SIZE)
		return true;
	close_page(commit);
	return open_page(commit) >= 0;
}

static int
is_durable(void *context, int64_t target)
{
	struct walcommit *commit = context;

	return load(commit, offsetof(struct page, durable), commit->key) >=
	    target;
}

static uint32_t *
choose_word(void *context, int64_t target, uint32_t *seen)
{
	struct walcommit *commit = context;

	(void)target;
	*seen = 0;
	/* What cannot be read cannot be waited for. */
	if (file_read_at(commit->fd, seen, sizeof(*seen),
	        offsetof(struct page, word)) != sizeof(*seen))
		clock_sleep_ms(1);
	return &commit->page->word;
}

static void
ring_word(void *context)
{
	struct walcommit *commit = context;

	futex_ring(&commit->page->word);
}

static void
set_mark(struct walcommit *commit, bool is_unsure)
{
	commit->is_unsure = is_unsure;
	if (commit->page != NULL)
		store(commit, offsetof(struct page, unsure), commit->key,
		    is_unsure);
}

static bool
is_unsure(const struct walcommit *commit)
{
	return commit->is_unsure || (commit->page != NULL &&
	    (load(commit, offsetof(struct page, unsure), commit->key) == 1 ||
	        load(commit, offsetof(struct page, moving), 0) == 1));
}

/* Every byte of the WAL over itself. SQLite holds no lock on this file that
 * closing it here could drop. */
static int
rewrite(int fd)
{
	struct buf piece = {0};
	int64_t at = 0;
	int result = 0;

	while (result == 0) {
		ssize_t got = file_read_at(fd, buf_reserve(&piece, PIECE),
		    PIECE, at);

		if (got <= 0) {
			result = (int)got;
			break;
		}
		result = file_write_at(fd, piece.data, (size_t)got, at);
		at += got;
	}
	buf_release(&piece);
	return result < 0 ? result : file_sync(fd);
}

/* Under the index lock and SQLite's own for writers nobody appends to the WAL
 * nor begins it anew. */
static int
rewrite_locked(struct walcommit *commit)
{
	int result = sql_begin(commit->sql, true);
	int fd;

	if (result < 0)
		return result;
	fd = file_open(commit->dir, INDEX_FILE "-wal", FILE_WRITE);
	result = fd;
	if (fd >= 0) {
		result = rewrite(fd);
		close(fd);
	}
	sql_abort(commit->sql);
	if (result >= 0)
		store(commit, offsetof(struct page, moving), 0, 0);
	return result;
}

/*
 * A sync that failed may have left pages of the WAL that look clean and are not
 * on the disk: no later sync would write them, and it would succeed. Whoever
 * was told of it may have been killed before he could tell. So a mark stands
 * while a sync runs, and goes away only when it was good; who finds one makes
 * all pages dirty again, and then a sync means something. That takes some
 * milliseconds for each killed process, whatever the size of the index.
 */
static int
mend(struct walcommit *commit)
{
	int result;

	/* Of an index that is gone nothing can be kept. */
	result = indexfile_match(commit->dir, commit->identity);
	if (result != 1)
		return result;
	result = lock_directory(commit->dir, -1);
	if (result < 0)
		return result;
	result = rewrite_locked(commit);
	unlock_directory(commit->dir);
	return result;
}

static int
sync_all(void *context)
{
	struct walcommit *commit = context;
	int64_t began_us;
	int result = is_unsure(commit) ? mend(commit) : 0;

	if (result < 0)
		return result;
	set_mark(commit, true);
	began_us = clock_boot_us();
	result = sql_sync(commit->sql);
	if (result < 0)
		return result;
	set_mark(commit, false);
	if (commit->page != NULL)
		store(commit, offsetof(struct page, durable), commit->key,
		    began_us);
	return 0;
}

int
walcommit_wait(struct walcommit *commit, struct sql *sql,
    const struct index_identity *identity, int64_t when_us)
{
	struct commit_ops ops = {
		.is_durable = is_durable,
		.sync = sync_all,
		.context = commit,
		.choose = choose_word,
		.ring = ring_word,
	};

	commit->sql = sql;
	commit->identity = identity;
	commit->key = key_of(identity);
	if (!has_page(commit))
		return sync_all(commit);
	ops.role_file = commit->fd;
	/* Later than it: within one microsecond the order is not known. */
	return commit_wait(&ops, when_us + 1, -1);
}

void
walcommit_move(struct walcommit *commit, bool begins)
{
	if (has_page(commit))
		store(commit, offsetof(struct page, moving), 0, begins);
}

void
walcommit_set_stamp(struct walcommit *commit, int64_t stamp)
{
	if (!has_page(commit))
		return;
	store(commit, offsetof(struct page, stamp), 0, stamp);
	commit->stamp = stamp;
	commit->written = load(commit, offsetof(struct page, stamp), 0);
}

bool
is_walcommit_stamp(const struct walcommit *commit, int64_t stamp)
{
	return commit->fd >= 0 &&
	    load(commit, offsetof(struct page, stamp), 0) == stamp;
}

bool
is_walcommit_overwritten(const struct walcommit *commit, int64_t stamp)
{
	int64_t known = -1;

	if (commit->fd >= 0)
		known = load(commit, offsetof(struct page, stamp), 0);
	if (known == commit->written && stamp == commit->stamp)
		return false;
	return known >= 0 && known != stamp;
}
