/* Groups in order: by key, and by partition with members that come and go. */
#include "world.h"

#include <signal.h>
#include <sys/wait.h>

static void
test_keys(struct world *world)
{
	struct lease first, second;

	world_make_topic(world->spool, "keys", 1);
	world_must(topic_open(&world->topic, world->spool, "keys"));
	world_put(world, 0, 6, "aabc"); /* a a b c a a */
	world->options.order = ORDER_KEY;
	world_join(world, "k");
	CHECK(world_take(world, 10) && world_has(world, 0, 0, 1),
	    "a lease ends before a second message of its key");
	first = world->lease;
	CHECK(world_take(world, 10) && world_has(world, 2, 3, 1),
	    "the next one skips the key that is leased");
	second = world->lease;
	CHECK(!world_take(world, 10), "and then there is nothing to have");
	world_settle(world, &second, 2, 3, OUTCOME_ACCEPT);
	CHECK(!world_take(world, 10), "nor when other keys are settled");
	world_settle(world, &first, 0, 0, OUTCOME_ACCEPT);
	CHECK(world_take(world, 10) && world_has(world, 1, 1, 1),
	    "but when this one is");
	world_release(world, 30, true);
	CHECK(!world_take(world, 10), "a delayed message holds up its key");
	CHECK(world_wait(world, 10, 1000) && world_has(world, 1, 1, 2),
	    "until its time");
	world_accept(world);
	for (int64_t offset = 4; offset < 6; offset++) {
		CHECK(world_take(world, 10) && world->lease.first == offset,
		    "and the others follow in order");
		world_accept(world);
	}
	CHECK(!world_take(world, 10) && world->wake_ms == INT64_MAX,
	    "to the end");
	world_leave(world);
	topic_close(world->topic);
}

static void
test_many_keys(struct world *world)
{
	int64_t last[26] = {0};
	int64_t taken = 0;
	bool good = true;

	world_make_topic(world->spool, "hot", 1);
	world_must(topic_open(&world->topic, world->spool, "hot"));
	world_put(world, 0, 1500, "h");
	world_put(world, 0, 1500, "hbh-dhfhhhh");
	world_put(world, 0, 100, NULL);
	world_join(world, "k");
	while (world_take(world, 50)) {
		for (int64_t i = world->lease.first; i <= world->lease.last;
		     i++) {
			char key = i < 1500 ? 'h'
			                    : "hbh-dhfhhhh"[(i - 1500) % 11];

			if (i < 3000 && key != '-') {
				good &= last[key - 'a'] <= i;
				last[key - 'a'] = i;
			}
			taken++;
		}
		world_accept(world);
	}
	CHECK(good, "each key comes in order, far beyond the window");
	CHECK(taken == 3100, "and every message comes once");
	world_leave(world);
	world->options.order = ORDER_NONE;
	topic_close(world->topic);
}

static void
test_one_member(struct world *world)
{
	struct lease first;

	world_make_topic(world->spool, "owned", 2);
	world_must(topic_open(&world->topic, world->spool, "owned"));
	world_put(world, 0, 4, NULL);
	world->options.order = ORDER_PARTITION;
	world_join(world, "p");
	CHECK(world_take(world, 2) && world_has(world, 0, 1, 1),
	    "the only member owns every partition");
	first = world->lease;
	CHECK(!world_take(world, 2), "with one lease at a time");
	world->lease = first;
	world_release(world, 30, true);
	CHECK(!world_take(world, 2), "a back-off blocks the partition");
	CHECK(world_wait(world, 2, 1000) && world_has(world, 0, 1, 2),
	    "and then it goes on where it was");
	CHECK(world_settle(world, &first, 0, 1, OUTCOME_ACCEPT) == 1,
	    "with another fencing number");
	first = world->lease;
	world_settle(world, &first, 0, 0, OUTCOME_ACCEPT);
	CHECK(!world_take(world, 2), "a part of the lease is still out");
	world_settle(world, &first, 1, 1, OUTCOME_ACCEPT);
	CHECK(world_take(world, 9) && world_has(world, 2, 3, 1),
	    "then the rest follows");
	world_accept(world);
	world_leave(world);
	topic_close(world->topic);
}

/* Waits for a lease and takes no partition twice; returns which it got. */
static int
take_all(struct world *world, unsigned *partitions)
{
	int count = 0;

	while (world_take(world, 1)) {
		*partitions |= 1u << world->lease.partition;
		count++;
	}
	return count;
}

