/* The hand of a consumer: what it has settled and not yet told the group. */
#include "queue/hand.h"

void
hand_init(struct hand *hand, struct supply *supply)
{
	*hand = (struct hand){.supply = supply};
}

static struct verdict *
verdicts(const struct hand *hand)
{
	return (struct verdict *)hand->verdicts.data;
}

size_t
hand_count(const struct hand *hand)
{
	return hand->verdicts.size / sizeof(struct verdict);
}

bool
is_hand_empty(const struct hand *hand)
{
	return hand->verdicts.size == 0;
}

static void
forget(struct hand *hand)
{
	for (size_t i = 0; i < hand_count(hand); i++) {
		buf_release(&verdicts(hand)[i].errors);
		buf_release(&verdicts(hand)[i].reason);
	}
	buf_clear(&hand->verdicts);
}

void
hand_release(struct hand *hand)
{
	forget(hand);
	buf_release(&hand->verdicts);
}

/* True if the last verdict could as well have ended at last. */
static bool
extend_last(struct hand *hand, const struct grant *grant, int64_t first,
    int64_t last, enum outcome outcome)
{
	struct verdict *before;

	if (is_hand_empty(hand) ||
	    (outcome != OUTCOME_ACCEPT && outcome != OUTCOME_RENEW))
		return false;
	before = &verdicts(hand)[hand_count(hand) - 1];
	if (before->outcome != outcome || before->last + 1 != first ||
	    before->grant.serial != grant->serial ||
	    before->grant.topic != grant->topic ||
	    before->grant.partition != grant->partition)
		return false;
	before->last = last;
	return true;
}

struct verdict *
hand_add(struct hand *hand, const struct grant *grant, int64_t first,
    int64_t last, enum outcome outcome)
{
	struct verdict verdict = {
		.grant = *grant,
		.first = first,
		.last = last,
		.outcome = outcome,
	};

	if (first > last || extend_last(hand, grant, first, last, outcome))
		return NULL;
	buf_append(&hand->verdicts, &verdict, sizeof(verdict));
	return &verdicts(hand)[hand_count(hand) - 1];
}

void
hand_give_back(struct hand *hand, const struct grant *grant, int64_t first,
    int64_t last)
{
	hand_add(hand, grant, first, last, OUTCOME_RELEASE);
}

void
verdict_set_failure(struct verdict *verdict, const struct failure *failure)
{
	verdict->has_failure = true;
	verdict->failure = *failure;
	buf_append_slice(&verdict->errors, failure->errors);
	if (failure->reason != NULL)
		buf_append_text(&verdict->reason, failure->reason);
}

/* What a verdict refers to may have moved with its buffers. */
static void
fix_views(struct hand *hand)
{
	for (size_t i = 0; i < hand_count(hand); i++) {
		struct verdict *verdict = &verdicts(hand)[i];

		verdict->failure.errors = buf_slice(&verdict->errors);
		if (verdict->failure.reason != NULL)
			verdict->failure.reason = buf_text(&verdict->reason);
	}
}

int
hand_exchange(struct hand *hand, const struct want *want, struct grant *grant,
    int64_t *wake_ms)
{
	struct supply *supply = hand->supply;
	bool is_done;
	int result;

	fix_views(hand);
	result = supply->kind->exchange(supply, verdicts(hand),
	    hand_count(hand), want, grant, wake_ms);
	/* What is done, though it may not be durable, is told only once: the
	 * second time it would be a lost lease. */
	is_done = result >= 0 ||
	    (!is_hand_empty(hand) && verdicts(hand)->is_done);
	for (size_t i = 0; i < hand_count(hand) && is_done; i++) {
		if (hand->told != NULL)
			hand->told(&verdicts(hand)[i], hand->context);
	}
	if (is_done)
		forget(hand);
	return result;
}
