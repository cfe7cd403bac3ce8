/* Group commit of the index: the file SPOOL/commit. */
#include "spool/walcommit.h"
#include "base/clock.h"
#include "base/commit.h"
#include "base/fail.h"
#include "base/file.h"
#include "base/futex.h"
#include "base/hash.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COMMIT_FILE "commit"

enum { PAGE_SIZE = 4096 };

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
	struct value failed;  /* 1: a sync failed; see sync_all */
	uint32_t word;        /* rung when durable moves */
};

struct walcommit {
	int dir;
	int fd;
	struct page *page; /* its mapping, for futex calls only */
	uint64_t key;
	struct sql *sql; /* during walcommit_wait */
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

/*
 * A sync that failed may have left pages of the WAL that look clean and are
 * not on the disk, and no later sync would write them. The database gets
 * their content by a checkpoint, with writes and a sync of its own; until one
 * was complete, nothing counts as durable.
 */
static int
sync_all(void *context)
{
	enum { FAILED_AT = offsetof(struct page, failed) };
	struct walcommit *commit = context;
	int64_t began_us;
	int result;

	if (load(commit, FAILED_AT, commit->key) == 1) {
		result = sql_checkpoint(commit->sql);
		if (result == 0)
			result = fail(FAIL_IO,
			    "%s: not durable since a sync failed",
			    INDEX_FILE);
		if (result < 0)
			return result;
		store(commit, FAILED_AT, commit->key, 0);
	}
	began_us = clock_boot_us();
	result = sql_sync(commit->sql);
	if (result < 0)
		store(commit, FAILED_AT, commit->key, 1);
	else
		store(commit, offsetof(struct page, durable), commit->key,
		    began_us);
	return result;
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

	if (!has_page(commit))
		return sql_sync(sql);
	commit->sql = sql;
	commit->key = key_of(identity);
	ops.role_file = commit->fd;
	/* Later than it: within one microsecond the order is not known. */
	return commit_wait(&ops, when_us + 1, -1);
}

void
walcommit_set_stamp(struct walcommit *commit, int64_t stamp)
{
	if (has_page(commit))
		store(commit, offsetof(struct page, stamp), 0, stamp);
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
	return known >= 0 && known != stamp;
}
