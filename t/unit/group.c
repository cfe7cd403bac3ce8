/* Groups that share: leases, outcomes, attempts, delays, fencing. */
#include "world.h"

static void
test_in_order(struct world *world)
{
	world_make_topic(world->spool, "order", 1);
	world_must(topic_open(&world->topic, world->spool, "order"));
	world_put(world, 0, 10, NULL);
	world_join(world, "g");
	CHECK(world_take(world, 4) && world_has(world, 0, 3, 1),
	    "a lease takes messages from the start");
	struct lease former = world->lease;
	CHECK(world_take(world, 4) && world_has(world, 4, 7, 1),
	    "the next one those behind");
	CHECK(world_take(world, 4) && world_has(world, 8, 9, 1),
	    "the last one what is left");
	CHECK(!world_take(world, 4), "then there is nothing");
	CHECK(world->wake_ms > clock_boot_ms() + 50000 &&
	    world->wake_ms < clock_boot_ms() + 61000,
	    "until a lease ends");
	CHECK(world_settle(world, &former, 1, 2, OUTCOME_ACCEPT) == 0,
	    "a part of a lease is settled");
	CHECK(world_settle(world, &former, 1, 2, OUTCOME_ACCEPT) == 1,
	    "once");
	CHECK(world_settle(world, &former, 0, 3, OUTCOME_ACCEPT) == 1,
	    "settling all of it then says that some was not ours");
	world_leave(world);
	world_join(world, "g");
	CHECK(world_take(world, 10) && world_has(world, 4, 9, 1),
	    "what a member leaves is free at once, as if never tried");
	CHECK(world_accept(world) == 0 && !world_take(world, 1),
	    "what is settled never comes back");
	CHECK(world->wake_ms == INT64_MAX, "and nothing is awaited");
	world_leave(world);
	topic_close(world->topic);
}

static void
test_expiry(struct world *world)
{
	world_make_topic(world->spool, "expiry", 1);
	world_must(topic_open(&world->topic, world->spool, "expiry"));
	world_put(world, 0, 3, NULL);
	world->options.lease_ms = 20;
	world_join(world, "g");
	CHECK(world_take(world, 3), "a short lease");
	struct lease former = world->lease;
	CHECK(!world_take(world, 3), "holds");
	CHECK(world_wait(world, 3, 1000) && world_has(world, 0, 2, 2),
	    "when it has expired, the messages come back with attempt 2");
	CHECK(world_settle(world, &former, 0, 2, OUTCOME_ACCEPT) == 1,
	    "the former holder is refused");
	CHECK(world_settle(world, &world->lease, 1, 1, OUTCOME_RENEW) == 0,
	    "a part is renewed");
	clock_sleep_ms(30);
	CHECK(world_settle(world, &world->lease, 0, 0, OUTCOME_ACCEPT) == 0,
	    "an expired lease that nobody took over is still settled");
	CHECK(world_wait(world, 3, 1000) && world->lease.first == 1,
	    "the rest comes again");
	CHECK(world->lease.attempt == 3 &&
	    world->lease.last == world->lease.first,
	    "alone, at the last attempt");
	world_accept(world);
	while (world_wait(world, 3, 100))
		world_accept(world);
	CHECK(world_count(world, "expiry.dead") == 0, "none of them died");
	world->options.lease_ms = 0;
	world_leave(world);
	topic_close(world->topic);
}

static void
test_release(struct world *world)
{
	int64_t began_ms;

	world_make_topic(world->spool, "release", 1);
	world_must(topic_open(&world->topic, world->spool, "release"));
	world_put(world, 0, 2, NULL);
	world_join(world, "g");
	CHECK(world_take(world, 2), "a lease");
	world_release(world, 0, false);
	CHECK(world_take(world, 2) && world_has(world, 0, 1, 1),
	    "released without an attempt it is there at once, as new");
	world_release(world, 0, true);
	CHECK(world_take(world, 2) && world_has(world, 0, 1, 2),
	    "released with one, the attempt counts");
	began_ms = clock_boot_ms();
	world_release(world, -1, true);
	CHECK(!world_take(world, 2) &&
	    world->wake_ms <= began_ms + 40 && world->wake_ms > began_ms,
	    "with back-off it is delayed");
	CHECK(world_wait(world, 2, 1000) &&
	    clock_boot_ms() - began_ms >= 20,
	    "twice the first step at attempt 2");
	CHECK(world_has(world, 0, 0, 3), "the last attempt is alone");
	world_release(world, 5000, true);
	CHECK(world_count(world, "release.dead") == 1,
	    "released after its last attempt it is a dead letter");
	CHECK(world_take(world, 2) && world_has(world, 1, 1, 3),
	    "its neighbour is not");
	world_accept(world);
	CHECK(!world_take(world, 1) && world->wake_ms == INT64_MAX,
	    "and all is settled");
	world_leave(world);
	topic_close(world->topic);
}

