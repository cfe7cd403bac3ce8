/* A producer: a batch in the making for each partition. */
#include "queue/producer.h"
#include "base/fail.h"
#include "base/hash.h"
#include <stdlib.h>

enum {
	BATCH_BYTES = 256 * 1024,          /* if nobody says otherwise */
	COLLECTED_BYTES = 8 * 1024 * 1024, /* in all batches in the making */
};

/*
 * Invariants: collected is the sum of the builders' sizes of lanes that hold
 * records; broken is the failure of an append, after which nothing more is
 * appended, so that what is stored is a prefix of what each partition was
 * given.
 */
struct producer {
	struct sink *sink;
	struct producer_options options;
	struct batch_builder *builders; /* one per partition */
	int count;
	int sticky;         /* where keyless messages go, for a batch */
	size_t collected;
	struct buf batch;   /* the finished one */
	int64_t taken;
	int broken;
};

static enum codec
producer_codec(const struct producer *producer)
{
	if (producer->options.codec >= 0)
		return (enum codec)producer->options.codec;
	return producer->sink->codec;
}

/* Takes the number of partitions that the sink has now. */
static void
producer_resize(struct producer *producer)
{
	int count = producer->sink->partitions;

	if (count <= producer->count)
		return;
	producer->builders = memory_resize(producer->builders,
	    (size_t)count * sizeof(*producer->builders));
	for (int i = producer->count; i < count; i++)
		batch_builder_init(&producer->builders[i],
		    producer_codec(producer));
	producer->count = count;
}

int
producer_open(struct producer **producer, struct sink *sink,
    const struct producer_options *options)
{
	struct producer *made;
	uint32_t start;

	if (options->partition >= sink->partitions) {
		fail(FAIL_MISSING, "topic %s has no partition %d",
		    sink->topic, options->partition);
		sink->kind->close(sink);
		return -FAIL_MISSING;
	}
	made = memory_alloc(sizeof(*made));
	made->sink = sink;
	sink->told = options->stored;
	sink->context = options->context;
	made->options = *options;
	if (made->options.batch_bytes <= 0)
		made->options.batch_bytes = BATCH_BYTES;
	producer_resize(made);
	if (made->count > 1) {
		random_bytes(&start, sizeof(start));
		made->sticky = (int)(start % (uint32_t)made->count);
	}
	*producer = made;
	return 0;
}

/* Appends the bytes in producer->batch. */
static int
append_batch(struct producer *producer, int partition, int64_t count)
{
	struct sink *sink = producer->sink;
	int rc = producer->broken;

	if (rc >= 0)
		rc = sink->kind->append(sink, partition, count,
		    &producer->batch);
	producer_resize(producer);
	if (rc < 0)
		producer->broken = rc;
	return rc;
}

/* Memory of large batches is kept only while few partitions share the bound. */
static void
trim_memory(struct producer *producer, struct batch_builder *builder)
{
	enum { KEPT = 4 };

	if (producer->count > KEPT)
		batch_builder_release(builder);
}

static int
flush_lane(struct producer *producer, int partition)
{
	struct batch_builder *builder = &producer->builders[partition];
	int64_t count = builder->count;
	int rc;

	if (count == 0)
		return 0;
	if (producer->broken < 0)
		return producer->broken;
	producer->collected -= batch_builder_size(builder);
	buf_clear(&producer->batch);
	rc = batch_builder_finish(builder, &producer->batch);
	trim_memory(producer, builder);
	if (rc < 0) {
		producer->broken = rc;
		return rc;
	}
	return append_batch(producer, partition, count);
}

static int
flush_largest(struct producer *producer)
{
	int largest = 0;

	for (int i = 1; i < producer->count; i++) {
		if (batch_builder_size(&producer->builders[i]) >
		    batch_builder_size(&producer->builders[largest]))
			largest = i;
	}
	return flush_lane(producer, largest);
}

static int
choose_partition(const struct producer *producer, struct slice key)
{
	if (producer->options.partition >= 0)
		return producer->options.partition;
	if (key.data != NULL)
		return (int)((hash_murmur2(key.data, key.size) & INT32_MAX) %
		    (uint32_t)producer->sink->partitions);
	return producer->sticky;
}

/* The next keyless batch goes elsewhere. */
static void
move_sticky(struct producer *producer, int partition)
{
	if (partition == producer->sticky)
		producer->sticky = (partition + 1) % producer->count;
}

/* An estimate from above: seven varints and what they count. */
static int64_t
record_bytes(const struct record *record)
{
	return (int64_t)(record->key.size + record->value.size +
	    record->headers.size) + 40;
}

static int
check_size(const struct producer *producer, const struct record *record)
{
	int64_t max = *producer->sink->max_bytes;
	int64_t bytes = record_bytes(record) - 40 + BATCH_HEADER_SIZE + 8;

	if (bytes <= max && bytes <= BATCH_MAX_SIZE)
		return 0;
	return fail(FAIL_DATA, "message of %zu bytes: more than "
	    "max.message.bytes (%lld) of topic %s allows", record->value.size,
	    (long long)max, producer->sink->topic);
}

/* True if the batch must go before another `more` bytes may be added. */
static bool
is_full(const struct producer *producer, const struct batch_builder *builder,
    int64_t more)
{
	int64_t max = *producer->sink->max_bytes;
	int64_t limit = producer->options.batch_bytes;

	if (limit > max)
		limit = max;
	return builder->count > 0 &&
	    (int64_t)batch_builder_size(builder) + more > limit;
}

