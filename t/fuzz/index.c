/* A damaged index.db: nothing crashes, the log stays, and it can be mended. */
#include "../unit/world.h"
#include "fuzz.h"
#include "memory/files.h"
#include "base/file.h"
#include "spool/check.h"
#include "spool/state.h"

enum {
	MESSAGES = 12,
	INDEX_MAX = 1024 * 1024,
	KIND_PATCHED = 0, /* the good file, bytes changed */
	KIND_CUT,         /* and its end cut */
	KIND_WAL,         /* and a WAL of any bytes beside it */
	KIND_RAW,         /* the input is the file */
	KINDS,
};

static struct buf good;    /* index.db */
static struct buf segment; /* the log, which stays as it is */

static int
open_partition(struct spool *spool)
{
	int topic = file_open_directory(spool_topics_directory(spool), "t");
	int dir = file_open_directory(topic, "0");

	MUST(dir >= 0, "a partition");
	close(topic);
	return dir;
}

static void
read_segment(struct spool *spool, struct buf *out)
{
	int dir = open_partition(spool);

	buf_clear(out);
	MUST(file_read_all(dir, "00000000000000000000.log", INDEX_MAX, out) >=
	    0, "a segment");
	close(dir);
}

/* One message settled, one released, one leased: rows of every kind. */
static void
make_good(void)
{
	struct world world;
	struct spool *spool;

	place_make();
	spool = place_open(SPOOL_CREATE);
	world_make_topic(spool, "t", 1);
	spool_close(spool);
	world = world_open("t");
	world.options.is_session = false;
	world_put(&world, 0, MESSAGES, NULL);
	world_join(&world, "g");
	world_take(&world, 4);
	world_settle(&world, &world.lease, 0, 1, OUTCOME_ACCEPT);
	world_settle(&world, &world.lease, 2, 2, OUTCOME_RELEASE);
	world_close(&world);
	spool = place_open(SPOOL_READ);
	MUST(file_read_all(spool_directory(spool), "index.db", INDEX_MAX,
	    &good) >= 0 && good.size > 0, "an index");
	read_segment(spool, &segment);
	spool_close(spool);
	files_made();
}

static int
remove_index(const char *name, void *context)
{
	if (strncmp(name, "index.db", 8) == 0 || strcmp(name, "commit") == 0)
		file_unlink(*(int *)context, name);
	return 0;
}

static void
write_file(int dir, const char *name, struct slice bytes)
{
	int fd = file_open(dir, name, FILE_EXCLUSIVE);

	MUST(fd >= 0 && (bytes.size == 0 ||
	    file_write_at(fd, bytes.data, bytes.size, 0) == 0), "a file");
	close(fd);
}

/* Bytes named by the input, then as many as it says at random. */
static void
patch(struct buf *bytes, size_t named, size_t random, struct input *input)
{
	uint64_t state = take_bytes(input, 4) | 1;

	for (; named > 0 && input->left > 0 && bytes->size > 0; named--) {
		size_t at = take_bytes(input, 3) % bytes->size;

		bytes->data[at] = take_byte(input);
	}
	for (; random > 0 && bytes->size > 0; random--) {
		state ^= state << 13;
		state ^= state >> 7;
		state ^= state << 17;
		bytes->data[state % bytes->size] =
		    (unsigned char)(state >> 56);
	}
}

static void
write_index(int dir, struct input *input)
{
	int kind = take_byte(input) % KINDS;
	size_t named = take_byte(input) % 32, random = take_byte(input);
	struct slice rest;
	struct buf bytes = {0};

	buf_append_slice(&bytes, buf_slice(&good));
	if (kind == KIND_CUT)
		bytes.size = take_bytes(input, 3) % good.size;
	if (kind != KIND_RAW)
		patch(&bytes, named, random, input);
	rest = (struct slice){input->at, input->left};
	file_list(dir, remove_index, &dir);
	write_file(dir, "index.db", kind == KIND_RAW ? rest
	    : buf_slice(&bytes));
	if (kind == KIND_WAL)
		write_file(dir, "index.db-wal", rest);
	buf_release(&bytes);
}

static int
see_state(const struct group_state *state, void *context)
{
	(void)context;
	MUST(state->group != NULL && strlen(state->group) < 256,
	    "a group has a name");
	return 0;
}

static void
see_finding(const struct check_finding *finding, void *context)
{
	(void)context;
	MUST(finding->text != NULL && *finding->text != 0,
	    "a finding says what");
}

static void
check_read(void)
{
	struct spool *spool = place_open(SPOOL_READ);
	int rc = state_list(spool, NULL, "t", see_state, NULL);

	MUST(rc >= 0 || *fail_message() != 0, "what fails is named");
	rc = check_spool(spool, see_finding, NULL);
	MUST(rc >= 0 || *fail_message() != 0, "in a check, too");
	spool_close(spool);
}

/* Takes and settles all there is; returns what failed, or 0. */
static int
consume(struct spool *spool)
{
	struct group_options options = {.backoff_low_ms = -1,
	    .backoff_high_ms = -1, .is_session = true};
	struct want want = {MESSAGES, -1};
	struct settlement settlement;
	struct topic *topic;
	struct group *group = NULL;
	struct lease lease = {0};
	int64_t wake_ms;
	int rc = topic_open(&topic, spool, "t");

	MUST(rc == 0, "a topic needs no index");
	rc = group_join(&group, spool, "g", &topic, 1, &options);
	for (int i = 0; rc >= 0 && i < MESSAGES; i++) {
		rc = group_exchange(group, NULL, 0, &want, &lease, &wake_ms);
		if (rc < 0 || lease.token == 0)
			break;
		MUST(lease.first >= 0 && lease.first <= lease.last &&
		    lease.last < MESSAGES, "a lease is of messages there are");
		settlement = world_settlement(&lease, OUTCOME_ACCEPT);
		rc = group_exchange(group, &settlement, 1, NULL, NULL, NULL);
	}
	group_leave(group);
	topic_close(topic);
	return rc < 0 ? rc : 0;
}

static void
check_write(void)
{
	struct spool *spool = place_open(SPOOL_WRITE);
	struct buf now = {0};
	int rc = consume(spool);

	MUST(rc == 0 || *fail_message() != 0, "what fails is named");
	MUST(check_mend_spool(spool) >= 0, "any index can be mended");
	MUST(consume(spool) == 0, "and used then");
	MUST(check_spool(spool, see_finding, NULL) == 0,
	    "with nothing left to find");
	read_segment(spool, &now);
	MUST(has_same_bytes(buf_slice(&now), buf_slice(&segment)),
	    "the log stays as it was");
	/* Attempts that were damaged may have made dead letters. */
	topic_delete(spool, "t.dead");
	buf_release(&now);
	spool_close(spool);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {data, size};
	struct spool *spool;

	if (good.size == 0)
		make_good();
	files_restore();
	spool = place_open(SPOOL_READ);
	write_index(spool_directory(spool), &input);
	spool_close(spool);
	check_read();
	check_write();
	return 0;
}
