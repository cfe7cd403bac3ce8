/* A supply of messages of a group of a spool. */
#include "queue/supply_local.h"

#include "queue/bell.h"
#include "queue/hand.h"
#include "queue/leased.h"

#include <stdlib.h>

/* Invariant: seen are the doorbells' values of before the last exchange. */
struct supply_local {
	struct supply supply;
	struct group *group;
	struct group_options options;
	struct topic **topics;
	size_t topic_count;
	uint32_t *seen;
	struct leased *leased; /* NULL until something is read */
	struct bell *bell;     /* NULL until it is armed */
	struct buf leases;     /* kept for the exchange */
	struct buf table;
};

static struct supply_local *
local_of(const struct supply *supply)
{
	return (struct supply_local *)(uintptr_t)supply;
}

static struct lease
lease_of(const struct supply_local *local, const struct grant *grant)
{
	return (struct lease){
		.topic = local->topics[grant->topic],
		.partition = grant->partition,
		.first = grant->first,
		.last = grant->last,
		.token = grant->token,
		.attempt = grant->attempt,
	};
}

static struct grant
grant_of(const struct supply_local *local, const struct lease *lease)
{
	size_t topic = 0;

	while (local->topics[topic] != lease->topic)
		topic++;
	return (struct grant){
		.topic = topic,
		.partition = lease->partition,
		.first = lease->first,
		.last = lease->last,
		.token = lease->token,
		.serial = lease->token,
		.attempt = lease->attempt,
	};
}

/* The table that the group wants; views into the verdicts. */
static struct settlement *
make_table(struct supply_local *local, struct verdict *verdicts, size_t count)
{
	struct settlement *table;
	struct lease *leases;

	buf_clear(&local->table);
	buf_clear(&local->leases);
	table = buf_reserve(&local->table, count * sizeof(*table));
	leases = buf_reserve(&local->leases, count * sizeof(*leases));
	for (size_t i = 0; i < count; i++) {
		const struct verdict *verdict = &verdicts[i];

		leases[i] = lease_of(local, &verdict->grant);
		table[i] = (struct settlement){
			.lease = &leases[i],
			.first = verdict->first,
			.last = verdict->last,
			.outcome = verdict->outcome,
			.delay_ms = verdict->delay_ms,
			.is_attempt = verdict->is_attempt,
			.failure = verdict->has_failure ? &verdict->failure
			                                : NULL,
		};
	}
	return table;
}

static int
exchange(struct supply *supply, struct verdict *verdicts, size_t count,
    const struct want *want, struct grant *grant, int64_t *wake_ms)
{
	struct supply_local *local = local_of(supply);
	struct settlement *table = make_table(local, verdicts, count);
	struct lease lease = {0};
	bool is_done;
	int result;

	group_listen(local->group, local->seen);
	*grant = GRANT_NONE;
	result = group_exchange(local->group, table, count, want, &lease,
	    wake_ms);
	is_done = result >= 0 || (count > 0 && table->is_done);
	for (size_t i = 0; i < count && is_done; i++) {
		verdicts[i].lost = table[i].lost;
		verdicts[i].is_done = true;
	}
	if (result >= 0 && lease.token != 0)
		*grant = grant_of(local, &lease);
	return result;
}

static int
sleep_on_bells(struct supply *supply, int64_t until_ms)
{
	struct supply_local *local = local_of(supply);

	return group_sleep(local->group, local->seen, until_ms);
}

static int
arm(struct supply *supply, int *descriptor)
{
	struct supply_local *local = local_of(supply);
	int result = local->bell != NULL ? 0 : bell_open(&local->bell,
	    local->topics, local->topic_count);

	if (result < 0)
		return result;
	*descriptor = bell_descriptor(local->bell);
	return bell_arm(local->bell, local->seen);
}

static bool
answer(struct supply *supply)
{
	return bell_answer(local_of(supply)->bell);
}

static int
begin(struct supply *supply, const struct grant *grant, int64_t from)
{
	struct supply_local *local = local_of(supply);
	struct lease lease = lease_of(local, grant);

	if (local->leased == NULL)
		leased_open(&local->leased, supply->reading.filter,
		    supply->reading.notice, supply->reading.context);
	return leased_begin(local->leased, &lease, from);
}

static int
next(struct supply *supply, struct message *message)
{
	return leased_next(local_of(supply)->leased, message);
}

static int64_t
end(const struct supply *supply)
{
	return leased_end(local_of(supply)->leased);
}

static const char *
name_of(const struct supply *supply, size_t topic)
{
	return topic_name(local_of(supply)->topics[topic]);
}

static int64_t
renew_ms(const struct supply *supply, size_t topic)
{
	const struct supply_local *local = local_of(supply);
	int64_t every_ms = group_lease_ms(local->group,
	    local->topics[topic]) / 3;

	if (local->options.order == ORDER_PARTITION &&
	    every_ms > GROUP_HEARTBEAT_MS / 3)
		every_ms = GROUP_HEARTBEAT_MS / 3;
	return every_ms > 0 ? every_ms : 1;
}

static int64_t
max_attempts(const struct supply *supply, size_t topic)
{
	const struct supply_local *local = local_of(supply);

	if (local->options.max_attempts > 0)
		return local->options.max_attempts;
	return topic_settings(local->topics[topic])->max_attempts;
}

static const char *
notice(struct supply *supply)
{
	return group_notice(local_of(supply)->group);
}

static void
close_local(struct supply *supply)
{
	struct supply_local *local = local_of(supply);

	leased_close(local->leased);
	bell_close(local->bell);
	group_leave(local->group);
	for (size_t i = 0; i < local->topic_count; i++)
		topic_close(local->topics[i]);
	free(local->topics);
	free(local->seen);
	buf_release(&local->leases);
	buf_release(&local->table);
	free(local);
}

int
supply_local_open(struct supply **supply, struct spool *spool,
    const char *group, struct topic **topics, size_t count,
    const struct group_options *options)
{
	static const struct supply_kind kind = {exchange, sleep_on_bells, arm,
	    answer, begin, next, end, name_of, renew_ms, max_attempts, notice,
	    close_local};
	struct supply_local *local = memory_alloc(sizeof(*local));
	int failed;

	local->supply.kind = &kind;
	local->supply.group = group;
	local->options = *options;
	local->topics = topics;
	local->topic_count = count;
	local->seen = memory_alloc((count + 1) * sizeof(*local->seen));
	failed = group_join(&local->group, spool, group, topics, count,
	    options);
	if (failed < 0)
		close_local(&local->supply);
	else
		*supply = &local->supply;
	return failed;
}
