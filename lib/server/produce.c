/* Produce: batches from the socket to the log, as they are. */
#include "server/handlers.h"

#include "base/fail.h"
#include "kafka/produce.h"
#include "server/parked.h"
#include "server/syncs.h"

#include <stdlib.h>
#include <string.h>

/* Of a batch that the loop appends itself, where that waits for nothing: it
 * copies it to the page cache. */
enum { NOW_BYTES_MAX = 64 * 1024 };

/* One partition's part of a request: a task of the partition's writer. */
struct append {
	struct task task;
	struct produce *produce;
	struct slice topic; /* its name */
	struct slice bytes; /* a batch, in the request */
	struct produce_response_partition *answer;
	unsigned char topic_id[16];
	int64_t end;        /* behind what was appended; -1: nothing was */
	int64_t sync_ms;    /* it is to be synced within that time; -1: not */
};

/* A request until the last of its parts is done. */
struct produce {
	struct request *request;
	struct append *appends;
	int32_t count;
	int32_t left;
};

/* What a client may not send: see kafka's own LogValidator for the codes. */
static enum error_code
check_batch(struct slice bytes, int version)
{
	struct batch_header header;

	if (bytes.size < BATCH_HEADER_SIZE ||
	    ((const unsigned char *)bytes.data)[16] != BATCH_MAGIC)
		return ERROR_INVALID_RECORD;
	if (batch_decode_header(bytes.data, bytes.size, &header) < 0 ||
	    batch_size(&header) > bytes.size)
		return ERROR_CORRUPT_MESSAGE;
	if (batch_size(&header) != bytes.size ||
	    header.last_offset_delta != header.record_count - 1 ||
	    (header.attributes & (BATCH_CONTROL | BATCH_TRANSACTIONAL)) != 0)
		return ERROR_INVALID_RECORD;
	if ((header.attributes & 7) == CODEC_ZSTD && version < 7)
		return ERROR_UNSUPPORTED_COMPRESSION_TYPE;
	if (!is_batch_intact(bytes.data, &header))
		return ERROR_CORRUPT_MESSAGE;
	return ERROR_NONE;
}

static void
note_appended(struct append *append, struct producers *producers,
    const struct batch_header *header, const struct partition_state *state)
{
	append->end = state->log_end;
	append->answer->base_offset = state->log_end - 1 -
	    header->last_offset_delta;
	append->answer->log_start_offset = state->log_start;
	producers_note(producers, header, append->answer->base_offset);
}

/* Appends it, unless its producer has stored it before: also by another server
 * of this spool, so the verdict has to hold where it is appended. A verdict, or
 * a failure. */
static int
append_once(struct append *append, struct partition *partition,
    struct producers *producers)
{
	struct produce_response_partition *answer = append->answer;
	struct batch_header header;
	struct partition_state state;
	int verdict, moved;

	batch_decode_header(append->bytes.data, append->bytes.size, &header);
	do {
		verdict = producers_check(producers, &header,
		    &answer->base_offset, &state);
		if (verdict == PRODUCERS_DUPLICATE) {
			append->end = answer->base_offset +
			    header.last_offset_delta + 1;
			if (partition_state(partition, &state) == 0)
				answer->log_start_offset = state.log_start;
		}
		if (verdict != PRODUCERS_NEW)
			return verdict;
		moved = partition_append_at(partition,
		    (void *)append->bytes.data, append->bytes.size, &state);
	} while (moved == 1);
	if (moved < 0)
		return moved;
	note_appended(append, producers, &header, &state);
	return PRODUCERS_NEW;
}

static enum error_code
code_of(int verdict)
{
	switch (verdict) {
	case PRODUCERS_OUT_OF_ORDER:
		return ERROR_OUT_OF_ORDER_SEQUENCE_NUMBER;
	case PRODUCERS_FENCED:
		return ERROR_INVALID_PRODUCER_EPOCH;
	case PRODUCERS_INVALID:
		return ERROR_INVALID_RECORD;
	default:
		return request_error(verdict);
	}
}

