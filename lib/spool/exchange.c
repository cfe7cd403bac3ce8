/* The exchange: settlements in, a lease out, in one transaction. */
#include "base/clock.h"
#include "base/fail.h"
#include "base/futex.h"
#include "spool/member.h"
#include "spool/ordered.h"

enum { TRIES = 3, REFRESH_MS = 1000 };

/* One group_exchange at work. */
struct exchange {
	struct group *group;
	struct settlement *settlements;
	size_t count;
	const struct want *want;
	struct lease *lease;
	int64_t wake_ms;
	int64_t now_ms;
	int lost;
	bool is_durable;   /* something was settled that must survive */
	bool is_committed; /* done, though it may not be durable: not again */
};

/* Follows changes of topic.yaml: settings, and partitions that were added. */
static int
refresh_topics(struct group *group, int64_t now_ms)
{
	if (!group->is_idle && now_ms - group->refreshed_ms < REFRESH_MS)
		return 0;
	group->refreshed_ms = now_ms;
	for (size_t i = 0; i < group->source_count; i++) {
		struct source *source = &group->sources[i];
		int result = topic_refresh(source->topic);

		if (result < 0)
			return result;
		if (result == 0 &&
		    source->count == topic_partition_count(source->topic))
			continue;
		member_follow(group, source);
		member_grow(group, source);
	}
	return session_check(&group->session);
}

static int
refresh_settings(struct group *group, int64_t now_ms)
{
	int result = now_ms - group->settings_ms < REFRESH_MS ? 0 :
	    member_read_settings(group);

	for (size_t i = 0; i < group->source_count && result == 1; i++)
		member_follow(group, &group->sources[i]);
	return result < 0 ? result : 0;
}

static struct sub *
find_sub(struct group *group, const struct lease *lease)
{
	for (size_t i = 0; i < group->source_count; i++) {
		struct source *source = &group->sources[i];

		if (source->topic == lease->topic && lease->partition >= 0 &&
		    lease->partition < source->count)
			return source->subs[lease->partition];
	}
	return NULL;
}

static int
settle_one(struct exchange *exchange, struct settlement *settlement)
{
	struct group *group = exchange->group;
	struct sub *sub = find_sub(group, settlement->lease);
	struct lease_change change = {
		.first = settlement->first,
		.last = settlement->last,
		.token = settlement->lease->token,
		.outcome = settlement->outcome,
		.delay_ms = settlement->delay_ms,
		.lease_ms = settlement->lease_ms,
		.is_attempt = settlement->is_attempt,
		.is_punctual = settlement->is_punctual,
		.failure = settlement->failure,
		.session = group->options.is_session ? group->session.id : 0,
	};
	int result;

	settlement->lost = 1;
	if (sub == NULL)
		return 1;
	result = sub_load(sub);
	settlement->start = sub->start;
	if (settlement->skips_trimmed && change.first < sub->state.log_start)
		change.first = sub->state.log_start;
	if (result >= 0 && change.first > settlement->last &&
	    settlement->skips_trimmed)
		result = 0;
	else if (result >= 0)
		result = lease_settle(sub, &change);
	settlement->lost = result != 0;
	if (change.outcome == OUTCOME_ACCEPT ||
	    change.outcome == OUTCOME_REJECT)
		exchange->is_durable |=
		    topic_settings(sub->source->topic)->sync == SYNC_ALWAYS;
	return result;
}

static int
settle_all(struct exchange *exchange)
{
	exchange->lost = 0;
	for (size_t i = 0; i < exchange->count; i++) {
		int result = settle_one(exchange, &exchange->settlements[i]);

		if (result < 0)
			return result;
		exchange->lost += result;
	}
	return 0;
}

/* The partition at a turn: all partitions of all topics, one after another. */
static struct sub *
sub_at(struct group *group, size_t turn)
{
	for (size_t i = 0; i < group->source_count; i++) {
		struct source *source = &group->sources[i];

		if (turn < (size_t)source->count)
			return source->subs[turn];
		turn -= (size_t)source->count;
	}
	return NULL;
}

static size_t
count_subs(const struct group *group)
{
	size_t count = 0;

	for (size_t i = 0; i < group->source_count; i++)
		count += (size_t)group->sources[i].count;
	return count;
}

static int
acquire_from(struct exchange *exchange, struct sub *sub)
{
	struct group *group = exchange->group;
	int64_t session = group->options.is_session ? group->session.id : 0;
	int result;

	if (exchange->want->partition >= 0 &&
	    exchange->want->partition != sub->number)
		return 0;
	result = sub_load(sub);
	if (result < 0)
		return result;
	if (group->options.order == ORDER_PARTITION &&
	    sub->owner != group->session.id)
		return 0;
	return lease_acquire(sub, exchange->want->count, session,
	    exchange->lease, &exchange->wake_ms);
}

static int
acquire(struct exchange *exchange)
{
	struct group *group = exchange->group;
	size_t count = count_subs(group);

	exchange->wake_ms = INT64_MAX;
	for (size_t i = 0; i < count; i++) {
		size_t turn = (group->turn + i) % count;
		int result = acquire_from(exchange, sub_at(group, turn));

		if (result == 0)
			continue;
		if (result == 1)
			group->turn = (turn + 1) % count;
		return result;
	}
	return 0;
}

