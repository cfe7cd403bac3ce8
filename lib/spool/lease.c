/* Leases: what the outcomes do to ranges, and taking new ones. */
#include "spool/lease.h"
#include "base/clock.h"
#include "base/hash.h"
#include "spool/dead_write.h"
#include "spool/keyed.h"

enum {
	BURIED_MAX = 100,    /* ranges buried by one acquire */
	RETRY_MIN_MS = 1000, /* until a dead letter is tried again */
};

/* A fencing number, never 0. */
static uint64_t
new_token(void)
{
	uint64_t token = 0;

	while (token == 0) {
		random_bytes(&token, sizeof(token));
		token &= INT64_MAX;
	}
	return token;
}

/* Doubled with each attempt, from low to high. */
static int64_t
back_off(const struct policy *policy, int64_t attempt)
{
	int64_t delay_ms = policy->backoff_low_ms;

	while (--attempt > 0 && delay_ms > 0 &&
	    delay_ms < policy->backoff_high_ms)
		delay_ms = delay_ms > INT64_MAX / 2 ? INT64_MAX : delay_ms * 2;
	return delay_ms < policy->backoff_high_ms ? delay_ms
	                                          : policy->backoff_high_ms;
}

/* Makes a carved part available again, at once or after a delay. */
static int
make_available(struct sub *sub, struct range part, int64_t delay_ms)
{
	part.state = delay_ms > 0 ? RANGE_DELAYED : RANGE_READY;
	part.until = SQL_NULL;
	part.duration = delay_ms;
	part.token = 0;
	part.session = 0;
	if (delay_ms > 0)
		part.until = sub_deadline(clock_boot_ms(), delay_ms);
	sub->is_ring = true;
	return range_add(sub, &part);
}

static int
finish(struct sub *sub, const struct range *part)
{
	int result = range_settle(sub, part->first, part->last);

	return result < 0 ? result : keyed_unpark(sub, part->key_hash);
}

/* The end of a carved part: dead letters. Where they cannot be written now
 * (no space), the messages wait with all attempts used, and the next
 * consumer tries again. */
static int
bury(struct sub *sub, struct range part, const struct failure *failure)
{
	const struct policy *policy = &sub->source->policy;
	int result;

	if (sub->source->is_dead_letters)
		return make_available(sub, part, policy->backoff_high_ms);
	result = dead_write(sub, &part, failure);
	if (result == 1) {
		sub->is_buried = true;
		return finish(sub, &part);
	}
	if (result < 0)
		return result;
	if (part.attempt < policy->max_attempts)
		part.attempt = policy->max_attempts;
	return make_available(sub, part,
	    policy->backoff_high_ms > RETRY_MIN_MS ? policy->backoff_high_ms
	                                           : RETRY_MIN_MS);
}

static int
release(struct sub *sub, struct range part, const struct lease_change *change)
{
	const struct policy *policy = &sub->source->policy;
	int64_t delay_ms = change->delay_ms;

	if (change->is_attempt && part.attempt >= policy->max_attempts)
		return bury(sub, part, change->failure);
	if (delay_ms < 0)
		delay_ms = change->is_attempt
		    ? back_off(policy, part.attempt) : 0;
	if (!change->is_attempt)
		part.attempt--;
	return make_available(sub, part, delay_ms);
}

static int
renew(struct sub *sub, struct range part, const struct lease_change *change)
{
	part.duration = change->lease_ms > 0 ? change->lease_ms
	                                     : sub->source->policy.lease_ms;
	part.until = sub_deadline(clock_boot_ms(), part.duration);
	if (part.state == RANGE_READY) {
		part.state = change->session != 0 ? RANGE_HELD : RANGE_LEASED;
		part.session = change->session;
	}
	return range_add(sub, &part);
}

static int
settle_part(struct sub *sub, const struct range *range, int64_t first,
    int64_t last, const struct lease_change *change)
{
	struct range part = *range;
	int result = range_carve(sub, range, first, last);

	if (result < 0)
		return result;
	part.first = first;
	part.last = last;
	switch (change->outcome) {
	case OUTCOME_ACCEPT:
		return finish(sub, &part);
	case OUTCOME_RELEASE:
		return release(sub, part, change);
	case OUTCOME_REJECT:
		return bury(sub, part, change->failure);
	case OUTCOME_RENEW:
		return renew(sub, part, change);
	}
	return 0;
}

/* An expired lease that nobody has taken over still is its holder's, unless he
 * is held to his time: the token stays with a ready range until the next
 * lease. */
static bool
is_ours(const struct range *range, const struct lease_change *change)
{
	if (change->is_punctual && (range->state == RANGE_READY ||
	    range->until <= clock_boot_ms()))
		return false;
	return change->token != 0 &&
	    (uint64_t)range->token == change->token &&
	    range->state <= RANGE_HELD;
}

int
lease_settle(struct sub *sub, const struct lease_change *change)
{
	int64_t at = change->first;
	int lost = change->last < change->first;

	while (at <= change->last) {
		struct range range;
		int64_t last;
		int result = range_find(sub, at, &range);

		if (result < 0)
			return result;
		if (result == 0 || range.first > change->last)
			return 1;
		lost |= range.first > at;
		if (range.first > at)
			at = range.first;
		last = range.last < change->last ? range.last : change->last;
		if (is_ours(&range, change))
			result = settle_part(sub, &range, at, last, change);
		else
			lost = 1;
		if (result < 0)
			return result;
		at = last + 1;
	}
	return lost;
}

