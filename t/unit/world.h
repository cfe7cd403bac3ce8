/* A spool with a topic, and consumers in few words. */
#ifndef WORLD_H
#define WORLD_H

#include "base/clock.h"
#include "log/partition.h"
#include "place.h"
#include "spool/group.h"
#include "unit.h"

/* One process's handles. */
struct world {
	struct spool *spool;
	struct topic *topic;
	struct group *group;
	struct group_options options;
	struct lease lease;   /* the last one taken */
	int64_t wake_ms;
};

static inline void
world_must(int result)
{
	if (result >= 0)
		return;
	printf("not ok - %s\n", fail_message());
	fflush(stdout);
	_exit(1);
}

/* Makes a topic whose leases and back-offs are short enough to wait for. */
static inline void
world_make_topic(struct spool *spool, const char *name, int partitions)
{
	struct topic_settings settings;

	topic_settings_default(&settings);
	settings.partitions = partitions;
	settings.lease_ms = 60000;
	settings.max_attempts = 3;
	settings.backoff_low_ms = 10;
	settings.backoff_high_ms = 40;
	world_must(topic_create(spool, name, &settings));
}

static inline struct world
world_open(const char *topic)
{
	struct world world = {.options = {.is_session = true,
	    .backoff_low_ms = -1, .backoff_high_ms = -1}};

	world.spool = place_open(SPOOL_CREATE);
	world_must(topic_open(&world.topic, world.spool, topic));
	return world;
}

static inline void
world_join(struct world *world, const char *group)
{
	world_must(group_join(&world->group, world->spool, group,
	    &world->topic, 1, &world->options));
}

static inline void
world_leave(struct world *world)
{
	group_leave(world->group);
	world->group = NULL;
}

static inline void
world_close(struct world *world)
{
	world_leave(world);
	topic_close(world->topic);
	spool_close(world->spool);
}

/* Puts count messages "0", "1"...; keys: one letter each in turn, or NULL. */
static inline void
world_put(struct world *world, int partition, int count, const char *keys)
{
	struct batch_builder builder;
	struct partition *log;
	struct buf out = {0};
	int64_t first, last;
	char text[32];

	batch_builder_init(&builder, CODEC_NONE);
	for (int i = 0; i < count; i++) {
		struct record record = {.timestamp = 1000 + i};

		snprintf(text, sizeof(text), "%d", i);
		record.value = slice_of(text);
		if (keys != NULL)
			record.key = (struct slice){
			    &keys[(size_t)i % strlen(keys)], 1};
		batch_builder_append(&builder, &record);
	}
	world_must(batch_builder_finish(&builder, &out));
	world_must(topic_partition(world->topic, partition, &log));
	world_must(partition_append(log, out.data, out.size, &first, &last));
	world_must(partition_wait(log, last + 1, -1));
	batch_builder_release(&builder);
	buf_release(&out);
}

/* Takes up to count messages: 1 and world->lease, or 0. */
static inline int
world_take(struct world *world, int64_t count)
{
	struct want want = {count, -1};

	world_must(group_exchange(world->group, NULL, 0, &want, &world->lease,
	    &world->wake_ms));
	return world->lease.token != 0;
}

/* As above, but sleeps until there is something, at most timeout_ms. */
static inline int
world_wait(struct world *world, int64_t count, int64_t timeout_ms)
{
	int64_t end_ms = clock_boot_ms() + timeout_ms;
	uint32_t seen[1];

	for (;;) {
		group_listen(world->group, seen);
		if (world_take(world, count))
			return 1;
		if (clock_boot_ms() >= end_ms)
			return 0;
		group_sleep(world->group, seen,
		    world->wake_ms < end_ms ? world->wake_ms : end_ms);
	}
}

static inline struct settlement
world_settlement(const struct lease *lease, enum outcome outcome)
{
	return (struct settlement){.lease = lease, .first = lease->first,
	    .last = lease->last, .outcome = outcome, .delay_ms = -1,
	    .is_attempt = true};
}

/* Settles first..last of a lease; returns the number lost. */
static inline int
world_settle(struct world *world, const struct lease *lease, int64_t first,
    int64_t last, enum outcome outcome)
{
	struct settlement settlement = world_settlement(lease, outcome);
	int result;

	settlement.first = first;
	settlement.last = last;
	result = group_exchange(world->group, &settlement, 1, NULL, NULL,
	    NULL);
	world_must(result);
	return result;
}

static inline int
world_accept(struct world *world)
{
	return world_settle(world, &world->lease, world->lease.first,
	    world->lease.last, OUTCOME_ACCEPT);
}

/* Releases all of the last lease, after delay_ms (-1: back-off). */
static inline int
world_release(struct world *world, int64_t delay_ms, bool is_attempt)
{
	struct settlement settlement = world_settlement(&world->lease,
	    OUTCOME_RELEASE);
	int result;

	settlement.delay_ms = delay_ms;
	settlement.is_attempt = is_attempt;
	result = group_exchange(world->group, &settlement, 1, NULL, NULL,
	    NULL);
	world_must(result);
	return result;
}

static inline bool
world_has(const struct world *world, int64_t first, int64_t last, int attempt)
{
	bool good = world->lease.first == first &&
	    world->lease.last == last && world->lease.attempt == attempt;

	if (!good)
		printf("# lease %lld-%lld attempt %d, expected %lld-%lld %d\n",
		    (long long)world->lease.first, (long long)world->lease.last,
		    world->lease.attempt, (long long)first, (long long)last,
		    attempt);
	return good;
}

/* Number of messages in partition 0 of another topic; 0 if there is none. */
static inline int64_t
world_count(struct world *world, const char *name)
{
	struct partition_state state = {0};
	struct partition *log;
	struct topic *topic;

	if (topic_open(&topic, world->spool, name) < 0)
		return 0;
	world_must(topic_partition(topic, 0, &log));
	world_must(partition_state(log, &state));
	topic_close(topic);
	return state.log_end;
}

#endif
