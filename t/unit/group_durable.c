/* What groups have made durable when they return. */
#include "spool/dead.h"
#include "world.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/syscall.h>

static ino_t synced[64]; /* the files that were synced, in turn */
static size_t synced_count;
static bool syncs_fail;

/* Stands for the one of the system. */
int
fdatasync(int fd)
{
	struct stat status;

	if (syncs_fail) {
		errno = EIO;
		return -1;
	}
	if (fstat(fd, &status) == 0)
		synced[synced_count++ % 64] = status.st_ino;
	return (int)syscall(SYS_fdatasync, fd);
}

static ino_t
inode_of(const char *name)
{
	struct stat status = {0};
	char path[400];

	snprintf(path, sizeof(path), "%s/%s", place_path, name);
	stat(path, &status);
	return status.st_ino;
}

/* 1 for the sync that came first, 0 if there was none of that file. */
static size_t
turn_of(const char *name)
{
	for (size_t i = 0; i < synced_count && i < 64; i++) {
		if (synced[i] == inode_of(name))
			return i + 1;
	}
	return 0;
}

static void
make_topic(const char *name, enum sync_mode sync)
{
	struct spool *spool = place_open(SPOOL_CREATE);
	struct topic_settings settings;

	topic_settings_default(&settings);
	settings.sync = sync;
	settings.sync_interval_ms = 1000;
	settings.max_attempts = 1;
	world_must(topic_create(spool, name, &settings));
	spool_close(spool);
}

static void
test_last_attempt(void)
{
	struct world world;

	make_topic("jobs", SYNC_ALWAYS);
	make_topic("jobs.dead", SYNC_INTERVAL);
	world = world_open("jobs");
	world_join(&world, "g");
	world_put(&world, 0, 1, NULL);
	CHECK(world_take(&world, 1) == 1, "a message has its last attempt");
	synced_count = 0;
	world_release(&world, -1, true);
	CHECK(world_count(&world, "jobs.dead") == 1, "and dies");
	CHECK(turn_of("topics/jobs.dead/0/00000000000000000000.log") > 0,
	    "the letter is durable, though its topic is synced now and then");
	CHECK(turn_of("index.db-wal") >
	        turn_of("topics/jobs.dead/0/00000000000000000000.log"),
	    "and then that the message needs no other attempt");
	world_close(&world);
}

static void
test_redrive(void)
{
	const struct dead_choice all = {NULL, -1, -1};
	struct world world;

	make_topic("lazy", SYNC_INTERVAL);
	world = world_open("lazy");
	world_join(&world, "g");
	world_put(&world, 0, 1, NULL);
	world_take(&world, 1);
	world_settle(&world, &world.lease, 0, 0, OUTCOME_REJECT);
	synced_count = 0;
	CHECK(dead_redrive(world.spool, "lazy", &all, false) == 1,
	    "a letter is sent back");
	CHECK(turn_of("topics/lazy/0/00000000000000000000.log") > 0,
	    "durably, though its topic is synced now and then");
	world_close(&world);
}

/* From `never` to `always`, with what is visible and what is durable apart. */
static void
test_altered(void)
{
	struct world consumer, producer, other;
	struct topic_settings settings;

	make_topic("altered", SYNC_NEVER);
	consumer = world_open("altered");
	producer = world_open("altered");
	other = world_open("altered");
	world_join(&consumer, "g");
	CHECK(!world_take(&consumer, 1), "a consumer waits");
	world_put(&producer, 0, 1, NULL);
	CHECK(world_take(&consumer, 1) && world_accept(&consumer) == 0,
	    "and gets a message");
	settings = *topic_settings(other.topic);
	settings.sync = SYNC_ALWAYS;
	world_must(topic_alter(other.topic, &settings));
	world_put(&producer, 0, 1, NULL);
	CHECK(world_take(&consumer, 1) && world_has(&consumer, 1, 1, 1),
	    "then one that a producer of the old mode has not synced");
	world_must(topic_refresh(consumer.topic));
	world_settle(&consumer, &consumer.lease, 1, 1, OUTCOME_REJECT);
	CHECK(world_count(&consumer, "altered.dead") == 1,
	    "which becomes a dead letter all the same");
	world_close(&other);
	world_close(&producer);
	world_close(&consumer);
}

/* What is settled stays settled, though its sync failed. */
static void
test_failed_sync(void)
{
	const struct want more = {1, -1};
	struct settlement settlement;
	struct world world;
	struct lease next;
	int result;

	make_topic("failing", SYNC_ALWAYS);
	world = world_open("failing");
	world_join(&world, "g");
	world_put(&world, 0, 2, NULL);
	CHECK(world_take(&world, 1) == 1, "a message is leased");
	settlement = world_settlement(&world.lease, OUTCOME_ACCEPT);
	syncs_fail = true;
	result = group_exchange(world.group, &settlement, 1, &more, &next,
	    NULL);
	syncs_fail = false;
	CHECK(result == -FAIL_IO && strstr(fail_message(), "done, but") != NULL,
	    "that its acknowledgement is not durable is told as what it is");
	CHECK(settlement.lost == 0 && settlement.is_done,
	    "and as done, not as a lost lease");
	world_close(&world);
}

int
main(void)
{
	place_make();
	test_last_attempt();
	test_redrive();
	test_altered();
	test_failed_sync();
	return unit_end();
}
