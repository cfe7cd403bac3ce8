/* Leases of share groups, by group and topic. */
#include "server/shares_internal.h"

#include "base/fail.h"
#include "server/share_terms.h"

#include <stdlib.h>
#include <string.h>

enum { SHARES_MAX = 100000 };

/* Invariant: count are in the list. */
struct shares {
	struct spool *spool;
	struct share *first;
	size_t count;
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
	share_terms_free(share->terms);
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
	struct group_options options;
	struct share *share = memory_alloc(sizeof *share);
	int failed = topic_open(&share->topic, shares->spool, place->topic);

	/* They were copied before, so they can be. */
	if (place->terms != NULL)
		share->terms = share_terms_copy(place->terms);
	options = share_terms_options(share->terms);
	if (shares->count >= SHARES_MAX)
		failed = fail(FAIL_AGAIN, "too many share groups");
	if (failed == 0 &&
	    memcmp(topic_id(share->topic), place->topic_id, 16) != 0)
		failed = fail(FAIL_MISSING, "topic %s is another one now",
		    place->topic);
	if (failed == 0 && share->terms == NULL)
		failed = find_order(shares, place->group, &options.order);
	if (failed == 0)
		failed = group_join(&share->group, shares->spool, place->group,
		    &share->topic, 1, &options);
	if (failed < 0) {
		topic_close(share->topic);
		share_terms_free(share->terms);
		free(share);
		return failed;
	}
	share->name = memory_copy_text(place->group);
	share->next = shares->first;
	shares->first = share;
	shares->count++;
	*out = share;
	return 0;
}

static struct share *
find(const struct shares *shares, const struct share_place *place)
{
	struct share *share = shares->first;

	while (share != NULL && (strcmp(share->name, place->group) != 0 ||
	    memcmp(topic_id(share->topic), place->topic_id, 16) != 0 ||
	    !is_share_terms_equal(share->terms, place->terms)))
		share = share->next;
	return share;
}

int
shares_find(struct shares *shares, const struct share_place *place,
    struct share **out)
{
	*out = find(shares, place);
	return *out != NULL ? 0 : join(shares, place, out);
}

struct piece *
shares_pieces(struct held *held, size_t *count)
{
	*count = held->leases.size / sizeof(struct piece);
	return (struct piece *)(void *)held->leases.data;
}

/* Nothing if first > last. */
static void
add_piece(struct held *held, struct share *share,
    const struct lease *lease, int64_t first, int64_t last)
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
	struct piece *pieces = shares_pieces(held, &count);

	pieces[at] = pieces[count - 1];
	held->leases.size -= sizeof(struct piece);
}

void
shares_forget(struct held *held, const struct share *share, int partition,
    int64_t first, int64_t last)
{
	size_t count;

	for (size_t i = 0; shares_pieces(held, &count), i < count; i++) {
		struct piece piece = shares_pieces(held, &count)[i];

		if (piece.share != share ||
		    piece.lease.partition != partition ||
		    piece.lease.last < first || piece.lease.first > last)
			continue;
		drop_piece(held, i--);
		add_piece(held, piece.share, &piece.lease,
		    piece.lease.first, first - 1);
		add_piece(held, piece.share, &piece.lease, last + 1,
		    piece.lease.last);
	}
}

int
shares_take(struct shares *shares, struct held *held,
    const struct share_place *place, int64_t count, struct lease *lease,
    int64_t *wake_ms)
{
	const struct want want = {count, place->partition};
	struct share *share;
	int failed = shares_find(shares, place, &share);

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
	struct piece *pieces = shares_pieces(held, &count);

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
		shares->count--;
		free_share(share);
	}
}

int64_t
shares_lease_ms(struct shares *shares, const struct share_place *place,
    const struct topic *topic)
{
	const struct share *share = find(shares, place);

	return share == NULL ? topic_settings(topic)->lease_ms :
	    group_lease_ms(share->group, share->topic);
}

int64_t
shares_max_attempts(struct shares *shares, const struct share_place *place,
    const struct topic *topic)
{
	const struct share *share = find(shares, place);

	return share == NULL ? topic_settings(topic)->max_attempts :
	    group_max_attempts(share->group, share->topic);
}
