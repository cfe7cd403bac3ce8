/* Receipts: leases as text, settled by whoever has it. */
#include "world.h"

static bool
is_bad(const char *text)
{
	struct receipt receipt;

	return receipt_parse(text, &receipt) == -FAIL_USAGE;
}

static void
print(const char *group, const struct lease *lease, int64_t first,
    int64_t last, struct buf *out)
{
	struct receipt receipt = {.partition = lease->partition,
	    .first = first, .last = last, .token = lease->token};

	strcpy(receipt.topic, topic_name(lease->topic));
	strcpy(receipt.group, group);
	receipt_print(&receipt, out);
}

static void
test_text(struct world *world)
{
	struct receipt receipt;
	struct buf out = {0};
	struct lease lease = {.topic = world->topic, .partition = 3,
	    .first = 10, .last = 12, .token = 0x7fffffffffffffff};

	print("my.group", &lease, 10, 12, &out);
	CHECK(strcmp(buf_text(&out),
	    "receipts:3:10-12:my.group:7fffffffffffffff") == 0,
	    "a receipt names topic, partition, offsets, group and token");
	CHECK(receipt_parse(buf_text(&out), &receipt) == 0 &&
	    strcmp(receipt.topic, "receipts") == 0 &&
	    strcmp(receipt.group, "my.group") == 0 &&
	    receipt.partition == 3 && receipt.first == 10 &&
	    receipt.last == 12 && receipt.token == lease.token,
	    "and is read back");
	buf_clear(&out);
	print("g", &lease, 11, 11, &out);
	CHECK(receipt_parse(buf_text(&out), &receipt) == 0 &&
	    receipt.first == 11 && receipt.last == 11,
	    "one message is one offset");
	buf_release(&out);
	CHECK(is_bad("") && is_bad("t") && is_bad("t:0:1:g") &&
	    is_bad("t:0:1:g:1:"), "too few or too many fields are refused");
	CHECK(is_bad("a/b:0:1:g:1") && is_bad("t:0:1:..:1") &&
	    is_bad(":0:1:g:1"), "so are bad names");
	CHECK(is_bad("t:-1:1:g:1") && is_bad("t:x:1:g:1") &&
	    is_bad("t:99999999999:1:g:1"), "bad partitions");
	CHECK(is_bad("t:0:-1:g:1") && is_bad("t:0:5-4:g:1") &&
	    is_bad("t:0:1-:g:1") && is_bad("t:0:99999999999999999999:g:1"),
	    "bad offsets");
	CHECK(is_bad("t:0:1:g:0") && is_bad("t:0:1:g:") &&
	    is_bad("t:0:1:g:xyz") && is_bad("t:0:1:g:ffffffffffffffff") &&
	    is_bad("t:0:1:g:11111111111111111"), "and bad tokens");
}

/* Takes a lease that outlives its taker, and gives its receipt. */
static void
take(struct world *world, int64_t count, struct receipt_settlement *settlement)
{
	struct buf out = {0};

	*settlement = (struct receipt_settlement){.delay_ms = -1,
	    .is_attempt = true};
	world->options.is_session = false;
	world_join(world, "g");
	if (world_take(world, count)) {
		print("g", &world->lease, world->lease.first,
		    world->lease.last, &out);
		world_must(receipt_parse(buf_text(&out),
		    &settlement->receipt));
	}
	world_leave(world);
	buf_release(&out);
}

static bool
is_settled(struct world *world, struct receipt_settlement *settlement,
    enum outcome outcome, int lost)
{
	int result;

	settlement->outcome = outcome;
	result = group_settle_receipts(world->spool, settlement, 1, NULL);
	if (result < 0)
		printf("# %s\n", fail_message());
	return result == lost && settlement->lost == lost;
}

static void
test_outcomes(struct world *world)
{
	struct receipt_settlement first, second, gone;

	take(world, 2, &first);
	take(world, 2, &second);
	CHECK(second.receipt.first == first.receipt.last + 1,
	    "a manual lease outlives the process that took it");
	CHECK(is_settled(world, &first, OUTCOME_ACCEPT, 0),
	    "a receipt accepts");
	CHECK(is_settled(world, &first, OUTCOME_ACCEPT, 1), "once");
	CHECK(is_settled(world, &second, OUTCOME_RENEW, 0), "renews");
	CHECK(is_settled(world, &second, OUTCOME_RENEW, 0), "again and again");
	gone = second;
	gone.receipt.token ^= 1;
	CHECK(is_settled(world, &gone, OUTCOME_ACCEPT, 1),
	    "not with another token");
	gone = second;
	strcpy(gone.receipt.topic, "nothing");
	CHECK(is_settled(world, &gone, OUTCOME_ACCEPT, 1),
	    "not on a topic that is gone");
	gone = second;
	strcpy(gone.receipt.group, "nobody");
	CHECK(is_settled(world, &gone, OUTCOME_ACCEPT, 1),
	    "nor in a group that is");
	gone = second;
	gone.receipt.partition = 7;
	CHECK(is_settled(world, &gone, OUTCOME_ACCEPT, 1),
	    "nor on a partition that is not there");
	second.delay_ms = 0;
	CHECK(is_settled(world, &second, OUTCOME_RELEASE, 0), "releases");
	take(world, 2, &gone);
	CHECK(gone.receipt.first == second.receipt.first &&
	    gone.receipt.token != second.receipt.token,
	    "so that another has it, with another token");
	CHECK(is_settled(world, &second, OUTCOME_ACCEPT, 1),
	    "and the former receipt is lost");
	gone.reason = "not today";
	CHECK(is_settled(world, &gone, OUTCOME_REJECT, 0) &&
	    world_count(world, "receipts.dead") == 2,
	    "rejects: dead letters, now");
}

static void
test_many(struct world *world)
{
	struct receipt_settlement all[3];

	take(world, 1, &all[0]);
	take(world, 1, &all[1]);
	take(world, 1, &all[2]);
	all[1].receipt.token ^= 1;
	CHECK(group_settle_receipts(world->spool, all, 3, NULL) == 1 &&
	    !all[0].lost && all[1].lost && !all[2].lost,
	    "of many at once, each that is lost is named");
	CHECK(group_settle_receipts(world->spool, NULL, 0, NULL) == 0,
	    "none is fine");
}

int
main(void)
{
	struct world world;
	struct spool *spool;

	place_make();
	spool = place_open(SPOOL_CREATE);
	world_make_topic(spool, "receipts", 1);
	spool_close(spool);
	world = world_open("receipts");
	world_put(&world, 0, 20, NULL);
	test_text(&world);
	test_outcomes(&world);
	test_many(&world);
	world_close(&world);
	return unit_end();
}
