/* Building a batch: records encoded as they come, packed and sealed at the end. */
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
	unsigned char *start = buf_reserve(&builder->records, body + 10);
	unsigned char *at = varint_write(start, (int64_t)body);

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
	return BATCH_HEADER_SIZE + builder->records.size;
}

/* The bytes that follow the header; *codec is what they are packed with. */
static int
builder_payload(struct batch_builder *builder, enum codec *codec,
    struct slice *payload)
{
	int rc;

	*codec = CODEC_NONE;
	*payload = buf_slice(&builder->records);
	if (builder->codec == CODEC_NONE)
		return 0;
	buf_clear(&builder->packed);
	rc = codec_pack(builder->codec, *payload, &builder->packed);
	if (rc < 0)
		return rc;
	if (builder->packed.size >= payload->size)
		return 0;
	*codec = builder->codec;
	*payload = buf_slice(&builder->packed);
	return 0;
}

int
batch_builder_finish(struct batch_builder *builder, struct buf *out)
{
	struct batch_header header = {.magic = BATCH_MAGIC};
	enum codec codec;
	struct slice payload;
	unsigned char *at;
	int rc;

	if (builder->count == 0)
		return 0;
	rc = builder_payload(builder, &codec, &payload);
	if (rc < 0)
		return rc;
	header.length = (int32_t)(payload.size + BATCH_HEADER_SIZE -
	    BATCH_PREFIX_SIZE);
	header.attributes = (int16_t)codec;
	header.last_offset_delta = builder->count - 1;
	header.base_timestamp = builder->base_timestamp;
	header.max_timestamp = builder->max_timestamp;
	header.producer_id = builder->producer_id;
	header.producer_epoch = builder->producer_epoch;
	header.base_sequence = builder->base_sequence;
	header.record_count = builder->count;
	at = buf_reserve(out, batch_size(&header));
	batch_encode_header(at, &header);
	memcpy(at + BATCH_HEADER_SIZE, payload.data, payload.size);
	batch_seal(at, batch_size(&header));
	out->size += batch_size(&header);
	builder_empty(builder);
	return 0;
}

void
batch_builder_release(struct batch_builder *builder)
{
	buf_release(&builder->records);
	buf_release(&builder->packed);
}