static enum error_code
append_batch(struct append *append, struct storage *storage)
{
	struct produce_response_partition *answer = append->answer;
	struct partition *partition;
	struct topic *topic;
	int done = storage_topic(storage, append->topic, &topic);

	if (done == 0)
		done = topic_partition(topic, answer->index, &partition);
	if (done == 0)
		done = append_once(append, partition,
		    storage_producers(storage, topic, answer->index));
	if (append->end < 0)
		return code_of(done);
	memcpy(append->topic_id, topic_id(topic), 16);
	return ERROR_NONE;
}

static void
begin_append(struct task *task, struct storage *storage)
{
	struct append *append = (struct append *)task;
	int version = append->produce->request->header.version;

	if (append->end >= 0)
		return; /* by the loop, already */
	append->answer->error_code =
	    (int16_t)check_batch(append->bytes, version);
	if (append->answer->error_code != 0)
		return;
	append->answer->error_code = (int16_t)append_batch(append, storage);
}

/* Says within which time it is to be synced. */
static void
note_interval(struct append *append, const struct topic *topic)
{
	const struct topic_settings *settings = topic_settings(topic);

	if (settings->sync == SYNC_INTERVAL)
		append->sync_ms = settings->sync_interval_ms;
}

/* Nothing is acknowledged whose topic went away under it, or which its topic
 * has promised to sync meanwhile. */
static int
wait_until_stored(struct append *append, struct storage *storage)
{
	struct topic *topic = storage_open_topic(storage, append->topic);
	struct partition *partition;
	int failed;

	if (topic == NULL || memcmp(topic_id(topic), append->topic_id, 16) != 0)
		return -FAIL_MISSING;
	do {
		failed = topic_partition(topic, append->answer->index,
		    &partition);
		if (failed == 0)
			failed = partition_wait(partition, append->end, -1);
		if (failed == 0)
			failed = topic_refresh(topic);
	} while (failed > 0);
	if (failed == 0)
		note_interval(append, topic);
	else /* the next one is to find another of this name */
		(void)storage_topic(storage, append->topic, &topic);
	return failed;
}

static void
finish_append(struct task *task, struct storage *storage)
{
	struct append *append = (struct append *)task;
	int failed;

	if (append->end < 0)
		return;
	failed = wait_until_stored(append, storage);
	if (failed < 0) {
		append->answer->error_code = (int16_t)request_error(failed);
		append->answer->base_offset = -1;
	}
}

static void
end_produce(struct produce *produce)
{
	struct request *request = produce->request;

	free(produce->appends);
	free(produce);
	request_answer(request);
}

static void
end_append(struct append *append)
{
	struct produce *produce = append->produce;

	if (append->sync_ms >= 0)
		syncs_add(produce->request->server->syncs, append->topic,
		    append->topic_id, append->answer->index, append->sync_ms);
	if (--produce->left == 0)
		end_produce(produce);
}

static void
on_appended(struct task *task)
{
	struct append *append = (struct append *)task;

	if (append->end >= 0)
		parking_look(append->produce->request->server->parking,
		    append->topic_id);
	end_append(append);
}

static struct tasks *
writer_of(const struct append *append)
{
	return server_writer(append->produce->request->server, append->topic,
	    append->answer->index);
}

/* What an append is to: as its writer has it open. */
struct place {
	struct topic *topic;
	struct partition *partition;
	struct producers *producers;
};

/* True if the loop may append this: nobody waits for a sync, and the writer
 * has nothing to do. */
static bool
find_ready(const struct append *append, struct place *place)
{
	struct storage *storage = tasks_storage(writer_of(append));
	int32_t number = append->answer->index;

	if (storage == NULL || append->bytes.size > NOW_BYTES_MAX)
		return false;
	place->topic = storage_open_topic(storage, append->topic);
	if (place->topic == NULL || topic_settings(place->topic)->sync == SYNC_ALWAYS ||
	    !is_topic_partition_open(place->topic, number) ||
	    topic_partition(place->topic, number, &place->partition) != 0)
		return false;
	place->producers = storage_producers(storage, place->topic, number);
	return true;
}