static bool
has_count(const struct producer *producer, const struct batch_builder *builder)
{
	return producer->options.batch_count > 0 &&
	    builder->count >= producer->options.batch_count;
}

int
producer_put(struct producer *producer, const struct message *message)
{
	const struct record *record = &message->record;
	int partition = choose_partition(producer, record->key);
	struct batch_builder *builder = &producer->builders[partition];
	size_t before;
	int rc = check_size(producer, record);

	if (rc >= 0 && is_full(producer, builder, record_bytes(record))) {
		rc = flush_lane(producer, partition);
		move_sticky(producer, partition);
		partition = choose_partition(producer, record->key);
		if (rc >= 0 && is_full(producer, &producer->builders[partition],
		    record_bytes(record)))
			rc = flush_lane(producer, partition);
	}
	if (rc < 0)
		return rc;
	builder = &producer->builders[partition]; /* a flush may move them */
	before = builder->count > 0 ? batch_builder_size(builder) : 0;
	batch_builder_append(builder, record);
	producer->collected += batch_builder_size(builder) - before;
	producer->taken++;
	if (has_count(producer, builder)) {
		rc = flush_lane(producer, partition);
		move_sticky(producer, partition);
	}
	if (rc >= 0 && producer->collected > COLLECTED_BYTES)
		rc = flush_largest(producer);
	return rc;
}

int
producer_flush(struct producer *producer, bool wait)
{
	int rc = 0, waited = 0;

	for (int i = 0; rc >= 0 && i < producer->count; i++) {
		if (producer->builders[i].count == 0)
			continue;
		rc = flush_lane(producer, i);
		move_sticky(producer, i);
	}
	if (wait)
		waited = producer->sink->kind->wait(producer->sink);
	producer_resize(producer);
	return rc < 0 ? rc : waited;
}

/* What a native batch says about where it belongs. */
struct routing {
	int partition;   /* of the first record */
	bool is_mixed;   /* another record belongs elsewhere */
};

static int
route_batch(struct producer *producer, struct batch_reader *reader,
    struct routing *routing)
{
	struct record record;
	int rc;

	routing->partition = producer->options.partition;
	routing->is_mixed = false;
	if (producer->count == 1)
		routing->partition = 0;
	if (routing->partition >= 0)
		return 0;
	while ((rc = batch_reader_next(reader, &record)) > 0) {
		int partition = choose_partition(producer, record.key);

		if (routing->partition < 0)
			routing->partition = partition;
		else if (routing->partition != partition)
			routing->is_mixed = true;
	}
	if (rc == -FAIL_CORRUPT)
		return fail(FAIL_DATA, "%s", fail_message());
	return rc;
}

static int
put_split(struct producer *producer, struct batch_reader *reader)
{
	struct message message = {.partition = -1, .has_timestamp = true};
	int rc;

	while ((rc = batch_reader_next(reader, &message.record)) > 0) {
		rc = producer_put(producer, &message);
		if (rc < 0)
			break;
	}
	return rc;
}

static int
put_whole(struct producer *producer, struct slice bytes, int partition,
    int32_t count)
{
	int rc = flush_lane(producer, partition);

	if (rc < 0)
		return rc;
	producer->taken += count;
	buf_clear(&producer->batch);
	buf_append_slice(&producer->batch, bytes);
	move_sticky(producer, partition);
	return append_batch(producer, partition, count);
}

int
producer_put_batch(struct producer *producer, struct slice bytes)
{
	struct batch_reader reader, again;
	struct buf scratch = {0};
	struct routing routing;
	int rc = batch_reader_open(&reader, bytes.data, bytes.size, &scratch);

	if (rc == -FAIL_CORRUPT)
		rc = fail(FAIL_DATA, "%s", fail_message());
	if (rc < 0)
		goto out;
	if (reader.header.attributes & (BATCH_CONTROL | BATCH_TRANSACTIONAL)) {
		rc = fail(FAIL_DATA, "batch at offset %lld belongs to a "
		    "transaction", (long long)reader.header.base_offset);
		goto out;
	}
	again = reader;
	rc = route_batch(producer, &again, &routing);
	if (rc < 0 || reader.header.record_count == 0)
		goto out;
	rc = routing.is_mixed ? put_split(producer, &reader)
	    : put_whole(producer, bytes, routing.partition,
	    reader.header.record_count);
out:
	buf_release(&scratch);
	return rc;
}

int64_t
producer_stored(const struct producer *producer)
{
	return producer->sink->stored;
}

int64_t
producer_unknown(const struct producer *producer)
{
	return producer->sink->kind->unknown(producer->sink);
}

int64_t
producer_taken(const struct producer *producer)
{
	return producer->taken;
}

int
producer_tick(struct producer *producer, int64_t *due_ms)
{
	return producer->sink->kind->tick(producer->sink, due_ms);
}

int
producer_finish(struct producer *producer)
{
	int rc = producer_flush(producer, true);
	int synced = producer->sink->kind->sync(producer->sink);

	return rc < 0 ? rc : synced;
}

void
producer_close(struct producer *producer)
{
	if (producer == NULL)
		return;
	for (int i = 0; i < producer->count; i++)
		batch_builder_release(&producer->builders[i]);
	free(producer->builders);
	buf_release(&producer->batch);
	producer->sink->kind->close(producer->sink);
	free(producer);
}
