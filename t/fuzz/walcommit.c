/* The file SPOOL/commit, of any bytes and length: it never says durable what
 * nobody has synced. */
#include "../unit/scratch.h"
#include "fuzz.h"
#include "base/clock.h"
#include "spool/walcommit.h"

/* The index: only whether a sync would succeed. */
struct sql {
	int sync_result;
	int begin_result;
	int syncs;
	bool is_dirty; /* a sync failed, and nothing was written anew since */
};

int
sql_sync(struct sql *sql)
{
	MUST(!sql->is_dirty, "after a failure the WAL is written anew first");
	sql->syncs++;
	sql->is_dirty = sql->sync_result < 0;
	return sql->sync_result;
}

/* Nobody else writes, for as long as that takes. */
int
sql_begin(struct sql *sql, bool writing)
{
	MUST(writing, "it excludes writers");
	return sql->begin_result;
}

int
sql_abort(struct sql *sql)
{
	sql->is_dirty = false;
	return 0;
}

static int spool = -1;

static void
write_file(struct slice bytes, size_t length)
{
	int fd = file_open(spool, "commit", FILE_CREATE);
	size_t size = bytes.size < length ? bytes.size : length;

	MUST(fd >= 0 && file_truncate(fd, 0) == 0 && (size == 0 ||
	    file_write_at(fd, bytes.data, size, 0) == 0) &&
	    file_truncate(fd, (off_t)length) == 0, "a file");
	close(fd);
}

static void
wait_once(struct walcommit *commit, struct sql *sql, uint8_t step)
{
	struct index_identity identity;
	int syncs = sql->syncs, result;

	indexfile_look(spool, &identity);
	sql->sync_result = step & 8 ? -FAIL_IO : 0;
	sql->begin_result = step & 16 ? -FAIL_AGAIN : 0;
	result = walcommit_wait(commit, sql, &identity, clock_boot_us());
	MUST(result < 0 || sql->syncs == syncs + 1,
	    "nothing is durable without a sync");
	MUST(result == 0 || sql->sync_result < 0 ||
	    sql->begin_result < 0, "it fails as the sync did");
	if (result == 0)
		MUST(walcommit_wait(commit, sql, &identity, 0) == 0 &&
		    sql->syncs == syncs + 1, "one sync serves the earlier");
}

static void
take_step(struct walcommit *commit, struct sql *sql, struct input *input)
{
	uint8_t step = take_byte(input);
	int64_t stamp;

	switch (step % 4) {
	case 0:
		wait_once(commit, sql, step);
		break;
	case 1:
		stamp = (int64_t)(take_bytes(input, 4));
		walcommit_set_stamp(commit, stamp);
		MUST(is_walcommit_stamp(commit, stamp) &&
		    !is_walcommit_overwritten(commit, stamp) &&
		    is_walcommit_overwritten(commit, stamp + 1),
		    "a stamp is known");
		break;
	case 2: /* it forgets a failed sync, which a new boot would, too */
		write_file((struct slice){input->at, input->left},
		    step & 4 ? 4096 : take_bytes(input, 2));
		sql->is_dirty = false;
		MUST(!is_walcommit_overwritten(commit, 1) ||
		    !is_walcommit_stamp(commit, 1), "or not");
		break;
	case 3:
		file_unlink(spool, "commit");
		break;
	}
}

static void
make_index(void)
{
	static const char *const names[] = {"index.db", "index.db-wal"};

	for (int i = 0; i < 2; i++)
		close(file_open(spool, names[i], FILE_CREATE));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum { STEPS_MAX = 16 };
	struct input input = {data, size};
	size_t length = take_bytes(&input, 2) % 8192;
	struct walcommit *commit;
	struct sql sql = {0};

	if (spool < 0) {
		spool = scratch_make();
		make_index();
	}
	write_file((struct slice){input.at, input.left}, length);
	walcommit_open(&commit, spool);
	wait_once(commit, &sql, 0);
	for (int i = 0; i < STEPS_MAX && input.left > 0; i++)
		take_step(commit, &sql, &input);
	walcommit_close(commit);
	return 0;
}