static void
test_reject(struct world *world)
{
	struct settlement settlement;
	struct failure failure = {.reason = "bad input", .exit_status = 65,
	    .errors = slice_of("no such customer")};

	world_make_topic(world->spool, "reject", 1);
	world_must(topic_open(&world->topic, world->spool, "reject"));
	world_put(world, 0, 5, "k");
	world_join(world, "g");
	world_take(world, 5);
	settlement = world_settlement(&world->lease, OUTCOME_REJECT);
	settlement.first = 1;
	settlement.last = 3;
	settlement.failure = &failure;
	CHECK(group_exchange(world->group, &settlement, 1, NULL, NULL, NULL) ==
	    0, "a part of a lease is rejected");
	CHECK(world_count(world, "reject.dead") == 3,
	    "each of its messages is a dead letter");
	CHECK(group_exchange(world->group, &settlement, 1, NULL, NULL, NULL) ==
	    1, "once");
	CHECK(world_count(world, "reject.dead") == 3, "not twice");
	world_leave(world);
	topic_close(world->topic);

	world_must(topic_open(&world->topic, world->spool, "reject.dead"));
	world->options.backoff_high_ms = 30;
	world_join(world, "g");
	world_take(world, 1);
	world_settle(world, &world->lease, 0, 0, OUTCOME_REJECT);
	CHECK(world_count(world, "reject.dead.dead") == 0,
	    "a dead letter does not die again");
	world_take(world, 5);
	world_accept(world);
	CHECK(world_wait(world, 5, 1000) && world_has(world, 0, 0, 2),
	    "it comes back after the longest back-off");
	world->options.backoff_high_ms = -1;
	world_leave(world);
	topic_close(world->topic);
}

/* Every second message of many, then the others: one by one. */
static void
test_out_of_order(struct world *world)
{
	enum { MANY = 20000 };
	struct lease all;
	bool good = true;

	world_make_topic(world->spool, "many", 1);
	world_must(topic_open(&world->topic, world->spool, "many"));
	world_put(world, 0, MANY, NULL);
	world_join(world, "g");
	world_take(world, MANY);
	all = world->lease;
	for (int from = 1; from >= 0; from--) {
		struct settlement some[MANY / 2];

		for (int i = 0; i < MANY / 2; i++) {
			some[i] = world_settlement(&all, OUTCOME_ACCEPT);
			some[i].first = some[i].last =
			    (i * 7919 % (MANY / 2)) * 2 + from;
		}
		good &= group_exchange(world->group, some, MANY / 2, NULL,
		    NULL, NULL) == 0;
	}
	CHECK(good, "messages are settled one by one in any order");
	CHECK(!world_take(world, 1) && world->wake_ms == INT64_MAX,
	    "and then all are");
	world_put(world, 0, 1, NULL);
	CHECK(world_take(world, 10) && world_has(world, MANY, MANY, 1),
	    "what comes later is offered");
	world_accept(world);
	world_leave(world);
	topic_close(world->topic);
}