/* Nothing there: perhaps a member has died, or has left partitions. */
static int
acquire_again(struct exchange *exchange)
{
	struct group *group = exchange->group;
	int result;

	if (group->options.order == ORDER_PARTITION)
		result = ordered_balance(group, exchange->now_ms, true);
	else
		result = member_reap(group, exchange->now_ms, true);
	if (result >= 0 &&
	    (result > 0 || group->options.order == ORDER_PARTITION))
		result = acquire(exchange);
	if (result == 0 && group->options.order == ORDER_PARTITION) {
		int64_t silence_ms = ordered_next_silence(group);

		if (silence_ms < exchange->wake_ms)
			exchange->wake_ms = silence_ms;
	}
	return result;
}

/* The transaction's content. */
static int
work(struct exchange *exchange)
{
	struct group *group = exchange->group;
	int result = 0;

	for (size_t i = 0; i < count_subs(group); i++) {
		sub_at(group, i)->is_loaded = false;
		sub_at(group, i)->is_buried = false;
	}
	if (group->generation != index_generation(group->index))
		result = member_attach(group, NULL);
	if (result >= 0)
		result = settle_all(exchange);
	if (result >= 0 && group->options.order == ORDER_PARTITION)
		result = ordered_balance(group, exchange->now_ms, false);
	else if (result >= 0 && exchange->want->count > 0)
		result = member_reap(group, exchange->now_ms, false);
	if (result < 0 || exchange->want->count <= 0)
		return result < 0 ? result : member_flush(group);
	result = acquire(exchange);
	if (result == 0)
		result = acquire_again(exchange);
	group->is_idle = result == 0;
	return result < 0 ? result : member_flush(group);
}

/* Wakes those for whom this transaction has made something available. */
static void
ring(struct group *group)
{
	for (size_t i = 0; i < group->source_count; i++) {
		struct source *source = &group->sources[i];
		bool is_ring = false;

		for (int k = 0; k < source->count; k++) {
			is_ring |= source->subs[k]->is_ring;
			source->subs[k]->is_ring = false;
		}
		if (is_ring && topic_doorbell(source->topic) != NULL)
			futex_ring(topic_doorbell(source->topic));
	}
}

/* The end of a message must survive, whatever led to it. */
static void
note_buried(struct exchange *exchange)
{
	struct group *group = exchange->group;

	for (size_t i = 0; i < count_subs(group); i++) {
		const struct sub *sub = sub_at(group, i);

		if (sub->is_buried)
			exchange->is_durable |= topic_settings(
			    sub->source->topic)->sync == SYNC_ALWAYS;
	}
}

static int
run(struct exchange *exchange)
{
	struct group *group = exchange->group;
	int result = index_begin(group->index);

	if (result < 0)
		return result;
	result = work(exchange);
	if (result < 0) {
		index_abort(group->index);
		if (result == -FAIL_MISSING)
			group->generation = 0;
		return result;
	}
	result = index_commit(group->index);
	if (result < 0)
		return result;
	exchange->is_committed = true;
	note_buried(exchange);
	ring(group);
	return exchange->is_durable ? index_durable(group->index) : 0;
}

int
group_exchange(struct group *group, struct settlement *settlements,
    size_t count, const struct want *want, struct lease *lease,
    int64_t *wake_ms)
{
	static const struct want nothing = {0, -1};
	struct lease unused;
	struct exchange exchange = {
		.group = group,
		.settlements = settlements,
		.count = count,
		.want = want != NULL ? want : &nothing,
		.lease = lease != NULL ? lease : &unused,
		.wake_ms = INT64_MAX,
	};
	int result = 0;

	exchange.lease->token = 0;
	for (int i = 0; i < TRIES; i++) {
		exchange.now_ms = clock_boot_ms();
		result = refresh_topics(group, exchange.now_ms);
		if (result >= 0)
			result = refresh_settings(group, exchange.now_ms);
		if (result >= 0)
			result = run(&exchange);
		/* Another index, or a row that is gone: look it up again. Disk
		 * full: the index may have found room. */
		if (result >= 0 || exchange.is_committed ||
		    (result != -FAIL_AGAIN &&
		    group->generation == index_generation(group->index)))
			break;
		exchange.lease->token = 0;
	}
	/* What is done stays done, though one of the topics is gone or cannot
	 * be read: the next call, with nothing to settle, says so. */
	if (result < 0 && !exchange.is_committed && count > 0 &&
	    exchange.want->count > 0) {
		exchange.want = &nothing;
		exchange.wake_ms = 0;
		exchange.lease->token = 0;
		result = run(&exchange);
	}
	for (size_t i = 0; i < count; i++)
		settlements[i].is_done = exchange.is_committed;
	if (wake_ms != NULL)
		*wake_ms = exchange.wake_ms;
	return result < 0 ? result : exchange.lost;
}
