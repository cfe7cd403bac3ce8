/* OffsetForLeaderEpoch: where an epoch ends, by which a client finds out that
 * the log was cut under it. */
#include "server/leader_epoch.h"

#include "kafka/fetch.h"
#include "server/errand.h"
#include "server/handlers.h"

enum error_code
leader_epoch_check(int32_t asked, int32_t ours)
{
	if (asked >= 0 && asked < ours)
		return ERROR_FENCED_LEADER_EPOCH;
	return asked > ours ? ERROR_UNKNOWN_LEADER_EPOCH : ERROR_NONE;
}

static enum error_code
look_up(struct storage *storage, struct slice name,
    const struct leader_epoch_request_partition *wanted,
    struct leader_epoch_response_partition *answer)
{
	struct topic *topic;
	struct partition *partition;
	struct partition_state state;
	enum error_code code;
	int failed = storage_topic(storage, name, &topic);

	if (failed == 0)
		failed = topic_partition(topic, wanted->partition, &partition);
	if (failed == 0)
		failed = partition_state(partition, &state);
	if (failed < 0)
		return request_error(failed);
	code = leader_epoch_check(wanted->current_leader_epoch, state.epoch);
	if (code != ERROR_NONE)
		return code;
	return request_error(partition_epoch_end(partition,
	    wanted->leader_epoch, &answer->leader_epoch, &answer->end_offset));
}

static void
lay_out(struct request *request)
{
	const struct leader_epoch_request *message = request->message;
	struct leader_epoch_response *answer = request->answer;
	const struct leader_epoch_request_topic *topics =
	    message->topics.items;
	struct leader_epoch_response_topic *answers = request_new_list(
	    request, &leader_epoch_response_topic_schema, &answer->topics,
	    message->topics.count);

	for (int32_t i = 0; i < message->topics.count; i++) {
		const struct leader_epoch_request_partition *wanted =
		    topics[i].partitions.items;
		struct leader_epoch_response_partition *parts =
		    request_new_list(request,
		    &leader_epoch_response_partition_schema,
		    &answers[i].partitions, topics[i].partitions.count);

		answers[i].topic = topics[i].topic;
		for (int32_t j = 0; j < topics[i].partitions.count; j++)
			parts[j].partition = wanted[j].partition;
	}
}

/* One partition. */
static bool
step_lookup(struct request *request, struct storage *storage)
{
	const struct leader_epoch_request *message = request->message;
	const struct leader_epoch_response *answer = request->answer;
	const struct leader_epoch_request_topic *topics =
	    message->topics.items;
	const struct leader_epoch_response_topic *answers =
	    answer->topics.items;
	const struct leader_epoch_request_partition *wanted;
	struct leader_epoch_response_partition *parts;
	int32_t i = request->steps[0], k = request->steps[1]++;

	if (i >= message->topics.count)
		return false;
	if (k >= topics[i].partitions.count) {
		request->steps[0]++;
		request->steps[1] = 0;
		return true;
	}
	wanted = topics[i].partitions.items;
	parts = answers[i].partitions.items;
	parts[k].error_code = (int16_t)look_up(storage, topics[i].topic,
	    &wanted[k], &parts[k]);
	return true;
}

void
handle_leader_epoch(struct request *request)
{
	static const struct errand errand = {.step = step_lookup};

	lay_out(request);
	errand_send(request, request->server->errands, &errand);
}
