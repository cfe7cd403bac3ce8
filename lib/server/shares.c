/* Leases of share groups, by group and topic. */
#include "server/shares.h"

#include "base/fail.h"

#include <stdlib.h>
#include <string.h>

enum { TYPE_GAP, TYPE_ACCEPT, TYPE_RELEASE, TYPE_REJECT, TYPE_RENEW };

/* A group on a topic. Invariant: topic has this id. */
struct share {
	char *name;
	struct topic *topic;
	struct group *group;
	struct share *next;
};

struct shares {
	struct spool *spool;
	struct share *first;
};

/* A lease of a member, or what is left of it. */
struct piece {
	struct share *share;
	struct lease lease;
};

struct shares *
shares_open(struct spool *spool)
{
	struct shares *shares = memory_alloc(sizeof *shares);

	shares->spool = spool;
	return shares;
}

static void
free_share(struct share *share)
{
	group_leave(share->group);
	topic_close(share->topic);
	free(share->name);
	free(share);
}

void
shares_close(struct shares *shares)
{
	if (shares == NULL)
		return;
	while (shares->first != NULL) {
		struct share *share = shares->first;

		shares->first = share->next;
		free_share(share);
	}
	free(shares);
}

/* A group that shares goes on as it did; one whose members own partitions is
 * not for us, also while nobody is in it. */
static int
find_order(struct shares *shares, const char *name, enum group_order *order)
{
	int found;

	*order = ORDER_NONE;
	found = group_order_of(shares->spool, name, order);
	if (found == 1 && *order == ORDER_PARTITION)
		return fail(FAIL_USAGE, "group %s: its members own partitions",
		    name);
	return found < 0 ? found : 0;
}

static int
join(struct shares *shares, const struct share_place *place,
    struct share **out)
{
	struct group_options options = {
		.is_session = true,
		.backoff_low_ms = -1,
		.backoff_high_ms = -1,
	};
	struct share *share = memory_alloc(sizeof *share);
	int failed = topic_open(&share->topic, shares->spool, place->topic);

	if (failed == 0 &&
	    memcmp(topic_id(share->topic), place->topic_id, 16) != 0)
		failed = fail(FAIL_MISSING, "topic %s is another one now",
		    place->topic);
	if (failed == 0)
		failed = find_order(shares, place->group, &options.order);
	if (failed == 0)
		failed = group_join(&share->group, shares->spool, place->group,
		    &share->topic, 1, &options);
	if (failed < 0) {
		topic_close(share->topic);
		free(share);
		return failed;
	}
	share->name = memory_copy_text(place->group);
	share->next = shares->first;
	shares->first = share;
	*out = share;
	return 0;
}

static int
find(struct shares *shares, const struct share_place *place,
    struct share **out)
{
	for (struct share *share = shares->first; share != NULL;
	    share = share->next)
		if (strcmp(share->name, place->group) == 0 &&
		    memcmp(topic_id(share->topic), place->topic_id, 16) == 0) {
			*out = share;
			return 0;
		}
	return join(shares, place, out);
}

static struct piece *
pieces_of(struct held *held, size_t *count)
{
	*count = held->leases.size / sizeof(struct piece);
	return (struct piece *)(void *)held->leases.data;
}

static void
add_piece(struct held *held, struct share *share, const struct lease *lease,
    int64_t first, int64_t last)
{
	struct piece piece = {share, *lease};

	if (first > last)
		return;
	piece.lease.first = first;
	piece.lease.last = last;
	buf_append(&held->leases, &piece, sizeof piece);
}

static void
drop_piece(struct held *held, size_t at)
{
	size_t count;
	struct piece *pieces = pieces_of(held, &count);

	pieces[at] = pieces[count - 1];
	held->leases.size -= sizeof(struct piece);
}

static int
outcome_of(int8_t type, struct settlement *settlement)
{
	switch (type) {
	case TYPE_GAP:
	case TYPE_ACCEPT:
		settlement->outcome = OUTCOME_ACCEPT;
		return 0;
	case TYPE_RELEASE:
		settlement->outcome = OUTCOME_RELEASE;
		return 0;
	case TYPE_REJECT:
		settlement->outcome = OUTCOME_REJECT;
		return 0;
	case TYPE_RENEW:
		settlement->outcome = OUTCOME_RENEW;
		return 0;
	default:
		return fail(FAIL_USAGE, "acknowledge type %d is unknown",
		    type);
	}
}

/* What is settled of one partition, all in one transaction. covered are the
 * messages of it that a lease is held on, of those that are named. */
struct plan {
	struct held *held;
	struct share *share;
	int partition;
	bool is_attempt;
	struct buf settlements; /* struct settlement; leases are held's */
	int64_t named;
	int64_t covered;
};

