/* Appending a batch that a client sent: at once, or by its partition's writer. */
#include "server/append.h"

#include "base/fail.h"
#include "base/futex.h"
#include "server/parked.h"

#include <string.h>

/* Of a batch that the loop appends itself, where that waits for nothing: it
 * copies it to the page cache. */
enum { NOW_BYTES_MAX = 64 * 1024 };

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

/* Stored before: the answer is as it was then. */
static void
note_duplicate(struct append *append, struct partition *partition,
    const struct batch_header *header)
{
	struct produce_response_partition *answer = append->answer;
	struct partition_state state;

	append->end = answer->base_offset + header->last_offset_delta + 1;
	if (partition_state(partition, &state) == 0)
		answer->log_start_offset = state.log_start;
}

/* Appends it, unless its producer has stored it before: also by another server
 * of this spool, so the verdict has to hold where it is appended. What is known
 * is enough if it says that the batch is new. A verdict, or a failure. */
static int
append_once(struct append *append, struct partition *partition,
    struct producers *producers)
{
	int64_t *stored = &append->answer->base_offset;
	struct batch_header header;
	struct partition_state state;
	int verdict, moved;

	batch_decode_header(append->bytes.data, append->bytes.size, &header);
	verdict = producers_recall(producers, &header, stored, &state);
	if (verdict != PRODUCERS_NEW)
		verdict = producers_check(producers, &header, stored, &state);
	while (verdict == PRODUCERS_NEW) {
		moved = partition_append_at(partition,
		    (void *)append->bytes.data, append->bytes.size, &state);
		if (moved == 0)
			note_appended(append, producers, &header, &state);
		if (moved != 1)
			return moved;
		verdict = producers_check(producers, &header, stored, &state);
	}
	if (verdict == PRODUCERS_DUPLICATE)
		note_duplicate(append, partition, &header);
	return verdict;
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

static int
append_to(struct append *append, struct storage *storage, struct topic *topic)
{
	int number = append->answer->index;
	struct partition *partition;
	int done = topic_partition(topic, number, &partition);

	if (done == 0)
		done = append_once(append, partition,
		    storage_producers(storage, topic, number));
	memcpy(append->topic_id, topic_id(topic), 16);
	return done;
}

/* First to the topic as it was when it was looked at last: it is looked at
 * before anything is acknowledged. */
static enum error_code
append_batch(struct append *append, struct storage *storage)
{
	struct topic *topic = storage_open_topic(storage, append->topic);
	int done = topic == NULL ? -FAIL_MISSING :
	    append_to(append, storage, topic);

	if (done < 0) {
		done = storage_topic(storage, append->topic, &topic);
		if (done == 0)
			done = append_to(append, storage, topic);
	}
	return append->end < 0 ? code_of(done) : ERROR_NONE;
}

static void
begin(struct task *task, struct storage *storage)
{
	struct append *append = (struct append *)task;
	int version = append->request->header.version;

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
finish(struct task *task, struct storage *storage)
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

static struct tasks *
writer_of(const struct append *append)
{
	return server_writer(append->request->server, append->topic,
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
	if (place->topic == NULL ||
	    topic_settings(place->topic)->sync == SYNC_ALWAYS ||
	    !is_topic_partition_open(place->topic, number) ||
	    topic_partition(place->topic, number, &place->partition) != 0)
		return false;
	place->producers = storage_producers(storage, place->topic, number);
	return true;
}

/* Who waits is told of what is as the topic says now; of anything else the
 * writer finds out what to say. True if all is said. */
static bool
tell(const struct append *append, struct topic *topic,
    const struct partition_state *state)
{
	struct parking *parking = append->request->server->parking;
	struct news news = {
		.topic_id = append->topic_id,
		.partition = append->answer->index,
		.first = append->answer->base_offset,
		.bytes = append->bytes,
		.state = *state,
	};
	uint32_t *word = topic_doorbell(topic);

	if (topic_refresh(topic) == 0) {
		parking_tell(parking, topic, &news);
		return true;
	}
	if (word != NULL)
		futex_ring(word);
	return false;
}

/* Whatever is not as it mostly is, is left to the writer; so is to finish what
 * was appended to a topic that has been changed or deleted. */
static bool
start_now(struct append *append)
{
	int version = append->request->header.version;
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
	note_appended(append, place.producers, &header, &state);
	memcpy(append->topic_id, topic_id(place.topic), 16);
	note_interval(append, place.topic);
	return tell(append, place.topic, &state);
}

bool
append_start(struct append *append)
{
	append->end = -1;
	append->sync_ms = -1;
	append->task.begin = begin;
	append->task.finish = finish;
	if (start_now(append))
		return true;
	tasks_add(writer_of(append), &append->task);
	return false;
}
