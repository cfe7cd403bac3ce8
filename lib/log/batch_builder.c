/* Building a batch: records encoded as they come, then packed and sealed. */
#include "log/batch.h"
#include "log/codec.h"
#include "log/varint.h"

static void
builder_empty(struct batch_builder *builder)
{
	builder->count = 0;
	builder->base_timestamp = 0;
	builder->max_timestamp = 0;
	builder->producer_id = -1;
	builder->producer_epoch = -1;
	builder->base_sequence = -1;
	buf_clear(&builder->records);
	buf_clear(&builder->packed);
}

void
batch_builder_init(struct batch_builder *builder, enum codec codec)
{
	memset(builder, 0, sizeof(*builder));
	builder->codec = codec;
	builder_empty(builder);
}

/* Timestamps are any 64 bits: the delta wraps, and so does its sum. */
static int64_t
timestamp_delta(struct batch_builder *builder, int64_t timestamp)
{
	if (builder->count == 0) {
		builder->base_timestamp = timestamp;
		builder->max_timestamp = timestamp;
	}
	if (timestamp > builder->max_timestamp)
		builder->max_timestamp = timestamp;
	return (int64_t)((uint64_t)timestamp -
	    (uint64_t)builder->base_timestamp);
}

void
batch_builder_append(struct batch_builder *builder,
    const struct record *record)
{
	int64_t time = timestamp_delta(builder, record->timestamp);
	size_t body = 1 + varint_size(time) + varint_size(builder->count) +
	    varint_slice_size(record->key) +
	    varint_slice_size(record->value) +
	    varint_size(record->header_count) + record->headers.size;
	unsigned char *start, *at;

	if (builder->count == 0) {
		buf_reserve(&builder->records, BATCH_HEADER_SIZE);
		builder->records.size = BATCH_HEADER_SIZE;
	}
	start = buf_reserve(&builder->records, body + 10);
	at = varint_write(start, (int64_t)body);
	*at++ = 0; /* attributes */
	at = varint_write(at, time);
	at = varint_write(at, builder->count);
	at = varint_write_slice(at, record->key);
	at = varint_write_slice(at, record->value);
	at = varint_write(at, record->header_count);
	if (record->headers.size > 0)
		memcpy(at, record->headers.data, record->headers.size);
	at += record->headers.size;
	builder->records.size += (size_t)(at - start);
	builder->count++;
}

size_t
batch_builder_size(const struct batch_builder *builder)
{
	return builder->count == 0 ? BATCH_HEADER_SIZE : builder->records.size;
}

/* Packs the records, with room for a header in front. Returns the buffer that
 * holds the batch's bytes: the packed ones if they are fewer. */
static int
builder_pack(struct batch_builder *builder, struct buf **batch)
{
	struct slice records = {builder->records.data + BATCH_HEADER_SIZE,
		builder->records.size - BATCH_HEADER_SIZE};
	int rc;

	*batch = &builder->records;
	if (builder->codec == CODEC_NONE)
		return 0;
	buf_clear(&builder->packed);
	buf_reserve(&builder->packed, BATCH_HEADER_SIZE);
	builder->packed.size = BATCH_HEADER_SIZE;
	rc = codec_pack(builder->codec, records, &builder->packed);
	if (rc >= 0 && builder->packed.size < builder->records.size)
		*batch = &builder->packed;
	return rc;
}

static void
builder_seal(const struct batch_builder *builder, enum codec codec,
    struct buf *batch)
{
	struct batch_header header = {
		.length = (int32_t)(batch->size - BATCH_PREFIX_SIZE),
		.magic = BATCH_MAGIC,
		.attributes = (int16_t)codec,
		.last_offset_delta = builder->count - 1,
		.base_timestamp = builder->base_timestamp,
		.max_timestamp = builder->max_timestamp,
		.producer_id = builder->producer_id,
		.producer_epoch = builder->producer_epoch,
		.base_sequence = builder->base_sequence,
		.record_count = builder->count,
	};

	batch_encode_header(batch->data, &header);
	batch_seal(batch->data, batch->size);
}

/* Large batches are built in place: an empty `out` takes the memory itself. */
static void
builder_hand_over(struct buf *batch, struct buf *out)
{
	struct buf spare = *out;

	if (out->size > 0) {
		buf_append_slice(out, buf_slice(batch));
		return;
	}
	*out = *batch;
	*batch = spare;
}

int
batch_builder_finish(struct batch_builder *builder, struct buf *out)
{
	struct buf *batch;
	int rc;

	if (builder->count == 0)
		return 0;
	rc = builder_pack(builder, &batch);
	if (rc < 0)
		return rc;
	builder_seal(builder, batch == &builder->packed ? builder->codec
	    : CODEC_NONE, batch);
	builder_hand_over(batch, out);
	builder_empty(builder);
	return 0;
}

void
batch_builder_release(struct batch_builder *builder)
{
	buf_release(&builder->records);
	buf_release(&builder->packed);
}