/* One outcome for first..last, which may lie in several leases. */
static int
plan_range(struct plan *plan, int64_t first, int64_t last, int8_t type)
{
	struct settlement settlement = {0};
	int failed = outcome_of(type, &settlement);
	size_t count;
	struct piece *pieces = pieces_of(plan->held, &count);

	settlement.is_attempt = plan->is_attempt;
	plan->named += last - first + 1;
	for (size_t i = 0; i < count && failed == 0; i++) {
		const struct lease *lease = &pieces[i].lease;

		if (pieces[i].share != plan->share ||
		    lease->partition != plan->partition ||
		    lease->last < first || lease->first > last)
			continue;
		settlement.lease = lease;
		settlement.first = lease->first > first ? lease->first : first;
		settlement.last = lease->last < last ? lease->last : last;
		plan->covered += settlement.last - settlement.first + 1;
		buf_append(&plan->settlements, &settlement, sizeof settlement);
	}
	return failed;
}

/* Equal neighbours go together. */
static int
plan_word(struct plan *plan, const struct share_word *word)
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

/* Nothing of first..last is held any more. */
static void
forget_range(struct plan *plan, int64_t first, int64_t last)
{
	size_t count;

	for (size_t i = 0; pieces_of(plan->held, &count), i < count; i++) {
		struct piece piece = pieces_of(plan->held, &count)[i];

		if (piece.share != plan->share ||
		    piece.lease.partition != plan->partition ||
		    piece.lease.last < first || piece.lease.first > last)
			continue;
		drop_piece(plan->held, i--);
		add_piece(plan->held, plan->share, &piece.lease,
		    piece.lease.first, first - 1);
		add_piece(plan->held, plan->share, &piece.lease, last + 1,
		    piece.lease.last);
	}
}

static int
carry_out(struct plan *plan)
{
	const struct want nothing = {.partition = -1};
	struct settlement *settlements =
	    (struct settlement *)(void *)plan->settlements.data;
	size_t count = plan->settlements.size / sizeof *settlements;
	struct lease unused;
	int64_t wake_ms;
	int lost = 0;

	if (count > 0)
		lost = group_exchange(plan->share->group, settlements, count,
		    &nothing, &unused, &wake_ms);
	if (lost < 0)
		return lost;
	for (size_t i = 0; i < count; i++)
		if (settlements[i].outcome != OUTCOME_RENEW)
			forget_range(plan, settlements[i].first,
			    settlements[i].last);
	if (lost > 0 || plan->covered < plan->named)
		return fail(FAIL_NOTHING, "not all of it is leased to you");
	return 0;
}

int
shares_settle(struct shares *shares, struct held *held,
    const struct share_place *place, const struct share_word *words,
    size_t count)
{
	struct plan plan = {.held = held, .partition = place->partition,
	    .is_attempt = true};
	int failed = find(shares, place, &plan.share);

	for (size_t i = 0; i < count && failed >= 0; i++)
		failed = plan_word(&plan, &words[i]);
	if (failed >= 0)
		failed = carry_out(&plan);
	buf_release(&plan.settlements);
	return failed;
}

void
shares_give_back(struct shares *shares, struct held *held,
    const struct share_place *place, int64_t first, int64_t last)
{
	struct plan plan = {.held = held, .partition = place->partition};

	if (first <= last && find(shares, place, &plan.share) >= 0 &&
	    plan_range(&plan, first, last, TYPE_RELEASE) >= 0)
		(void)carry_out(&plan);
	buf_release(&plan.settlements);
}

int
shares_take(struct shares *shares, struct held *held,
    const struct share_place *place, int64_t count, struct lease *lease,
    int64_t *wake_ms)
{
	const struct want want = {count, place->partition};
	struct share *share;
	int failed = find(shares, place, &share);

	lease->token = 0;
	*wake_ms = INT64_MAX;
	if (failed == 0)
		failed = group_exchange(share->group, NULL, 0, &want, lease,
		    wake_ms);
	if (failed < 0 || lease->token == 0)
		return failed < 0 ? failed : 0;
	add_piece(held, share, lease, lease->first, lease->last);
	return 1;
}

void
shares_release(struct shares *shares, struct held *held)
{
	const struct want nothing = {.partition = -1};
	size_t count;
	struct piece *pieces = pieces_of(held, &count);

	(void)shares;
	for (size_t i = 0; i < count; i++) {
		struct settlement settlement = {
			.lease = &pieces[i].lease,
			.first = pieces[i].lease.first,
			.last = pieces[i].lease.last,
			.outcome = OUTCOME_RELEASE,
			.is_attempt = true,
		};
		struct lease unused;
		int64_t wake_ms;

		/* What fails here expires. */
		(void)group_exchange(pieces[i].share->group, &settlement, 1,
		    &nothing, &unused, &wake_ms);
	}
	buf_release(&held->leases);
}

void
shares_leave(struct shares *shares, const char *group)
{
	struct share **place = &shares->first;

	while (*place != NULL) {
		struct share *share = *place;

		if (strcmp(share->name, group) != 0) {
			place = &share->next;
			continue;
		}
		*place = share->next;
		free_share(share);
	}
}

int64_t
shares_lease_ms(const struct topic *topic)
{
	return topic_settings(topic)->lease_ms;
}
