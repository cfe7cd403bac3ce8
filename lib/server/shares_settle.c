/* Settling what members hold of share groups. */
#include "server/shares_internal.h"

#include "base/fail.h"
#include "spool/dead.h"

#include <stdlib.h>

enum { REASON_MAX = 4096 };

int
shares_outcome(int8_t type, enum outcome *outcome)
{
	static const enum outcome outcomes[] = {
		[SHARE_GAP] = OUTCOME_ACCEPT,
		[SHARE_ACCEPT] = OUTCOME_ACCEPT,
		[SHARE_RELEASE] = OUTCOME_RELEASE,
		[SHARE_REJECT] = OUTCOME_REJECT,
		[SHARE_RENEW] = OUTCOME_RENEW,
	};

	if (type < SHARE_GAP || type > SHARE_RENEW)
		return fail(FAIL_USAGE, "acknowledge type %d is unknown",
		    type);
	*outcome = outcomes[type];
	return 0;
}

/* What is settled of one partition, all in one transaction. */
struct plan {
	struct held *held;
	struct share *share;
	int partition;
	bool is_attempt;
	bool is_punctual;       /* clients of Kafka are held to their time */
	struct buf settlements; /* struct settlement; leases are held's */
	struct buf said;        /* struct share_word *, of each settlement */
	struct share_word *word;
	struct failure *failure; /* of the word; NULL: none */
};

/* What our own tools say beyond the outcome. */
static void
add_details(const struct plan *plan, struct settlement *settlement)
{
	const struct share_details *details = plan->word->details;

	settlement->is_attempt = plan->is_attempt;
	settlement->skips_trimmed = details == NULL;
	settlement->is_punctual = plan->is_punctual && details == NULL;
	if (details == NULL)
		return;
	settlement->is_attempt = details->is_attempt;
	settlement->delay_ms = details->delay_ms < 0 ? -1 : details->delay_ms;
	settlement->lease_ms = details->lease_ms < 0 ? 0 : details->lease_ms;
	settlement->failure = plan->failure;
}

/* One outcome for first..last, which may lie in several leases. */
static int
plan_range(struct plan *plan, int64_t first, int64_t last, int8_t type)
{
	struct settlement settlement = {0};
	int failed = shares_outcome(type, &settlement.outcome);
	size_t count;
	struct piece *pieces = shares_pieces(plan->held, &count);

	add_details(plan, &settlement);
	for (size_t i = 0; i < count && failed == 0; i++) {
		const struct lease *lease = &pieces[i].lease;

		if (pieces[i].share != plan->share ||
		    lease->partition != plan->partition ||
		    lease->last < first || lease->first > last)
			continue;
		settlement.lease = lease;
		settlement.first = lease->first > first ? lease->first : first;
		settlement.last = lease->last < last ? lease->last : last;
		buf_append(&plan->settlements, &settlement, sizeof settlement);
		buf_append(&plan->said, &plan->word, sizeof plan->word);
	}
	return failed;
}

/* Equal neighbours go together. */
static int
plan_types(struct plan *plan, const struct share_word *word)
{
	int64_t at = word->first, end;
	int failed = 0;

	if (word->type_count == 1)
		return plan_range(plan, word->first, word->last,
		    word->types[0]);
	for (; at <= word->last && failed == 0; at = end + 1) {
		int8_t type = word->types[at - word->first];

		for (end = at; end < word->last &&
		    word->types[end + 1 - word->first] == type;)
			end++;
		failed = plan_range(plan, at, end, type);
	}
	return failed;
}

/* The last offset that the word names without a lease on it, or -1. */
static int64_t
find_gap(const struct plan *plan, const struct share_word *word)
{
	int64_t at = word->last, before = -1;
	size_t count;
	const struct piece *pieces = shares_pieces(plan->held, &count);

	while (at >= word->first && at != before) {
		before = at;
		for (size_t i = 0; i < count; i++)
			if (pieces[i].share == plan->share &&
			    pieces[i].lease.partition == plan->partition &&
			    pieces[i].lease.first <= at &&
			    pieces[i].lease.last >= at)
				at = pieces[i].lease.first - 1;
	}
	return at >= word->first ? at : -1;
}

static int
plan_word(struct plan *plan, struct share_word *word, struct failure *failure)
{
	int failed;

	plan->word = word;
	plan->failure = failure;
	failed = plan_types(plan, word);
	word->gap = find_gap(plan, word);
	word->is_lost = word->gap >= 0;
	return failed;
}

