/* The index: transactions, durability, and files that vanish or rot. */
#include "base/clock.h"
#include "base/fail.h"
#include "base/file.h"
#include "base/lock.h"
#include "place.h"
#include "spool/index.h"
#include "unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { META_COUNTER = 77, WRITERS = 8, ADDS = 100 };

static struct index *
open_index(struct spool *spool)
{
	struct index *index = NULL;

	if (index_open(&index, spool) < 0) {
		printf("not ok - %s\n", fail_message());
		exit(1);
	}
	return index;
}

static int
read_counter(struct index *index, int64_t *value)
{
	*value = 0;
	return sql_get(index_sql(index), SQL_META_GET,
	    SQL_VALUES(META_COUNTER), value, 1);
}

static int
add_one(struct index *index)
{
	int64_t value;
	int result = index_begin(index);

	if (result < 0)
		return result;
	result = read_counter(index, &value);
	if (result >= 0)
		result = sql_run(index_sql(index), SQL_META_SET,
		    SQL_VALUES(META_COUNTER, value + 1));
	if (result >= 0)
		return index_commit(index);
	index_abort(index);
	return result;
}

static int64_t
counter(struct index *index)
{
	int64_t value = -1;

	if (index_read(index) < 0)
		return -1;
	read_counter(index, &value);
	index_abort(index);
	return value;
}

static void
test_writers(void)
{
	int status, good = 0;

	for (int i = 0; i < WRITERS; i++) {
		if (fork() != 0)
			continue;
		struct spool *spool = place_open(SPOOL_CREATE);
		struct index *index = open_index(spool);
		int result = 0;

		for (int k = 0; k < ADDS && result >= 0; k++) {
			result = add_one(index);
			if (result >= 0 && k % 10 == 0)
				result = index_durable(index);
		}
		if (result < 0)
			printf("# %s\n", fail_message());
		spool_close(spool);
		_exit(result < 0);
	}
	while (wait(&status) > 0)
		good += status == 0;
	CHECK(good == WRITERS, "writers of many processes never fail");

	struct spool *spool = place_open(SPOOL_CREATE);
	CHECK(counter(open_index(spool)) == WRITERS * ADDS,
	    "no transaction of them is lost");
	spool_close(spool);
}

static void
test_deleted(void)
{
	struct spool *spool = place_open(SPOOL_CREATE);
	struct index *index = open_index(spool);
	uint64_t before = index_generation(index);
	int dir = spool_directory(spool);

	CHECK(add_one(index) == 0, "a transaction commits");
	file_unlink(dir, "index.db");
	CHECK(add_one(index) == 0, "a deleted index is made anew");
	CHECK(index_generation(index) > before, "its users find out");
	CHECK(counter(index) == 1, "and what it says starts again");
	file_unlink(dir, "index.db");
	file_unlink(dir, "index.db-wal");
	file_unlink(dir, "index.db-shm");
	CHECK(counter(index) == 0, "a reader finds out, too");
	CHECK(index_durable(index) == 0, "durable after a deletion");
	spool_close(spool);
}

static void
scribble(int dir, const char *name, size_t size)
{
	int fd = openat(dir, name, O_WRONLY);

	if (fd < 0)
		return;
	for (size_t i = 0; i < size; i += 8)
		if (pwrite(fd, "garbage!", 8, (off_t)i) != 8)
			break;
	close(fd);
}

static int
count_quarantined(const char *name, void *context)
{
	*(int *)context += strncmp(name, "index.db.corrupt-", 17) == 0;
	return 0;
}

static void
test_garbage(void)
{
	struct spool *spool = place_open(SPOOL_CREATE);
	int dir = spool_directory(spool), count = 0;
	struct index *index;

	scribble(dir, "index.db", 8192);
	file_unlink(dir, "index.db-wal");
	index = open_index(spool);
	CHECK(index_notice(index) != NULL, "a damaged index is reported");
	CHECK(index_notice(index) == NULL, "once");
	CHECK(add_one(index) == 0, "and replaced");
	file_list(dir, count_quarantined, &count);
	CHECK(count > 0, "the damaged one is kept");
	spool_close(spool);
}

static void
test_commit_file(void)
{
	struct spool *spool = place_open(SPOOL_CREATE);
	struct index *index = open_index(spool);
	int dir = spool_directory(spool), fd;

	CHECK(add_one(index) == 0 && index_durable(index) == 0,
	    "a transaction is made durable");
	scribble(dir, "commit", 4096);
	CHECK(add_one(index) == 0 && index_durable(index) == 0,
	    "also with garbage in the commit file");
	fd = openat(dir, "commit", O_WRONLY | O_TRUNC);
	close(fd);
	CHECK(add_one(index) == 0 && index_durable(index) == 0,
	    "also when it was cut to nothing");
	file_unlink(dir, "commit");
	CHECK(add_one(index) == 0 && index_durable(index) == 0,
	    "also when it was deleted");
	fd = openat(dir, "commit", O_WRONLY | O_TRUNC);
	close(fd);
	file_unlink(dir, "index.db");
	CHECK(add_one(index) == 0 && index_durable(index) == 0,
	    "also when it was cut before the index is opened anew");
	spool_close(spool);
}

