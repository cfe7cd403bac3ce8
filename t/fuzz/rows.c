/* Rows of the index with any numbers in them: leases are taken and settled, a
 * check finds what is wrong and mends it, the log stays as it was. */
#include "../unit/world.h"
#include "fuzz.h"
#include "memory/files.h"
#include "base/hash.h"
#include "spool/check.h"
#include "spool/index.h"
#include "spool/state.h"

enum {
	MESSAGES = 4,
	RANGES_MAX = 6,
	STEPS_MAX = 4,
	INPUTS_MAX = 100,   /* until the disk in memory is made anew */
	FLAG_MEND = 8,      /* of the first byte, which counts ranges, too */
	FLAG_BYTE = 0xc0,   /* from here on, a number has 8 bytes more */
	NUMBER_MIN = -16,   /* of those that have none */
};

static struct world world;
static struct index *the_index;
static struct buf good; /* makes the rows of topic and group */

static void
open_world(void)
{
	world = world_open("t");
	world.options.is_session = false;
	world_join(&world, "g");
	MUST(index_open(&the_index, world.spool) == 0, "an index");
}

static void
make_world(void)
{
	struct spool *spool;
	char uuid[33];

	place_make();
	spool = place_open(SPOOL_CREATE);
	world_make_topic(spool, "t", 1);
	spool_close(spool);
	open_world();
	world_put(&world, 0, MESSAGES, "ab");
	MUST(world_take(&world, 1), "a lease makes rows");
	hex_encode(topic_id(world.topic), 16, uuid);
	buf_printf(&good, "DELETE FROM topic; DELETE FROM dead_log;"
	    "DELETE FROM dead_seen; DELETE FROM grp; DELETE FROM sub;"
	    "DELETE FROM range; DELETE FROM redrive; DELETE FROM session;"
	    "DELETE FROM member; DELETE FROM committed;"
	    "DELETE FROM roster; DELETE FROM roster_member;"
	    "INSERT INTO topic VALUES(1, x'%s', 't');", uuid);
	world_close(&world);
	files_made();
	open_world();
}

/* Topics of dead letters come and go, and leave files of that disk behind. */
static void
begin_input(void)
{
	static int count;

	if (count++ == 0)
		make_world();
	if (count % INPUTS_MAX != 0)
		return;
	world_close(&world);
	files_restore();
	open_world();
}

static int64_t
take_number(struct input *input)
{
	uint8_t byte = take_byte(input);

	return byte >= FLAG_BYTE ? (int64_t)take_bytes(input, 8)
	    : byte + NUMBER_MIN;
}

/* A row: count numbers behind what stands there already. */
static void
add_row(struct buf *script, const char *begin, int count, struct input *input)
{
	buf_append_text(script, begin);
	for (int i = 0; i < count; i++)
		buf_printf(script, ", %lld", (long long)take_number(input));
	buf_append_text(script, ");");
}

static void
add_range(struct buf *script, struct input *input)
{
	uint8_t nulls = take_byte(input);

	add_row(script, "INSERT OR IGNORE INTO range(sub, first, last, state,"
	    " attempt, duration, token, session, until, key_hash) VALUES(1",
	    9, input);
	if (nulls & 1)
		buf_append_text(script, "UPDATE range SET until = NULL;");
	if (nulls & 2)
		buf_append_text(script, "UPDATE range SET key_hash = NULL;");
}