static void
test_partitions(struct world *world)
{
	int64_t sum = 0;
	int first, second;

	world_make_topic(world->spool, "parts", 3);
	world_must(topic_open(&world->topic, world->spool, "parts"));
	for (int i = 0; i < 3; i++)
		world_put(world, i, 2, NULL);
	world_join(world, "g");
	world_take(world, 1);
	first = world->lease.partition;
	world_take(world, 1);
	second = world->lease.partition;
	CHECK(first != second, "partitions take turns");
	while (world_take(world, 1))
		sum++;
	CHECK(sum == 4, "and all are served");
	world_leave(world);

	struct topic_settings settings = *topic_settings(world->topic);
	settings.partitions = 4;
	world_join(world, "h");
	while (world_take(world, 10))
		world_accept(world);
	world_must(topic_alter(world->topic, &settings));
	struct world other = world_open("parts");
	world_put(&other, 3, 1, NULL);
	world_close(&other);
	CHECK(world_wait(world, 10, 2000) && world->lease.partition == 3,
	    "a partition that was added is served");
	world_leave(world);
	topic_close(world->topic);
}

static void
test_topic_gone(struct world *world)
{
	struct topic *topics[2];
	struct settlement accept;
	struct want want = {5, -1};
	struct lease lease, former;
	int64_t wake_ms;

	world_make_topic(world->spool, "stays", 1);
	world_make_topic(world->spool, "goes", 1);
	world_must(topic_open(&topics[0], world->spool, "stays"));
	world_must(topic_open(&topics[1], world->spool, "goes"));
	world->topic = topics[0];
	world_put(world, 0, 5, NULL);
	world_must(group_join(&world->group, world->spool, "two", topics, 2,
	    &world->options));
	world_take(world, 5);
	former = world->lease;
	world_must(topic_delete(world->spool, "goes"));
	accept = world_settlement(&former, OUTCOME_ACCEPT);
	CHECK(group_exchange(world->group, &accept, 1, &want, &lease,
	    &wake_ms) == 0 && lease.token == 0,
	    "beside a topic that was deleted, another is settled");
	CHECK(group_exchange(world->group, NULL, 0, &want, &lease, &wake_ms) ==
	    -FAIL_MISSING, "then the deletion is told");
	world_leave(world);
	topic_close(topics[1]);
	world_join(world, "two");
	CHECK(!world_take(world, 5), "and what was settled is");
	world_leave(world);
	topic_close(topics[0]);
}

static void
test_orders(struct world *world)
{
	struct world other;
	struct group *refused = NULL;

	world_make_topic(world->spool, "orders", 1);
	world_must(topic_open(&world->topic, world->spool, "orders"));
	world_join(world, "o");
	other = world_open("orders");
	other.options.order = ORDER_KEY;
	CHECK(group_join(&refused, other.spool, "o", &other.topic, 1,
	    &other.options) == -FAIL_USAGE,
	    "members of a group agree on its order");
	world_leave(world);
	CHECK(group_join(&other.group, other.spool, "o", &other.topic, 1,
	    &other.options) >= 0, "when nobody is left it may change");
	world_close(&other);
	CHECK(group_join(&refused, world->spool, "no/name", &world->topic, 1,
	    &world->options) == -FAIL_USAGE, "bad names are refused");
	topic_close(world->topic);
}

static int64_t
start_at_three(struct topic *topic, int partition, void *context)
{
	(void)topic, (void)partition;
	++*(int *)context;
	return 3;
}

static void
test_start(struct world *world)
{
	int asked = 0;

	world_make_topic(world->spool, "start", 1);
	world_must(topic_open(&world->topic, world->spool, "start"));
	world_put(world, 0, 5, NULL);
	world->options.start = start_at_three;
	world->options.context = &asked;
	world_join(world, "g");
	CHECK(world_take(world, 9) && world_has(world, 3, 4, 1),
	    "a new group begins where its first member says");
	world_leave(world);
	world_join(world, "g");
	CHECK(asked == 1, "later ones are not asked");
	world_leave(world);
	world->options.start = NULL;
	topic_close(world->topic);
}

int
main(void)
{
	struct world world;

	place_make();
	struct spool *spool = place_open(SPOOL_CREATE);
	world_make_topic(spool, "first", 1);
	spool_close(spool);
	world = world_open("first");
	topic_close(world.topic);
	test_in_order(&world);
	test_expiry(&world);
	test_release(&world);
	test_reject(&world);
	test_out_of_order(&world);
	test_partitions(&world);
	test_topic_gone(&world);
	test_orders(&world);
	test_start(&world);
	spool_close(world.spool);
	return unit_end();
}
