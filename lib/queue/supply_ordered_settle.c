/* What becomes of the grants of a consumer group. */
#include "queue/supply_ordered_internal.h"

#include "base/clock.h"
#include "base/fail.h"

enum { FIRST_BACKOFF_MS = 1000, LAST_BACKOFF_MS = 3600 * 1000 };

static int64_t
backoff_ms(const struct supply_ordered *self, int attempt)
{
	int64_t low = self->options.backoff_low_ms;
	int64_t high = self->options.backoff_high_ms;

	low = low < 0 ? FIRST_BACKOFF_MS : low;
	high = high < 0 ? LAST_BACKOFF_MS : high;
	while (--attempt > 0 && low < high)
		low *= 2;
	return low < high ? low : high;
}

/* Given back: the partition begins there again, later. */
static int
give_back(struct supply_ordered *self, struct ordered_part *part,
    const struct verdict *verdict)
{
	int64_t rest_ms = verdict->delay_ms;

	if (verdict->is_attempt) {
		part->attempt = part->failed_at == verdict->first ?
		    part->attempt + 1 : 1;
		part->failed_at = verdict->first;
	}
	if (verdict->outcome == OUTCOME_REJECT || (verdict->is_attempt &&
	    self->options.max_attempts > 0 &&
	    part->attempt >= self->options.max_attempts))
		return fail(FAIL_PROTOCOL, "%s:%d:%lld: dead letters of "
		    "--order=partition are not made over a network",
		    self->topics[part->topic].name, part->partition,
		    (long long)verdict->first);
	if (rest_ms < 0)
		rest_ms = backoff_ms(self, part->attempt);
	part->rest_ms = clock_boot_ms() + rest_ms;
	if (verdict->first < part->redo)
		part->redo = verdict->first;
	return 0;
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

static int
settle(struct supply_ordered *self, struct verdict *verdict)
{
	struct ordered_part *part = supply_ordered_part(self, &verdict->grant);
	int failed = 0;

	verdict->lost = part == NULL || part->left <= 0 ||
	    verdict->grant.serial <= self->lost_serial;
	if (verdict->lost || verdict->outcome == OUTCOME_RENEW)
		return 0;
	part->left -= verdict->last - verdict->first + 1;
	if (verdict->outcome != OUTCOME_ACCEPT)
		failed = give_back(self, part, verdict);
	if (part->left > 0 || failed < 0)
		return failed;
	/* What was accepted behind what was given back comes again. */
	if (part->redo <= part->out_last) {
		part->settled = part->redo;
		supply_ordered_rewind(part, part->redo);
	} else {
		part->settled = part->out_last + 1;
	}
	return 0;
}

/* What a long grant has behind it is told of before it ends, too. */
static void
advance(struct supply_ordered *self, const struct verdict *verdict)
{
	struct ordered_part *part = supply_ordered_part(self, &verdict->grant);

	if (part != NULL && part->left > 0 && verdict->outcome == OUTCOME_ACCEPT &&
	    !verdict->lost && verdict->first <= part->settled &&
	    verdict->last >= part->settled && part->redo > verdict->last)
		part->settled = verdict->last + 1;
}

int
supply_ordered_settle(struct supply_ordered *self, struct verdict *verdicts,
    size_t count)
{
	int lost = 0, result = 0, failed = 0;

	for (size_t i = 0; failed == 0 && i < count; i++) {
		failed = settle(self, &verdicts[i]);
		if (failed == 0)
			advance(self, &verdicts[i]);
		lost += verdicts[i].lost;
	}
	if (self->state == ORDERED_STABLE)
		result = supply_ordered_commit(self);
	if (failed < 0 || result != 0)
		return failed < 0 ? failed : result < 0 ? result : lost;
	for (size_t i = 0; i < count; i++)
		verdicts[i].lost = true;
	return (int)count;
}
