/* ListOffsets: where a partition begins and ends, and what is at a time. */
#include "server/handlers.h"

#include "kafka/fetch.h"
#include "server/errand.h"
#include "server/leader_epoch.h"
#include "spool/positions.h"

/* A batch whose records are not looked at stands for the first of them. */
static void
answer_batch(const struct batch_header *header, int64_t offset,
    struct list_offsets_response_partition *answer)
{
	answer->offset = offset > header->base_offset ? offset :
	    header->base_offset;
	answer->timestamp = header->max_timestamp;
}

static void
find_record(struct batch_reader *records, int64_t offset, int64_t least_ms,
    struct list_offsets_response_partition *answer)
{
	struct record record;

	while (batch_reader_next(records, &record) == 1) {
		if (record.offset < offset || record.timestamp < least_ms)
			continue;
		answer->offset = record.offset;
		answer->timestamp = record.timestamp;
		break;
	}
}

/* The first record of a partition at or after a time, from offset on. What a
 * client has packed need not be what it says, or be small. */
static int
read_record(struct partition *partition, int64_t offset, int64_t least_ms,
    struct list_offsets_response_partition *answer)
{
	struct partition_reader *reader;
	struct batch_header header;
	struct position position;
	struct slice bytes;
	struct batch_reader records;
	struct buf scratch = {0};
	int found = partition_reader_open(&reader, partition, offset, NULL);

	if (found < 0)
		return found;
	found = partition_reader_next(reader, &bytes, &header, &position);
	if (found == 1 && batch_reader_open_within(&records, bytes.data,
	    bytes.size, BATCH_LOOK_MAX, &scratch) == 0)
		find_record(&records, offset, least_ms, answer);
	else if (found == 1)
		answer_batch(&header, offset, answer);
	buf_release(&scratch);
	partition_reader_close(reader);
	return found < 0 ? found : 0;
}

static int
find_time(struct topic *topic, struct partition *partition, int64_t wall_ms,
    struct list_offsets_response_partition *answer)
{
	struct partition_state state;
	struct position hint;
	int64_t offset;
	int known = positions_find_time(topic, answer->partition_index,
	    wall_ms, &hint);
	int failed = partition_find_time(partition, wall_ms,
	    known == 1 ? &hint : NULL, &offset);

	if (failed == 0)
		failed = partition_state(partition, &state);
	if (failed < 0 || offset >= state.high_watermark)
		return failed;
	return read_record(partition, offset, wall_ms, answer);
}

/* The first of the records with the highest timestamp: what is known of the log
 * before its last known place tells without a walk, unless that is trimmed. */
static int
find_newest(struct topic *topic, struct partition *partition,
    const struct partition_state *state,
    struct list_offsets_response_partition *answer)
{
	struct position last;
	int64_t wall_ms;
	bool is_known = positions_find(topic, answer->partition_index,
	    state->high_watermark, &last) == 1 && last.timestamp >= 0;
	int failed = partition_find_newest(partition, is_known ? &last : NULL,
	    &wall_ms);

	if (failed == 0 && wall_ms >= 0)
		failed = find_time(topic, partition, wall_ms, answer);
	if (failed < 0 || answer->offset >= 0 || !is_known)
		return failed;
	failed = partition_find_newest(partition, NULL, &wall_ms);
	return failed < 0 || wall_ms < 0 ? failed :
	    find_time(topic, partition, wall_ms, answer);
}

static int
find(struct topic *topic, struct partition *partition,
    const struct partition_state *state, int64_t timestamp,
    struct list_offsets_response_partition *answer)
{
	answer->leader_epoch = state->epoch;
	switch (timestamp) {
	case LIST_OFFSETS_LATEST:
		answer->offset = state->high_watermark;
		return 0;
	case LIST_OFFSETS_EARLIEST:
		answer->offset = state->log_start;
		return 0;
	case LIST_OFFSETS_MAX_TIMESTAMP:
		return find_newest(topic, partition, state, answer);
	default:
		return find_time(topic, partition, timestamp, answer);
	}
}

static enum error_code
look_up(struct storage *storage, struct slice name,
    const struct list_offsets_request_partition *wanted,
    struct list_offsets_response_partition *answer)
{
	struct topic *topic;
	struct partition *partition;
	struct partition_state state;
	enum error_code code = ERROR_NONE;
	int failed = storage_topic(storage, name, &topic);

	if (failed == 0)
		failed = topic_partition(topic, wanted->partition_index,
		    &partition);
	if (failed == 0)
		failed = partition_state(partition, &state);
	if (failed == 0)
		code = leader_epoch_check(wanted->current_leader_epoch,
		    state.epoch);
	if (failed == 0 && code == ERROR_NONE)
		failed = find(topic, partition, &state, wanted->timestamp,
		    answer);
	return failed < 0 ? request_error(failed) : code;
}

/* One partition. */
static bool
step_lookup(struct request *request, struct storage *storage)
{
	const struct list_offsets_request *message = request->message;
	const struct list_offsets_response *answer = request->answer;
	const struct list_offsets_request_topic *topic = message->topics.items;
	const struct list_offsets_response_topic *topic_answer =
	    answer->topics.items;
	const struct list_offsets_request_partition *wanted;
	struct list_offsets_response_partition *part;
	int32_t i = request->steps[0], k = request->steps[1]++;

	if (i >= message->topics.count)
		return false;
	if (k >= topic[i].partitions.count) {
		request->steps[0]++;
		request->steps[1] = 0;
		return true;
	}
	wanted = topic[i].partitions.items;
	part = topic_answer[i].partitions.items;
	part[k].error_code = (int16_t)look_up(storage, topic[i].name,
	    &wanted[k], &part[k]);
	return true;
}

/* A time may lie where nobody has read for long. */
void
handle_list_offsets(struct request *request)
{
	static const struct errand lookup = {.step = step_lookup};
	const struct list_offsets_request *message = request->message;
	struct list_offsets_response *answer = request->answer;
	const struct list_offsets_request_topic *topics = message->topics.items;
	struct list_offsets_response_topic *answers = request_new_list(request,
	    &list_offsets_response_topic_schema, &answer->topics,
	    message->topics.count);

	for (int32_t i = 0; i < message->topics.count; i++) {
		const struct list_offsets_request_partition *wanted =
		    topics[i].partitions.items;
		struct list_offsets_response_partition *parts =
		    request_new_list(request,
		    &list_offsets_response_partition_schema,
		    &answers[i].partitions, topics[i].partitions.count);

		answers[i].name = topics[i].name;
		for (int32_t j = 0; j < topics[i].partitions.count; j++)
			parts[j].partition_index = wanted[j].partition_index;
	}
	errand_send(request, request->server->errands, &lookup);
}
