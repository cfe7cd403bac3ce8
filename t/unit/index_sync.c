/* The WAL of the index after a sync that failed, or that its process did not
 * survive: the next one must not be believed as it is. */
#include "base/clock.h"
#include "base/fail.h"
#include "base/file.h"
#include "place.h"
#include "spool/index.h"
#include "unit.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { META_COUNTER = 77 };

static enum { SYNC_GOOD, SYNC_FAILS, SYNC_KILLS } mood;
static ino_t wal;
static int64_t written; /* bytes of the WAL since the last COMMIT */
static int64_t written_at_sync;

static bool
is_wal(int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 && status.st_ino == wal;
}

/* These stand for the ones of the system. A sync that fails drops what was to
 * be written, as ext4 does, but for the page cache. */
int
fdatasync(int fd)
{
	if (is_wal(fd)) {
		written_at_sync = written;
		if (mood == SYNC_KILLS)
			_exit(9);
		if (mood == SYNC_FAILS) {
			errno = EIO;
			return -1;
		}
	}
	return (int)syscall(SYS_fdatasync, fd);
}

ssize_t
pwrite(int fd, const void *data, size_t size, off_t at)
{
	if (is_wal(fd))
		written += (int64_t)size;
	return syscall(SYS_pwrite64, fd, data, size, at);
}

static struct index *
open_index(struct spool *spool)
{
	struct index *index;
	struct stat status;
	char path[400];

	if (index_open(&index, spool) < 0)
		abort();
	snprintf(path, sizeof(path), "%s/index.db-wal", place_path);
	stat(path, &status);
	wal = status.st_ino;
	return index;
}

static int
set_counter(struct index *index, int64_t value)
{
	int result = index_begin(index);

	if (result >= 0)
		result = sql_run(index_sql(index), SQL_META_SET,
		    SQL_VALUES(META_COUNTER, value));
	if (result >= 0)
		result = index_commit(index);
	written = 0;
	return result;
}

static int64_t
wal_size(void)
{
	char path[400];
	struct stat status = {0};

	snprintf(path, sizeof(path), "%s/index.db-wal", place_path);
	stat(path, &status);
	return status.st_size;
}

/* The bytes that were written anew before the last sync of the WAL. */
static bool
is_written_anew(void)
{
	return written_at_sync >= wal_size();
}

static void
test_good(struct index *index)
{
	mood = SYNC_GOOD;
	CHECK(set_counter(index, 1) == 0 && index_durable(index) == 0 &&
	    written_at_sync == 0, "a sync writes nothing by itself");
}

static void
test_failed(struct index *index)
{
	mood = SYNC_FAILS;
	CHECK(set_counter(index, 2) == 0 && index_durable(index) == -FAIL_IO,
	    "a sync that fails is told");
	CHECK(index_durable(index) == -FAIL_IO, "as long as it does");
	mood = SYNC_GOOD;
	written = 0;
	CHECK(index_durable(index) == 0 && is_written_anew(),
	    "then all is written anew before a sync counts");
	test_good(index);
}

static void
in_child(int its_mood)
{
	int status;

	if (fork() == 0) {
		struct spool *spool = place_open(SPOOL_WRITE);
		struct index *index = open_index(spool);

		set_counter(index, 3);
		mood = its_mood;
		index_durable(index);
		_exit(0);
	}
	wait(&status);
	CHECK(WEXITSTATUS(status) == 9, "somebody is killed at a sync");
}

static void
test_killed(struct index *index)
{
	in_child(SYNC_KILLS);
	CHECK(set_counter(index, 4) == 0 && index_durable(index) == 0 &&
	    is_written_anew(), "the next one writes all anew");
	test_good(index);
}

/* A reader holds on to what he sees, so no checkpoint can be complete. */
static void
test_killed_beside_reader(struct index *index)
{
	struct spool *spool = place_open(SPOOL_READ);
	struct index *other;

	CHECK(index_open(&other, spool) == 0 && index_read(other) == 0,
	    "somebody reads");
	in_child(SYNC_KILLS);
	CHECK(set_counter(index, 5) == 0 && index_durable(index) == 0 &&
	    is_written_anew(), "and is not in the way");
	index_abort(other);
	spool_close(spool);
}

/* What it costs to make a large index sure again. */
static void
test_large(struct index *index)
{
	int64_t began_us;

	for (int64_t i = 1000; i < 40000; i++) {
		if (i % 1000 == 0 && index_begin(index) < 0)
			abort();
		sql_run(index_sql(index), SQL_META_SET, SQL_VALUES(i, i));
		if (i % 1000 == 999 && index_commit(index) < 0)
			abort();
	}
	in_child(SYNC_KILLS);
	set_counter(index, 6);
	began_us = clock_boot_us();
	CHECK(index_durable(index) == 0 && is_written_anew(),
	    "however large the index is");
	printf("# %lld us for a WAL of %lld bytes\n",
	    (long long)(clock_boot_us() - began_us), (long long)wal_size());
}

int
main(void)
{
	struct spool *spool;
	struct index *index;

	place_make();
	spool = place_open(SPOOL_CREATE);
	index = open_index(spool);
	test_good(index);
	test_failed(index);
	test_killed(index);
	test_killed_beside_reader(index);
	test_large(index);
	spool_close(spool);
	return unit_end();
}