static void
test_join_and_leave(struct world *world)
{
	unsigned ours = 0, theirs = 0;
	struct world other;
	struct lease held;

	world_make_topic(world->spool, "shared", 4);
	world_must(topic_open(&world->topic, world->spool, "shared"));
	for (int i = 0; i < 4; i++)
		world_put(world, i, 10, NULL);
	world_join(world, "p");
	CHECK(world_take(world, 1), "one member, at work");
	held = world->lease;
	other = world_open("shared");
	other.options.order = ORDER_PARTITION;
	world_join(&other, "p");
	CHECK(!world_take(&other, 1), "a new member finds all owned");
	CHECK(world_settle(world, &held, 0, 0, OUTCOME_ACCEPT) == 0,
	    "the old one gives back at its next call");
	CHECK(take_all(&other, &theirs) == 2, "the new one takes half");
	CHECK(take_all(world, &ours) == 2 && (ours & theirs) == 0,
	    "the old one keeps the other half");
	world_leave(&other);
	CHECK(take_all(world, &ours) == 2 && ours == 15,
	    "a member that leaves leaves its partitions to others");
	world_close(&other);
	world_leave(world);
	topic_close(world->topic);
}

/* A member in another process: joins, takes a lease, tells, and sleeps. */
static pid_t
start_member(const char *topic, const char *group, int64_t heartbeat_ms,
    enum group_order order, int *told)
{
	int pipes[2];
	pid_t pid;

	if (pipe(pipes) != 0)
		abort();
	pid = fork();
	if (pid == 0) {
		struct world world = world_open(topic);

		world.options.order = order;
		world.options.heartbeat_ms = heartbeat_ms;
		world_join(&world, group);
		if (!world_wait(&world, 1, 5000) ||
		    write(pipes[1], "!", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(pipes[1]);
	*told = pipes[0];
	return pid;
}

static void
await(int *told)
{
	char byte;

	if (read(*told, &byte, 1) != 1)
		printf("# the member has failed\n");
	close(*told);
}

static void
test_killed(struct world *world, enum group_order order, const char *topic)
{
	int64_t began_ms;
	int told, status;
	pid_t pid;

	world_make_topic(world->spool, topic, 1);
	world_must(topic_open(&world->topic, world->spool, topic));
	world_put(world, 0, 1, NULL);
	pid = start_member(topic, "d", 0, order, &told);
	await(&told);
	world->options.order = order;
	world_join(world, "d");
	CHECK(!world_take(world, 1), "what a living process holds is held");
	if (fork() == 0) {
		clock_sleep_ms(30);
		kill(pid, SIGKILL);
		_exit(0);
	}
	began_ms = clock_boot_ms();
	CHECK(world_wait(world, 1, 5000) && world_has(world, 0, 0, 2),
	    "when it is killed, a waiting member has it");
	CHECK(clock_boot_ms() - began_ms < 330, "at once");
	world_accept(world);
	world_leave(world);
	topic_close(world->topic);
	while (wait(&status) > 0)
		;
}

static void
test_stopped(struct world *world)
{
	int told, status;
	pid_t pid;

	world_make_topic(world->spool, "stopped", 1);
	world_must(topic_open(&world->topic, world->spool, "stopped"));
	world_put(world, 0, 1, NULL);
	pid = start_member("stopped", "s", 150, ORDER_PARTITION, &told);
	await(&told);
	kill(pid, SIGSTOP);
	world->options.order = ORDER_PARTITION;
	world->options.heartbeat_ms = 150;
	world_join(world, "s");
	CHECK(!world_take(world, 1), "a stopped member keeps its partition");
	CHECK(world_wait(world, 1, 2000) && world_has(world, 0, 0, 2),
	    "until its heartbeat is missed");
	world_accept(world);
	world_leave(world);
	world->options.heartbeat_ms = 0;
	topic_close(world->topic);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
}

/* The stopped one's own view: it wakes, settles too late, and joins again. */
static void
test_woken(struct world *world)
{
	struct world other;

	world_make_topic(world->spool, "woken", 1);
	world_must(topic_open(&world->topic, world->spool, "woken"));
	world_put(world, 0, 2, NULL);
	world->options.heartbeat_ms = 50;
	world_join(world, "w");
	world_take(world, 1);
	clock_sleep_ms(60);
	other = world_open("woken");
	other.options.order = ORDER_PARTITION;
	other.options.heartbeat_ms = 50;
	world_join(&other, "w");
	CHECK(world_take(&other, 1) && world_has(&other, 0, 0, 2),
	    "a silent member's partition is taken over");
	CHECK(world_accept(world) == 1, "its late settlement is refused");
	CHECK(!world_take(world, 1), "it is a member without a partition");
	world_accept(&other);
	world_close(&other);
	CHECK(world_wait(world, 1, 1000) && world_has(world, 1, 1, 1),
	    "until the other leaves");
	world_accept(world);
	world_leave(world);
	world->options.heartbeat_ms = 0;
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
	test_keys(&world);
	test_many_keys(&world);
	test_one_member(&world);
	test_join_and_leave(&world);
	test_killed(&world, ORDER_PARTITION, "killed");
	test_killed(&world, ORDER_NONE, "killed2");
	test_stopped(&world);
	test_woken(&world);
	spool_close(world.spool);
	return unit_end();
}
