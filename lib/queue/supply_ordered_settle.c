/* What becomes of the grants of a consumer group. */
#include "queue/supply_ordered_internal.h"

#include "base/clock.h"

#include <limits.h>

enum { RETRY_MIN_MS = 1000 /* until a dead letter is tried again */ };

/* Given back: the partition begins there again, later. */
static void
give_back(struct ordered_part *part, int64_t first, int64_t delay_ms)
{
	int64_t rest_ms = clock_boot_ms();

	rest_ms = delay_ms < INT64_MAX - rest_ms ? rest_ms + delay_ms :
	    INT64_MAX;
	if (rest_ms > part->rest_ms)
		part->rest_ms = rest_ms;
	if (first < part->redo)
		part->redo = first;
}

/* The end of messages: true if they are dead letters now. Where there can be
 * none they wait, with all attempts used. */
static bool
bury(struct supply_ordered *self, struct ordered_part *part,
    const struct grant *grant, const struct failure *failure)
{
	const struct ordered_policy *policy = &self->policies[part->topic];
	int64_t delay_ms = supply_ordered_backoff_ms(self, part->topic,
	    INT_MAX);
	int64_t max_attempts = supply_ordered_max_attempts(self,
	    part->topic);
	int attempt = grant->attempt;

	if (!policy->is_dead_letters) {
		if (supply_ordered_bury(self, part, grant, failure))
			return true;
		if (attempt < max_attempts)
			attempt = max_attempts < INT_MAX ? (int)max_attempts :
			    INT_MAX - 1;
		if (delay_ms < RETRY_MIN_MS)
			delay_ms = RETRY_MIN_MS;
	}
	supply_ordered_note_failure(part, grant->first, grant->last, attempt);
	give_back(part, grant->first, delay_ms);
	return false;
}

/* True if the group is done with the messages of a verdict. */
static bool
dispose(struct supply_ordered *self, struct ordered_part *part,
    const struct verdict *verdict)
{
	const struct failure *failure = verdict->has_failure ?
	    &verdict->failure : NULL;
	struct grant grant = verdict->grant;
	int64_t delay_ms = verdict->delay_ms;

	grant.first = verdict->first;
	grant.last = verdict->last;
	if (verdict->outcome == OUTCOME_ACCEPT)
		return true;
	if (verdict->outcome == OUTCOME_REJECT || (verdict->is_attempt &&
	    grant.attempt >= supply_ordered_max_attempts(self, part->topic)))
		return bury(self, part, &grant, failure);
	if (verdict->is_attempt)
		supply_ordered_note_failure(part, grant.first, grant.last,
		    grant.attempt);
	if (delay_ms < 0)
		delay_ms = verdict->is_attempt ? supply_ordered_backoff_ms(
		    self, part->topic, grant.attempt) : 0;
	give_back(part, grant.first, delay_ms);
	return false;
}

struct ordered_part *
supply_ordered_part(const struct supply_ordered *self,
    const struct grant *grant)
{
	for (size_t i = 0; i < self->part_count; i++) {
		struct ordered_part *part = self->parts[i];

		if (part->topic == grant->topic &&
		    part->partition == grant->partition)
			return part;
	}
	return NULL;
}

/* What a long grant has behind it is told of before it ends, too. */
static void
advance(struct ordered_part *part, const struct verdict *verdict)
{
	if (verdict->first <= part->settled &&
	    verdict->last >= part->settled && part->redo > verdict->last)
		part->settled = verdict->last + 1;
}

/* The grant has all its verdicts. What was accepted behind what was given back
 * comes again. */
static void
finish(struct ordered_part *part)
{
	if (part->redo > part->out_last) {
		part->settled = part->out_last + 1;
		return;
	}
	part->settled = part->redo;
	supply_ordered_rewind(part, part->redo);
}

static void
settle(struct supply_ordered *self, struct verdict *verdict)
{
	struct ordered_part *part = supply_ordered_part(self, &verdict->grant);
	bool is_done;

	verdict->lost = part == NULL || part->left <= 0 ||
	    verdict->grant.serial <= self->lost_serial;
	if (verdict->lost || verdict->outcome == OUTCOME_RENEW)
		return;
	is_done = dispose(self, part, verdict);
	part->left -= verdict->last - verdict->first + 1;
	if (part->left <= 0)
		finish(part);
	else if (is_done)
		advance(part, verdict);
}

static bool
has_failures(const struct verdict *verdicts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (verdicts[i].outcome == OUTCOME_REJECT ||
		    (verdicts[i].outcome == OUTCOME_RELEASE &&
		    verdicts[i].is_attempt))
			return true;
	}
	return false;
}

int
supply_ordered_settle(struct supply_ordered *self, struct verdict *verdicts,
    size_t count)
{
	int lost = 0, result = 0;

	if (self->state == ORDERED_STABLE && has_failures(verdicts, count))
		result = supply_ordered_read_settings(self);
	if (result < 0)
		return result;
	for (size_t i = 0; i < count; i++) {
		settle(self, &verdicts[i]);
		lost += verdicts[i].lost;
	}
	if (self->state == ORDERED_STABLE)
		result = supply_ordered_commit(self);
	if (result != 0)
		return result < 0 ? result : lost;
	for (size_t i = 0; i < count; i++)
		verdicts[i].lost = true;
	return (int)count;
}

/* 1 if the next messages of a part have had all their attempts: buried now, or
 * to be tried again later. */
static int
bury_next(struct supply_ordered *self, struct ordered_part *part)
{
	static const struct failure silent = {.exit_status = -1,
	    .reason = "its last attempt ended without an outcome"};
	struct grant grant;

	if (part->left > 0 || clock_boot_ms() < part->rest_ms ||
	    !has_cargo(&part->cargo) ||
	    self->policies[part->topic].is_dead_letters ||
	    cargo_first(&part->cargo) < part->failed_first ||
	    cargo_first(&part->cargo) > part->failed_last ||
	    part->attempt < supply_ordered_max_attempts(self, part->topic))
		return 0;
	cargo_take(&part->cargo, part->failed_last -
	    cargo_first(&part->cargo) + 1, &grant);
	grant.attempt = part->attempt;
	part->out_last = grant.last;
	part->redo = INT64_MAX;
	(void)bury(self, part, &grant, &silent);
	finish(part);
	return 1;
}

int
supply_ordered_bury_spent(struct supply_ordered *self)
{
	int result = 0;

	for (size_t i = 0; i < self->part_count; i++)
		result |= bury_next(self, self->parts[i]);
	if (result == 1)
		result = supply_ordered_commit(self);
	return result < 0 ? result : 0;
}