/* Whatever is not as it mostly is, is left to the writer; so is to finish what
 * was appended to a topic that has been changed or deleted. */
static bool
append_now(struct append *append)
{
	int version = append->produce->request->header.version;
	struct batch_header header;
	struct partition_state state;
	struct place place;
	int64_t stored;

	if (!find_ready(append, &place) ||
	    check_batch(append->bytes, version) != ERROR_NONE ||
	    batch_decode_header(append->bytes.data, append->bytes.size,
	    &header) < 0)
		return false;
	if (producers_recall(place.producers, &header, &stored, &state) !=
	    PRODUCERS_NEW ||
	    partition_append_now(place.partition, (void *)append->bytes.data,
	    append->bytes.size, &state) != 0)
		return false;
	parking_tell(append->produce->request->server->parking, place.topic);
	note_appended(append, place.producers, &header, &state);
	memcpy(append->topic_id, topic_id(place.topic), 16);
	note_interval(append, place.topic);
	if (topic_refresh(place.topic) != 0)
		return false;
	storage_know(append->produce->request->server->storage, place.topic);
	return true;
}

static void
begin_all(struct produce *produce)
{
	for (int32_t i = 0, count = produce->count; i < count; i++) {
		struct append *append = &produce->appends[i];

		if (append_now(append))
			end_append(append);
		else
			tasks_add(writer_of(append), &append->task);
	}
}

static int32_t
count_partitions(const struct produce_request *message)
{
	const struct produce_request_topic *topics = message->topic_data.items;
	int32_t count = 0;

	for (int32_t i = 0; i < message->topic_data.count; i++)
		count += topics[i].partition_data.count;
	return count;
}

/* The answer has the shape of the request; each of its partitions an append. */
static void
lay_out_topic(struct produce *produce, const struct produce_request_topic *topic,
    struct produce_response_topic *answer)
{
	const struct produce_request_partition *partitions =
	    topic->partition_data.items;
	struct produce_response_partition *answers = request_new_list(
	    produce->request, &produce_response_partition_schema,
	    &answer->partition_responses, topic->partition_data.count);

	answer->name = topic->name;
	for (int32_t i = 0; i < topic->partition_data.count; i++) {
		struct append *append = &produce->appends[produce->count++];

		answers[i].index = partitions[i].index;
		answers[i].base_offset = -1;
		append->task.begin = begin_append;
		append->task.finish = finish_append;
		append->task.done = on_appended;
		append->produce = produce;
		append->end = -1;
		append->sync_ms = -1;
		append->topic = topic->name;
		append->bytes = partitions[i].records.bytes;
		append->answer = &answers[i];
	}
}

static void
refuse(struct produce *produce, enum error_code code)
{
	for (int32_t i = 0; i < produce->count; i++)
		produce->appends[i].answer->error_code = (int16_t)code;
	end_produce(produce);
}

void
handle_produce(struct request *request)
{
	const struct produce_request *message = request->message;
	struct produce_response *answer = request->answer;
	const struct produce_request_topic *topics = message->topic_data.items;
	struct produce *produce = memory_alloc(sizeof *produce);
	struct produce_response_topic *answers = request_new_list(request,
	    &produce_response_topic_schema, &answer->responses,
	    message->topic_data.count);

	produce->request = request;
	produce->appends = memory_alloc(
	    ((size_t)count_partitions(message) + 1) * sizeof(struct append));
	for (int32_t i = 0; i < message->topic_data.count; i++)
		lay_out_topic(produce, &topics[i], &answers[i]);
	request->is_silent = message->acks == 0;
	produce->left = produce->count;
	if (message->acks < -1 || message->acks > 1)
		refuse(produce, ERROR_INVALID_REQUIRED_ACKS);
	else if (message->transactional_id.data != NULL)
		refuse(produce, ERROR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED);
	else if (produce->count == 0)
		end_produce(produce);
	else
		begin_all(produce);
}