/* Kafka's clients may say again what is settled up to the group's start, as
 * long as it goes on with what they hold; ours are told what they did not
 * hold. */
static void
forgive_gaps(struct share_word **said, size_t count,
    const struct settlement *settlements)
{
	for (size_t i = 0; i < count; i++)
		if (said[i]->details == NULL &&
		    said[i]->gap < settlements->start)
			said[i]->is_lost = false;
}

static int
carry_out(struct plan *plan)
{
	const struct want nothing = {.partition = -1};
	struct settlement *settlements =
	    (struct settlement *)(void *)plan->settlements.data;
	struct share_word **said = (struct share_word **)(void *)
	    plan->said.data;
	size_t count = plan->settlements.size / sizeof *settlements;
	struct lease unused;
	int64_t wake_ms;
	int lost = 0;

	if (count > 0)
		lost = group_exchange(plan->share->group, settlements, count,
		    &nothing, &unused, &wake_ms);
	/* What is done, though it may not be durable, is not held any more. */
	if (lost < 0 && !settlements->is_done)
		return lost;
	forgive_gaps(said, count, settlements);
	for (size_t i = 0; i < count; i++) {
		if (settlements[i].lost)
			said[i]->is_lost = true;
		if (settlements[i].outcome != OUTCOME_RENEW)
			shares_forget(plan->held, plan->share,
			    plan->partition, settlements[i].first,
			    settlements[i].last);
	}
	return lost < 0 ? lost : 0;
}

/* What a failed delivery left behind; its reason is a text of ours. */
static void
set_failure(struct failure *failure, const struct share_details *details)
{
	struct slice errors = details->errors, reason = details->reason;

	if (reason.size > REASON_MAX)
		reason.size = REASON_MAX;
	if (errors.size > DEAD_STDERR_MAX)
		errors = (struct slice){(const char *)errors.data +
		    errors.size - DEAD_STDERR_MAX, DEAD_STDERR_MAX};
	*failure = (struct failure){
		.reason = reason.data == NULL ? NULL : slice_copy(reason),
		.exit_status = details->exit_status,
		.signal = details->signal,
		.started_ms = details->started_ms,
		.ended_ms = details->ended_ms,
		.errors = errors,
	};
}

static int
settle(struct plan *plan, struct share_word *words, struct failure *failures,
    size_t count)
{
	int failed = 0;

	for (size_t i = 0; i < count && failed >= 0; i++) {
		if (words[i].details != NULL)
			set_failure(&failures[i], words[i].details);
		failed = plan_word(plan, &words[i], &failures[i]);
	}
	return failed < 0 ? failed : carry_out(plan);
}

int
shares_settle(struct shares *shares, struct held *held,
    const struct share_place *place, struct share_word *words, size_t count)
{
	struct plan plan = {.held = held, .partition = place->partition,
	    .is_attempt = true, .is_punctual = true};
	struct failure *failures = memory_alloc((count + 1) *
	    sizeof *failures);
	int failed = shares_find(shares, place, &plan.share);

	if (failed >= 0)
		failed = settle(&plan, words, failures, count);
	for (size_t i = 0; i < count; i++) {
		free((char *)(uintptr_t)failures[i].reason);
		if (failed >= 0 && words[i].is_lost)
			failed = fail(FAIL_NOTHING,
			    "not all of it is leased to you");
	}
	free(failures);
	buf_release(&plan.settlements);
	buf_release(&plan.said);
	return failed;
}

void
shares_give_back(struct shares *shares, struct held *held,
    const struct share_place *place, int64_t first, int64_t last)
{
	static const int8_t release = SHARE_RELEASE;
	struct share_word word = {first, last, &release, 1, NULL, -1,
	    false};
	struct plan plan = {.held = held, .partition = place->partition};

	if (first <= last && shares_find(shares, place, &plan.share) >= 0 &&
	    plan_word(&plan, &word, NULL) >= 0)
		(void)carry_out(&plan);
	buf_release(&plan.settlements);
	buf_release(&plan.said);
}

void
shares_let_go(struct shares *shares, struct held *held,
    const struct share_place *place, int64_t first, int64_t last)
{
	struct share *share;

	if (shares_find(shares, place, &share) >= 0)
		shares_forget(held, share, place->partition, first, last);
}