/* Writes the lease on a carved or new part. */
static int
hold(struct sub *sub, struct range *part, int64_t session)
{
	part->state = session != 0 ? RANGE_HELD : RANGE_LEASED;
	part->session = session;
	part->duration = sub->source->policy.lease_ms;
	part->until = sub_deadline(clock_boot_ms(), part->duration);
	return range_add(sub, part);
}

/* How many may be taken at once: at the last attempt each comes alone, so
 * that one that kills its consumer does not take its neighbours along. */
static int64_t
batch_limit(const struct sub *sub, int64_t attempt, int64_t count)
{
	if (sub->source->is_dead_letters ||
	    attempt < sub->source->policy.max_attempts)
		return count;
	return 1;
}

/* Takes neighbours that are as ready as the first part; rows with a key stay
 * apart. *last is the end of the lease. */
static int
take_more(struct sub *sub, struct range *part, int64_t count, int64_t session,
    int64_t *last)
{
	int64_t end = part->first + count - 1;

	while (*last < end) {
		struct range more;
		int64_t first = *last + 1, to;
		int result = range_find(sub, first, &more);

		if (result != 1 || more.first != first ||
		    more.state != RANGE_READY ||
		    more.attempt + 1 != part->attempt)
			return result < 0 ? result : 0;
		to = more.last < end ? more.last : end;
		result = range_carve(sub, &more, first, to);
		if (result < 0)
			return result;
		*last = to;
		if (sub->order != ORDER_KEY) {
			part->last = to;
			continue;
		}
		more.last = to;
		more.attempt = part->attempt;
		more.token = part->token;
		result = hold(sub, &more, session);
		if (result < 0)
			return result;
	}
	return 0;
}

static void
fill(const struct sub *sub, const struct range *part, int64_t last,
    struct lease *lease)
{
	*lease = (struct lease){
		.topic = sub->source->topic,
		.partition = sub->number,
		.first = part->first,
		.last = last,
		.token = (uint64_t)part->token,
		.attempt = (int)part->attempt,
		.deadline_ms = part->until,
	};
}

static int
take_ready(struct sub *sub, const struct range *range, int64_t count,
    int64_t session, struct lease *lease)
{
	struct range part = *range;
	int64_t last;
	int result;

	part.attempt++;
	count = batch_limit(sub, part.attempt, count);
	if (part.last - part.first >= count)
		part.last = part.first + count - 1;
	last = part.last;
	part.token = (int64_t)new_token();
	result = range_carve(sub, range, part.first, part.last);
	if (result >= 0)
		result = take_more(sub, &part, count, session, &last);
	if (result >= 0)
		result = hold(sub, &part, session);
	fill(sub, &part, last, lease);
	return result < 0 ? result : 1;
}

static int
take_fresh(struct sub *sub, int64_t count, int64_t session,
    struct lease *lease)
{
	int64_t left = sub->state.high_watermark - sub->next;
	struct range part = {.first = sub->next, .attempt = 1,
	    .key_hash = SQL_NULL};
	int result;

	count = batch_limit(sub, 1, count);
	if (left <= 0)
		return 0;
	part.last = part.first + (count < left ? count : left) - 1;
	part.token = (int64_t)new_token();
	sub->next = part.last + 1;
	sub->is_changed = true;
	result = hold(sub, &part, session);
	fill(sub, &part, part.last, lease);
	return result < 0 ? result : 1;
}

/* Ranges whose last attempt ended without a word (expired, or the consumer
 * died): dead letters, one range after the other. 1 and the first range that
 * may be delivered. */
static int
find_ready(struct sub *sub, struct range *range, int64_t *wake_ms)
{
	static const struct failure silent = {.exit_status = -1,
	    .reason = "the lease ended without an outcome"};

	for (int buried = 0; buried < BURIED_MAX; buried++) {
		int result = range_first_ready(sub, range);

		if (result != 1 || sub->source->is_dead_letters ||
		    range->attempt < sub->source->policy.max_attempts)
			return result;
		result = range_carve(sub, range, range->first, range->last);
		if (result >= 0)
			result = bury(sub, *range, &silent);
		if (result < 0)
			return result;
	}
	*wake_ms = 0;
	return 0;
}

/* ORDER_PARTITION: nothing is handed out while something is. */
static int
is_busy(struct sub *sub, int64_t *wake_ms)
{
	int64_t until_ms;
	int result = range_next_due(sub, &until_ms);

	if (result < 0 || until_ms == INT64_MAX)
		return result;
	if (until_ms < *wake_ms)
		*wake_ms = until_ms;
	return 1;
}

int
lease_acquire(struct sub *sub, int64_t count, int64_t session,
    struct lease *lease, int64_t *wake_ms)
{
	struct range range;
	int64_t until_ms;
	int result = range_promote(sub, clock_boot_ms());

	if (result >= 0 && sub->order == ORDER_PARTITION) {
		result = is_busy(sub, wake_ms);
		if (result != 0)
			return result < 0 ? result : 0;
	}
	if (result >= 0)
		result = find_ready(sub, &range, wake_ms);
	if (result == 0 && sub->order == ORDER_KEY) {
		result = keyed_refill(sub);
		if (result > 0)
			result = find_ready(sub, &range, wake_ms);
	} else if (result == 0) {
		result = take_fresh(sub, count, session, lease);
		if (result != 0)
			return result;
	}
	if (result == 1)
		return take_ready(sub, &range, count, session, lease);
	if (result < 0)
		return result;
	result = range_next_due(sub, &until_ms);
	if (until_ms < *wake_ms)
		*wake_ms = until_ms;
	return result;
}
