/* Joining a share group of brokers, and letting go of it. */
#include "queue/supply_share_internal.h"

#include "base/clock.h"
#include "base/fail.h"
#include "base/hash.h"
#include "kafka/error.h"
#include "queue/remote_offsets.h"

#include <stdlib.h>
#include <string.h>

void
supply_share_release(struct supply_share *self)
{
	struct share_start *starts = self->starts.items;

	for (size_t i = 0; i < self->topic_count; i++)
		remote_topic_release(&self->topics[i].said);
	for (int32_t i = 0; i < self->starts.count; i++)
		free(starts[i].offsets.items);
	free(starts);
	free(self->topics);
	brokers_close(self->brokers);
	cargo_release(&self->cargo);
	buf_release(&self->parts);
	buf_release(&self->links);
	free(self);
}

static int
find_topics(struct supply_share *self, char *const *names, size_t count)
{
	int failed = 0;

	self->topics = memory_alloc(count * sizeof(*self->topics));
	for (size_t i = 0; failed == 0 && i < count; i++) {
		self->topic_count++;
		failed = brokers_find(self->brokers, names[i], BROKERS_ID,
		    &self->topics[i].said);
	}
	return failed;
}

/* Where a group that is new is to begin. */
static int
find_starts(struct supply_share *self)
{
	struct share_start *starts = memory_alloc(self->topic_count *
	    sizeof(*starts));
	int failed = 0;

	self->starts = (struct list){starts, (int32_t)self->topic_count};
	for (size_t i = 0; failed == 0 && i < self->topic_count; i++) {
		const struct remote_topic *topic = &self->topics[i].said;
		size_t count = (size_t)topic->partitions;

		memcpy(starts[i].topic_id, topic->id, 16);
		starts[i].offsets = (struct list){
			memory_alloc(count * sizeof(int64_t)), (int32_t)count};
		failed = remote_resolve(self->brokers, topic,
		    self->options.start, starts[i].offsets.items);
	}
	return failed;
}

static int
refuse(const char *option)
{
	return fail(FAIL_PROTOCOL,
	    "%s: these brokers cannot; mq-serve can", option);
}

/* What Kafka has no words for. */
static int
check_brokers(const struct supply_share *self)
{
	const struct supply_share_options *options = &self->options;

	if (self->has_tags)
		return 0;
	if (options->is_manual)
		return refuse("--ack=manual");
	if (options->order != ORDER_NONE)
		return refuse("--order");
	if (options->lease_ms > 0)
		return refuse("--lease");
	if (options->max_attempts > 0)
		return refuse("--max-attempts");
	if (options->backoff_low_ms >= 0)
		return refuse("--backoff");
	return options->start != NULL ? refuse("--offset") : 0;
}

/* A coordinator that has only just started is asked again. */
static int
greet(struct supply_share *self)
{
	struct brokers_retry retry = {0};
	int failed;

	do {
		self->beat_ms = 0;
		failed = supply_share_beat(self);
	} while (failed == -FAIL_AGAIN &&
	    brokers_retry(&retry, ERROR_COORDINATOR_NOT_AVAILABLE));
	return failed;
}

/* Others assign partitions some time after the first heartbeat. */
static int
join(struct supply_share *self)
{
	enum { TRIES = 8, PAUSE_MS = 250 };
	size_t count = 0;
	int failed = 0;

	for (int tries = 0; failed == 0 && count == 0 && tries < TRIES;
	    tries++) {
		if (tries > 0)
			clock_sleep_ms(PAUSE_MS);
		failed = greet(self);
		if (failed == 0)
			failed = check_brokers(self);
		(void)share_parts(self, &count);
		if (self->has_tags)
			break;
	}
	return failed;
}

int
supply_share_open(struct supply **supply, struct brokers *brokers,
    const char *group, char *const *names, size_t count,
    const struct supply_share_options *options)
{
	struct supply_share *self = memory_alloc(sizeof(*self));
	unsigned char id[16];
	int failed;

	self->supply.kind = &supply_share_kind;
	self->supply.group = group;
	self->options = *options;
	self->brokers = brokers;
	random_bytes(id, sizeof(id));
	hex_encode(id, sizeof(id), self->member);
	failed = find_topics(self, names, count);
	if (failed == 0 && options->start != NULL)
		failed = find_starts(self);
	if (failed == 0)
		failed = join(self);
	if (failed < 0)
		supply_share_release(self);
	else
		*supply = &self->supply;
	return failed;
}
