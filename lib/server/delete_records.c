/* DeleteRecords: what is below an offset goes. */
#include "server/handlers.h"

#include "base/fail.h"
#include "kafka/topics.h"
#include "server/errand.h"

enum { TO_THE_END = -1 };

static enum error_code
trim(struct topic *topic, struct partition *partition, int64_t offset,
    struct delete_records_response_partition *answer)
{
	struct partition_state state;
	int failed = partition_state(partition, &state);

	if (failed == 0 && offset == TO_THE_END)
		offset = state.high_watermark;
	if (failed == 0 && (offset < 0 || offset > state.high_watermark))
		return ERROR_OFFSET_OUT_OF_RANGE;
	if (failed == 0)
		failed = partition_trim(partition, offset,
		    &answer->low_watermark);
	/* Nothing is said of a topic that went away under it. */
	if (failed == 0 && topic_refresh(topic) < 0)
		failed = -FAIL_MISSING;
	if (failed < 0)
		answer->low_watermark = -1;
	return failed == -FAIL_DATA ? ERROR_OFFSET_OUT_OF_RANGE
	                            : request_error(failed);
}

static void
delete(struct storage *storage, struct slice name, int64_t offset,
    struct delete_records_response_partition *answer)
{
	struct partition *partition;
	struct topic *topic;
	int failed = storage_topic(storage, name, &topic);

	if (failed == 0)
		failed = topic_partition(topic, answer->partition_index,
		    &partition);
	answer->error_code = (int16_t)(failed < 0 ? request_error(failed)
	    : trim(topic, partition, offset, answer));
}

static void
lay_out(struct request *request)
{
	const struct delete_records_request *message = request->message;
	struct delete_records_response *answer = request->answer;
	const struct delete_records_request_topic *topics =
	    message->topics.items;
	struct delete_records_response_topic *answers = request_new_list(
	    request, &delete_records_response_topic_schema, &answer->topics,
	    message->topics.count);

	for (int32_t i = 0; i < message->topics.count; i++) {
		const struct delete_records_request_partition *wanted =
		    topics[i].partitions.items;
		struct delete_records_response_partition *parts =
		    request_new_list(request,
		    &delete_records_response_partition_schema,
		    &answers[i].partitions, topics[i].partitions.count);

		answers[i].name = topics[i].name;
		for (int32_t j = 0; j < topics[i].partitions.count; j++) {
			parts[j].partition_index = wanted[j].partition_index;
			parts[j].low_watermark = -1;
		}
	}
}

/* One partition. */
static bool
step_delete(struct request *request, struct storage *storage)
{
	const struct delete_records_request *message = request->message;
	const struct delete_records_response *answer = request->answer;
	const struct delete_records_request_topic *topics =
	    message->topics.items;
	const struct delete_records_response_topic *answers =
	    answer->topics.items;
	const struct delete_records_request_partition *wanted;
	struct delete_records_response_partition *parts;
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
	delete(storage, topics[i].name, wanted[k].offset, &parts[k]);
	return true;
}

void
handle_delete_records(struct request *request)
{
	static const struct errand errand = {.step = step_delete};

	lay_out(request);
	errand_send(request, request->server->errands, &errand);
}