/* Whatever an input before has left, all rows are those of this one. */
static void
write_rows(int ranges, struct input *input)
{
	struct buf script = {0};

	buf_append_slice(&script, buf_slice(&good));
	add_row(&script, "INSERT INTO grp(id, name, created, mode, generation,"
	    " lease, max_attempts, backoff_low, backoff_high)"
	    " VALUES(1, 'g', 0", 6, input);
	add_row(&script, "INSERT INTO sub(id, grp, topic, partition, start,"
	    " next, epoch, owner_session, generation, dead_count, seen)"
	    " VALUES(1, 1, 1, 0", 7, input);
	add_row(&script, "INSERT INTO session(id, pid, grp, heartbeat,"
	    " namespace) VALUES(3", 4, input);
	for (int i = 0; i < ranges; i++)
		add_range(&script, input);
	MUST(index_begin(the_index) == 0 &&
	    sql_script(index_sql(the_index), buf_text(&script), "rows") == 0 &&
	    index_commit(the_index) == 0, "rows are rows");
	buf_release(&script);
}

static void
check_lease(const struct lease *lease)
{
	MUST(lease->first >= 0 && lease->first <= lease->last &&
	    lease->last < MESSAGES && lease->attempt > 0,
	    "a lease is of messages there are");
}

/* Takes some, then settles a part of that, in a way that the input says. */
static int
take_step(struct input *input, struct lease *lease)
{
	uint8_t choice = take_byte(input);
	struct settlement settlement =
	    world_settlement(lease, (enum outcome)(choice % 4));
	struct want want = {1 + choice / 64, -1};
	int64_t wake_ms;
	int rc;

	if (choice & 4)
		settlement.last = settlement.first;
	settlement.delay_ms = choice & 8 ? take_number(input) : -1;
	settlement.lease_ms = choice & 8 ? take_number(input) : 0;
	settlement.is_attempt = choice & 16;
	rc = group_exchange(world.group, &settlement, lease->token != 0,
	    &want, lease, &wake_ms);
	MUST(rc >= 0 || *fail_message() != 0, "what fails is named");
	if (rc >= 0 && lease->token != 0)
		check_lease(lease);
	return rc;
}

static int
see_state(const struct group_state *state, void *context)
{
	(void)context;
	MUST(state->group != NULL && strlen(state->group) < 256,
	    "a group has a name");
	return 0;
}

static int
see_lease(const struct lease_state *lease, void *context)
{
	(void)context;
	MUST(lease->group != NULL, "a lease has a group");
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
look(void)
{
	MUST(state_list(world.spool, NULL, "t", see_state, NULL) >= 0 ||
	    *fail_message() != 0, "what fails is named");
	MUST(state_leases(world.spool, "g", NULL, see_lease, NULL) >= 0 ||
	    *fail_message() != 0, "here, too");
}

/* Mended, all that is not settled can be taken and settled. */
static void
check_mend(void)
{
	struct lease lease = {0};
	struct settlement settlement;
	struct want want = {MESSAGES, -1};
	int64_t wake_ms;
	int rc = 1;

	MUST(check_spool(world.spool, see_finding, NULL) >= 0,
	    "any rows can be checked");
	MUST(check_mend_spool(world.spool) >= 0, "and mended");
	MUST(check_spool(world.spool, see_finding, NULL) == 0,
	    "with nothing left to find");
	for (int i = 0; i <= MESSAGES && rc > 0; i++) {
		rc = group_exchange(world.group, NULL, 0, &want, &lease,
		    &wake_ms);
		MUST(rc >= 0, "and used then");
		rc = lease.token != 0;
		if (rc == 0)
			break;
		check_lease(&lease);
		settlement = world_settlement(&lease, OUTCOME_ACCEPT);
		MUST(group_exchange(world.group, &settlement, 1, NULL, NULL,
		    NULL) == 0, "to the end");
	}
	MUST(rc == 0, "which comes");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {data, size};
	uint8_t flags = take_byte(&input);
	struct lease lease = {0};

	begin_input();
	write_rows(flags % 8 % (RANGES_MAX + 1), &input);
	look();
	for (int i = 0; i < STEPS_MAX && input.left > 0; i++)
		if (take_step(&input, &lease) < 0)
			break;
	if (flags & FLAG_MEND)
		check_mend();
	/* Attempts that are used up make dead letters. */
	topic_delete(world.spool, "t.dead");
	return 0;
}
