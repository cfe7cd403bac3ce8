/* The terms of a share session: how it takes leases. */
#include "server/share_terms.h"

#include <stdlib.h>
#include <string.h>

enum { STARTS_MAX = 1000, OFFSETS_MAX = 100000 };

static bool
is_good(const struct share_terms *terms)
{
	const struct share_start *starts = terms->starts.items;
	int64_t offsets = 0;

	for (int32_t i = 0; i < terms->starts.count; i++)
		offsets += starts[i].offsets.count;
	return terms->lease_ms >= 0 && terms->max_attempts >= 0 &&
	    terms->backoff_low_ms >= -1 &&
	    terms->backoff_high_ms >= terms->backoff_low_ms &&
	    (terms->order == ORDER_NONE || terms->order == ORDER_KEY) &&
	    terms->starts.count <= STARTS_MAX && offsets <= OFFSETS_MAX;
}

static void *
copy_items(const struct list *list, size_t size)
{
	size_t count = list->count < 0 ? 0 : (size_t)list->count;
	void *copy = memory_alloc((count + 1) * size);

	if (count > 0)
		memcpy(copy, list->items, count * size);
	return copy;
}

struct share_terms *
share_terms_copy(const struct share_terms *terms)
{
	struct share_terms *copy;
	struct share_start *starts;

	if (!is_good(terms))
		return NULL;
	copy = memory_alloc(sizeof *copy);
	*copy = *terms;
	starts = copy_items(&terms->starts, sizeof *starts);
	for (int32_t i = 0; i < terms->starts.count; i++)
		starts[i].offsets.items = copy_items(&starts[i].offsets,
		    sizeof(int64_t));
	copy->starts.items = starts;
	return copy;
}

void
share_terms_free(struct share_terms *terms)
{
	struct share_start *starts;

	if (terms == NULL)
		return;
	starts = terms->starts.items;
	for (int32_t i = 0; i < terms->starts.count; i++)
		free(starts[i].offsets.items);
	free(starts);
	free(terms);
}

bool
is_share_terms_equal(const struct share_terms *one,
    const struct share_terms *other)
{
	if (one == NULL || other == NULL)
		return one == other;
	return one->lease_ms == other->lease_ms &&
	    one->max_attempts == other->max_attempts &&
	    one->backoff_low_ms == other->backoff_low_ms &&
	    one->backoff_high_ms == other->backoff_high_ms &&
	    one->order == other->order && one->is_manual == other->is_manual;
}

static int64_t
start_of(struct topic *topic, int partition, void *context)
{
	const struct share_terms *terms = context;
	const struct share_start *starts = terms->starts.items;

	for (int32_t i = 0; i < terms->starts.count; i++) {
		const int64_t *offsets = starts[i].offsets.items;

		if (memcmp(starts[i].topic_id, topic_id(topic), 16) == 0 &&
		    partition < starts[i].offsets.count)
			return offsets[partition] < 0 ? -1 :
			    offsets[partition];
	}
	return -1;
}

struct group_options
share_terms_options(const struct share_terms *terms)
{
	struct group_options options = {
		.is_session = true,
		.backoff_low_ms = -1,
		.backoff_high_ms = -1,
	};

	if (terms == NULL)
		return options;
	options.order = (enum group_order)terms->order;
	options.is_session = !terms->is_manual;
	options.lease_ms = terms->lease_ms;
	options.max_attempts = terms->max_attempts;
	options.backoff_low_ms = terms->backoff_low_ms;
	options.backoff_high_ms = terms->backoff_high_ms;
	options.start = terms->starts.count > 0 ? start_of : NULL;
	options.context = (void *)(uintptr_t)terms;
	return options;
}
