/* Asking the leaders of partitions for offsets. */
#include "queue/remote_offsets.h"

#include "kafka/fetch.h"

#include <stdlib.h>
#include <string.h>

enum { RESPONSE_BYTES = 16 * 1024 * 1024 /* decoded */ };

/* The partitions that one broker leads. */
struct asking {
	struct client *client;
	struct list_offsets_request_partition *parts;
	int32_t count;
};

static int
take_answer(const struct list_offsets_response *response,
    const struct remote_topic *topic, int64_t *offsets)
{
	const struct list_offsets_response_topic *topics =
	    response->topics.items;

	for (int32_t i = 0; i < response->topics.count; i++) {
		const struct list_offsets_response_partition *parts =
		    topics[i].partitions.items;

		for (int32_t k = 0; k < topics[i].partitions.count; k++) {
			int at = parts[k].partition_index;

			if (parts[k].error_code != 0)
				return brokers_error(parts[k].error_code,
				    (struct slice){0}, topic->name);
			if (at >= 0 && at < topic->partitions)
				offsets[at] = parts[k].offset;
		}
	}
	return 0;
}

static int
ask_leader(const struct asking *asking, const struct remote_topic *topic,
    int64_t *offsets)
{
	struct list_offsets_request message;
	struct list_offsets_request_topic wanted;
	struct list_offsets_response response;
	struct arena arena = arena_limited(RESPONSE_BYTES);
	int failed;

	schema_preset(&list_offsets_request_schema, &message);
	message.replica_id = -1;
	message.topics = (struct list){&wanted, 1};
	wanted.name = slice_of(topic->name);
	wanted.partitions = (struct list){asking->parts, asking->count};
	failed = client_call(asking->client, &api_list_offsets, &message,
	    &arena, &response, BROKERS_PATIENCE_MS);
	if (failed == 0)
		failed = take_answer(&response, topic, offsets);
	arena_release(&arena);
	return failed;
}

/* Takes the partitions that the leader of number `first` leads. */
static int
choose(struct brokers *brokers, const struct remote_topic *topic, int first,
    int64_t time_ms, struct asking *asking)
{
	int failed = brokers_leader(brokers, topic, first, &asking->client);

	asking->count = 0;
	for (int i = first; failed == 0 && i < topic->partitions; i++) {
		struct list_offsets_request_partition *part;

		if (topic->leaders[i] != topic->leaders[first])
			continue;
		part = &asking->parts[asking->count++];
		schema_preset(&list_offsets_request_partition_schema, part);
		part->partition_index = i;
		part->timestamp = time_ms;
	}
	return failed;
}

static bool
is_led_before(const struct remote_topic *topic, int partition)
{
	for (int i = 0; i < partition; i++) {
		if (topic->leaders[i] == topic->leaders[partition])
			return true;
	}
	return false;
}

int
remote_offsets_at(struct brokers *brokers, const struct remote_topic *topic,
    int64_t time_ms, int64_t *offsets)
{
	struct asking asking = {0};
	int failed = 0;

	asking.parts = memory_alloc((size_t)topic->partitions *
	    sizeof(*asking.parts));
	memset(offsets, -1, (size_t)topic->partitions * sizeof(*offsets));
	for (int i = 0; failed == 0 && i < topic->partitions; i++) {
		if (is_led_before(topic, i))
			continue;
		failed = choose(brokers, topic, i, time_ms, &asking);
		if (failed == 0)
			failed = ask_leader(&asking, topic, offsets);
	}
	free(asking.parts);
	return failed;
}

int
remote_offsets(struct brokers *brokers, const struct remote_topic *topic,
    int64_t *starts, int64_t *ends)
{
	int failed = remote_offsets_at(brokers, topic, LIST_OFFSETS_EARLIEST,
	    starts);

	return failed < 0 ? failed : remote_offsets_at(brokers, topic,
	    LIST_OFFSETS_LATEST, ends);
}

/* So many before the end, and not before the beginning. */
static int
resolve_last(struct brokers *brokers, const struct remote_topic *topic,
    int64_t before, int64_t *offsets)
{
	int64_t *earliest = memory_alloc((size_t)topic->partitions *
	    sizeof(*earliest));
	int failed = remote_offsets_at(brokers, topic, LIST_OFFSETS_EARLIEST,
	    earliest);

	for (int i = 0; failed == 0 && i < topic->partitions; i++)
		offsets[i] = offsets[i] - before < earliest[i] ? earliest[i] :
		    offsets[i] - before;
	free(earliest);
	return failed;
}

/* Behind the last message that is older. */
static int
resolve_time(struct brokers *brokers, const struct remote_topic *topic,
    int64_t time_ms, int64_t *offsets)
{
	int64_t *found = memory_alloc((size_t)topic->partitions *
	    sizeof(*found));
	int failed = remote_offsets_at(brokers, topic,
	    time_ms < 0 ? 0 : time_ms, found);

	for (int i = 0; failed == 0 && i < topic->partitions; i++) {
		if (found[i] >= 0)
			offsets[i] = found[i];
	}
	free(found);
	return failed;
}

int
remote_resolve(struct brokers *brokers, const struct remote_topic *topic,
    const struct bound *bound, int64_t *offsets)
{
	int failed = remote_offsets_at(brokers, topic, bound->kind ==
	    BOUND_START ? LIST_OFFSETS_EARLIEST : LIST_OFFSETS_LATEST, offsets);

	if (failed == 0 && bound->kind == BOUND_LAST)
		return resolve_last(brokers, topic, bound->value, offsets);
	if (failed == 0 && bound->kind == BOUND_TIME)
		return resolve_time(brokers, topic, bound->value, offsets);
	for (int i = 0; i < topic->partitions &&
	    bound->kind == BOUND_OFFSET; i++)
		offsets[i] = bound->value;
	return failed;
}
