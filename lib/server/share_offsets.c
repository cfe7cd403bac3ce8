/* DescribeShareGroupOffsets: where share groups stand. */
#include "server/handlers.h"

#include "kafka/share_offsets.h"
#include "server/errand.h"
#include "server/group_counts.h"
#include "spool/state.h"

/* A place of a group; the name is the request's. */
struct place {
	struct slice topic;
	int32_t partition;
	int64_t start;
	int64_t lag;
	struct group_counts *counts; /* NULL: nobody asked */
};

/* All places of a group, in order of their topics. */
struct places {
	struct request *request;
	struct buf items; /* of struct place */
	bool wants_counts;
	bool is_there;
};

static const struct place *
place_at(const struct places *places, size_t index)
{
	return (const struct place *)(const void *)places->items.data + index;
}

static size_t
count_places(const struct places *places)
{
	return places->items.size / sizeof(struct place);
}

static int
note_place(const struct group_state *state, void *context)
{
	struct places *places = context;
	size_t count = count_places(places);
	struct place place = {.partition = state->partition,
	    .start = state->start, .lag = state->lag};

	if (state->order == ORDER_PARTITION)
		return 0;
	if (places->wants_counts)
		place.counts = group_counts_of(places->request, state);
	places->is_there = true;
	place.topic = count > 0 && slice_equal(place_at(places,
	    count - 1)->topic, slice_of(state->topic)) ?
	    place_at(places, count - 1)->topic :
	    request_copy(places->request, state->topic);
	buf_append(&places->items, &place, sizeof place);
	return 0;
}

static void
answer_place(const struct place *place,
    struct describe_share_offsets_response_partition *answer)
{
	answer->partition_index = place->partition;
	answer->start_offset = place->start;
	answer->leader_epoch = 0;
	answer->lag = place->lag;
	answer->counts = place->counts;
}

/* The places of one topic lie together. */
static size_t
count_of_topic(const struct places *places, size_t first)
{
	size_t end = first;

	while (end < count_places(places) && slice_equal(
	    place_at(places, end)->topic, place_at(places, first)->topic))
		end++;
	return end - first;
}

static void
describe_all(const struct places *places, struct storage *storage,
    struct list *topics)
{
	struct describe_share_offsets_response_topic *answer;
	size_t count = 0;

	for (size_t i = 0; i < count_places(places);
	    i += count_of_topic(places, i))
		count++;
	answer = request_new_list(places->request,
	    &describe_share_offsets_response_topic_schema, topics,
	    (int32_t)count);
	for (size_t i = 0, of_topic; i < count_places(places);
	    i += of_topic, answer++) {
		struct describe_share_offsets_response_partition *parts;

		of_topic = count_of_topic(places, i);
		answer->topic_name = place_at(places, i)->topic;
		storage_topic_id(storage, answer->topic_name, answer->topic_id);
		parts = request_new_list(places->request,
		    &describe_share_offsets_response_partition_schema,
		    &answer->partitions, (int32_t)of_topic);
		for (size_t k = 0; k < of_topic; k++)
			answer_place(place_at(places, i + k), &parts[k]);
	}
}

/* Where the group has not been yet there is no offset: -1. */
static void
describe_topic(const struct places *places, struct storage *storage,
    const struct describe_share_offsets_request_topic *wanted,
    struct describe_share_offsets_response_topic *answer)
{
	const int32_t *numbers = wanted->partitions.items;
	struct describe_share_offsets_response_partition *parts =
	    request_new_list(places->request,
	    &describe_share_offsets_response_partition_schema,
	    &answer->partitions, wanted->partitions.count);

	answer->topic_name = wanted->topic_name;
	storage_topic_id(storage, wanted->topic_name, answer->topic_id);
	for (int32_t i = 0; i < wanted->partitions.count; i++) {
		answer_place(&(struct place){.partition = numbers[i],
		    .start = -1, .lag = -1}, &parts[i]);
		for (size_t k = 0; k < count_places(places); k++) {
			const struct place *place = place_at(places, k);

			if (place->partition == numbers[i] && slice_equal(
			    place->topic, wanted->topic_name))
				answer_place(place, &parts[i]);
		}
	}
}

static void
describe_group(struct request *request, struct storage *storage,
    const struct describe_share_offsets_request_group *wanted,
    struct describe_share_offsets_response_group *answer)
{
	const struct describe_share_offsets_request *message =
	    request->message;
	const struct describe_share_offsets_request_topic *topics =
	    wanted->topics.items;
	struct describe_share_offsets_response_topic *answers;
	struct places places = {.request = request,
	    .wants_counts = message->asks_counts};
	struct slice name = request_copy_bytes(request, wanted->group_id);
	int failed = state_list(storage_spool(storage), name.data, NULL,
	    note_place, &places);

	answer->group_id = wanted->group_id;
	if (failed < 0) {
		answer->error_code = ERROR_COORDINATOR_NOT_AVAILABLE;
	} else if (!places.is_there) {
		answer->error_code = ERROR_GROUP_ID_NOT_FOUND;
		answer->error_message = slice_of("there is no such group");
	} else if (wanted->topics.count < 0) {
		describe_all(&places, storage, &answer->topics);
	} else {
		answers = request_new_list(request,
		    &describe_share_offsets_response_topic_schema,
		    &answer->topics, wanted->topics.count);
		for (int32_t i = 0; i < wanted->topics.count; i++)
			describe_topic(&places, storage, &topics[i],
			    &answers[i]);
	}
	buf_release(&places.items);
}

static void
run_describe(struct request *request, struct storage *storage)
{
	const struct describe_share_offsets_request *message =
	    request->message;
	struct describe_share_offsets_response *answer = request->answer;
	const struct describe_share_offsets_request_group *groups =
	    message->groups.items;
	struct describe_share_offsets_response_group *answers =
	    request_new_list(request,
	    &describe_share_offsets_response_group_schema, &answer->groups,
	    message->groups.count);

	for (int32_t i = 0; i < message->groups.count; i++) {
		if (!is_request_large(request)) {
			describe_group(request, storage, &groups[i],
			    &answers[i]);
			continue;
		}
		answers[i].group_id = groups[i].group_id;
		answers[i].error_code = ERROR_COORDINATOR_NOT_AVAILABLE;
	}
}

void
handle_describe_share_offsets(struct request *request)
{
	static const struct errand describe = {.run = run_describe};

	errand_send(request, request->server->index, &describe);
}
