/* Opening an index while others make it, put it aside, or were killed at it. */
#include "base/clock.h"
#include "base/fail.h"
#include "base/file.h"
#include "place.h"
#include "spool/index.h"
#include "unit.h"

#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

enum { OPENINGS = 400 };

/* Puts the index aside and makes another, again and again. */
static _Noreturn void
replace_for_ever(void)
{
	struct spool *spool = place_open(SPOOL_CREATE);
	struct index *index;

	for (;;) {
		if (index_open(&index, spool) < 0 ||
		    index_put_aside(index, "for a test") < 0 ||
		    index_begin(index) < 0 || index_commit(index) < 0) {
			printf("# replace: %s\n", fail_message());
			fflush(stdout);
			_exit(1);
		}
	}
}

static bool
opens(enum spool_mode mode)
{
	struct spool *spool = place_open(mode);
	struct index *index;
	int result = index_open(&index, spool);

	if (result == 0)
		result = index_read(index);
	if (result == 0)
		index_abort(index);
	spool_close(spool);
	if (result == 0 || (result == -FAIL_MISSING && mode == SPOOL_READ))
		return true;
	printf("# %d: %s\n", result, fail_message());
	return false;
}

static void
test_replaced(void)
{
	pid_t child = fork();
	int good = 0, status;

	if (child == 0)
		replace_for_ever();
	for (int i = 0; i < OPENINGS; i++)
		good += opens(i % 2 == 0 ? SPOOL_READ : SPOOL_CREATE);
	CHECK(good == OPENINGS,
	    "an index that is replaced again and again can be opened");
	kill(child, SIGKILL);
	waitpid(child, &status, 0);
	CHECK(WIFSIGNALED(status), "while it was being replaced");
	CHECK(opens(SPOOL_CREATE), "and after that, too");
}

/* Who makes an index writes its first page with a journal, and may be killed
 * before that is gone. */
static void
make_half(const char *path)
{
	sqlite3 *db;

	if (fork() != 0) {
		wait(NULL);
		return;
	}
	sqlite3_open(path, &db);
	sqlite3_exec(db, "PRAGMA cache_size=2; BEGIN;"
	    "CREATE TABLE x(y); INSERT INTO x VALUES(zeroblob(100000));", NULL,
	    NULL, NULL);
	_exit(0);
}

static void
test_half_made(void)
{
	struct spool *spool = place_open(SPOOL_CREATE);
	int dir = spool_directory(spool);
	char path[400];
	struct stat status;

	snprintf(path, sizeof(path), "%s/index.db", place_path);
	file_unlink(dir, "index.db");
	file_unlink(dir, "index.db-wal");
	file_unlink(dir, "index.db-shm");
	spool_close(spool);
	make_half(path);
	strcat(path, "-journal");
	CHECK(stat(path, &status) == 0 && status.st_size > 512,
	    "somebody was killed while he made an index");
	CHECK(opens(SPOOL_READ), "who only reads finds none");
	CHECK(stat(path, &status) == 0, "and changes nothing");
	CHECK(opens(SPOOL_CREATE), "who writes makes it");
	CHECK(opens(SPOOL_READ), "and then it can be read");
}

int
main(void)
{
	place_make();
	test_half_made();
	test_replaced();
	return unit_end();
}
