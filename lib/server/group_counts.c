/* Counts of groups for our tools. */
#include "server/group_counts.h"

struct group_counts *
group_counts_of(struct request *request, const struct group_state *state)
{
	struct group_counts *counts;

	request->arena.limit = SIZE_MAX;
	counts = arena_take(&request->arena, 1, sizeof *counts);
	*counts = (struct group_counts){state->ready, state->leased,
	    state->delayed, state->dead, (int8_t)state->order};
	return counts;
}

/* States and answers are both in order of their topics. */
struct filling {
	struct request *request;
	struct offset_fetch_response_topic *topics;
	int32_t count;
	int32_t at;
};

static int
fill_one(const struct group_state *state, void *context)
{
	struct filling *filling = context;
	struct offset_fetch_response_topic *topic;
	struct offset_fetch_response_partition *parts;
	int32_t tries = 0;

	while (tries < filling->count && !slice_equal(
	    filling->topics[filling->at].name, slice_of(state->topic))) {
		filling->at = (filling->at + 1) % filling->count;
		tries++;
	}
	if (tries == filling->count)
		return 0;
	topic = &filling->topics[filling->at];
	parts = topic->partitions.items;
	for (int32_t i = 0; i < topic->partitions.count; i++)
		if (parts[i].partition_index == state->partition)
			parts[i].counts = group_counts_of(filling->request,
			    state);
	return 0;
}

/* Where they cannot be read they are not told. */
void
group_counts_fill(struct request *request, struct storage *storage,
    struct offset_fetch_response_group *answer)
{
	struct filling filling = {request, answer->topics.items,
	    answer->topics.count, 0};
	struct slice name = request_copy_bytes(request, answer->group_id);

	if (filling.count > 0)
		(void)state_list(storage_spool(storage), name.data, NULL,
		    fill_one, &filling);
}