/* The file is cut while we wait for another process's sync. */
static void
test_cut_while_waiting(void)
{
	struct spool *spool = place_open(SPOOL_CREATE);
	struct index *index = open_index(spool);
	int dir = spool_directory(spool), status;
	pid_t child;

	CHECK(add_one(index) == 0 && index_durable(index) == 0,
	    "the commit file is there");
	child = fork();
	if (child == 0) {
		int fd = file_open(dir, "commit", FILE_WRITE);

		/* The role, as a syncer that takes long. */
		if (lock_byte(fd, 0) != 1)
			_exit(1);
		file_write_at(fd, "x", 1, 8192);
		clock_sleep_ms(100);
		file_truncate(fd, 0);
		clock_sleep_ms(100);
		_exit(0);
	}
	while (file_size(openat(dir, "commit", O_RDONLY)) < 8192)
		clock_sleep_ms(1);
	CHECK(add_one(index) == 0 && index_durable(index) == 0,
	    "a transaction is durable though the file is cut meanwhile");
	waitpid(child, &status, 0);
	CHECK(status == 0, "and it did wait");
	spool_close(spool);
}

/* index.db itself is written while it is in use, its WAL is not. */
static void
test_overwritten(void)
{
	struct spool *spool = place_open(SPOOL_CREATE);
	struct index *index = open_index(spool);
	int dir = spool_directory(spool);

	CHECK(add_one(index) == 0 && index_notice(index) == NULL,
	    "an index is in use");
	clock_sleep_ms(20); /* files have coarse clocks */
	scribble(dir, "index.db", 4096);
	CHECK(add_one(index) == 0 && index_notice(index) != NULL,
	    "that its file was overwritten is found at the next transaction");
	CHECK(counter(index) == 1, "and it starts again");
	spool_close(spool);
}

/* Another process is at a checkpoint, as SQLite's own lock says. */
static void
test_checkpoint_busy(void)
{
	enum { CHECKPOINT_BYTE = 121 };
	struct spool *spool = place_open(SPOOL_CREATE);
	struct index *index = open_index(spool);
	int ready[2], done[2], status;
	char byte = 0;
	pid_t child;

	CHECK(add_one(index) == 0 && pipe(ready) == 0 && pipe(done) == 0,
	    "there is something to move");
	child = fork();
	if (child == 0) {
		int fd = openat(spool_directory(spool), "index.db-shm",
		    O_RDWR);
		struct flock lock = {.l_type = F_WRLCK,
		    .l_whence = SEEK_SET, .l_start = CHECKPOINT_BYTE,
		    .l_len = 1};

		close(done[1]);
		if (fcntl(fd, F_SETLK, &lock) != 0 ||
		    write(ready[1], &byte, 1) != 1)
			_exit(1);
		_exit(read(done[0], &byte, 1) != 0);
	}
	close(done[0]);
	CHECK(read(ready[0], &byte, 1) == 1 &&
	    sql_checkpoint(index_sql(index)) == 0,
	    "a checkpoint that another process keeps from us is not complete");
	close(done[1]);
	waitpid(child, &status, 0);
	CHECK(sql_checkpoint(index_sql(index)) == 1, "and then it is");
	close(ready[0]);
	close(ready[1]);
	spool_close(spool);
}

static void
test_read_only(void)
{
	struct spool *spool;
	struct index *index;

	CHECK(spool_open(&spool, place_path, SPOOL_READ, true) == 0 &&
	    index_open(&index, spool) == 0, "a read-only spool has an index");
	CHECK(counter(index) >= 0, "that is readable");
	CHECK(index_begin(index) == -FAIL_PERMISSION, "and refuses writers");
	spool_close(spool);
}

static void
test_checkpoint(void)
{
	struct spool *spool = place_open(SPOOL_CREATE);
	struct index *index = open_index(spool);
	struct stat status;
	int64_t before = counter(index);
	bool good = true;

	for (int i = 0; i < 6000 && good; i++)
		good = add_one(index) == 0;
	CHECK(good && counter(index) == before + 6000,
	    "thousands of transactions go through");
	fstatat(spool_directory(spool), "index.db-wal", &status, 0);
	CHECK(status.st_size < 20 << 20, "and the WAL stays small");
	spool_close(spool);
}

int
main(void)
{
	place_make();
	test_writers();
	test_deleted();
	test_garbage();
	test_commit_file();
	test_cut_while_waiting();
	test_checkpoint_busy();
	test_overwritten();
	test_read_only();
	test_checkpoint();
	return unit_end();
}
