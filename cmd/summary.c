/* One row of mq-stat: a topic, or a group on a topic, over its partitions. */
#include "summary.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"

struct collection {
	struct summary topic; /* its own counts, for each row */
	struct summary row;   /* the group whose partitions come in now */
	int64_t now_ms;
	int (*each)(const struct summary *row, void *context);
	void *context;
	bool is_empty;
};

static int
finish_row(struct collection *collection)
{
	struct summary *row = &collection->row;

	if (collection->is_empty)
		return 0;
	row->age_ms = row->oldest_ms >= 0 || row->lag == 0 ? 0 : -1;
	if (row->oldest_ms >= 0 && collection->now_ms > row->oldest_ms)
		row->age_ms = collection->now_ms - row->oldest_ms;
	return collection->each(row, collection->context);
}

static void
start_row(struct collection *collection, const char *group)
{
	struct summary *row = &collection->row;

	*row = collection->topic;
	snprintf(row->group, sizeof row->group, "%s", group);
	row->ready = row->leased = row->delayed = 0;
	row->dead = row->lag = row->members = 0;
	collection->is_empty = false;
}

static int
add_state(const struct group_state *state, void *context)
{
	struct collection *collection = context;
	struct summary *row = &collection->row;
	int result;

	if (collection->is_empty || strcmp(row->group, state->group) != 0) {
		result = finish_row(collection);
		if (result != 0)
			return result;
		start_row(collection, state->group);
	}
	keeper_add_count(&row->ready, state->ready);
	keeper_add_count(&row->leased, state->leased);
	keeper_add_count(&row->delayed, state->delayed);
	keeper_add_count(&row->dead, state->dead);
	keeper_add_count(&row->lag, state->lag);
	row->members = state->members;
	if (state->oldest_ms >= 0 &&
	    (row->oldest_ms < 0 || state->oldest_ms < row->oldest_ms))
		row->oldest_ms = state->oldest_ms;
	return 0;
}

static int
add_partition(const struct keeper_partition *partition, void *context)
{
	struct summary *row = context;

	row->messages += partition->high_watermark - partition->log_start;
	keeper_add_count(&row->bytes, partition->bytes);
	keeper_add_count(&row->segments, partition->segments);
	return 0;
}

int
summary_list(struct keeper *keeper, const char *topic, const char *group,
    int (*each)(const struct summary *row, void *context), void *context)
{
	struct collection collection = {.each = each,
	    .context = context,
	    .now_ms = clock_wall_ms(),
	    .is_empty = true};
	struct summary *row = &collection.topic;
	int result;

	row->ready = row->leased = row->delayed = row->dead = row->lag = -1;
	row->oldest_ms = row->age_ms = row->members = -1;
	snprintf(row->topic, sizeof row->topic, "%s", topic);
	result = keeper_partitions(keeper, topic, add_partition, row);
	if (result < 0)
		return result;
	result = keeper_groups(keeper, group, topic, add_state,
	    &collection);
	if (result != 0)
		return result;
	if (collection.is_empty)
		return group ? 0 : each(row, context);
	return finish_row(&collection);
}
