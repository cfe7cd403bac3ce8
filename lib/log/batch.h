/* Kafka RecordBatch v2: the bytes of the log, of the wire and of native pipes.
 *
 * The layout is drawn in mq-spool(5); source: Kafka's protocol documentation,
 * "Record Batch". */
#ifndef LOG_BATCH_H
#define LOG_BATCH_H

#include "log/record.h"

enum {
	BATCH_HEADER_SIZE = 61,
	BATCH_PREFIX_SIZE = 12, /* base offset and length: length omits them */
	BATCH_MAX_SIZE = 128 * 1024 * 1024, /* prefix included */
	BATCH_LOOK_MAX = 16 * 1024 * 1024, /* unpacked, to find one record */
	BATCH_MAGIC = 2,
};

enum codec { CODEC_NONE, CODEC_GZIP, CODEC_SNAPPY, CODEC_LZ4, CODEC_ZSTD };

/* Attribute bits above the codec's three. */
enum {
	BATCH_LOG_APPEND_TIME = 1 << 3,
	BATCH_TRANSACTIONAL = 1 << 4,
	BATCH_CONTROL = 1 << 5,
};

/* The header, decoded. Its last offset is base_offset + last_offset_delta. */
struct batch_header {
	int64_t base_offset;
	int32_t length;             /* bytes behind this field */
	int32_t leader_epoch;
	int8_t magic;
	uint32_t crc;
	int16_t attributes;
	int32_t last_offset_delta;
	int64_t base_timestamp;     /* ms since 1970 */
	int64_t max_timestamp;
	int64_t producer_id;        /* -1: none */
	int16_t producer_epoch;
	int32_t base_sequence;
	int32_t record_count;
};

/* Decodes and checks the structure (magic, length, counts, codec), not the
 * CRC. Needs BATCH_HEADER_SIZE bytes. -FAIL_CORRUPT says which field is bad;
 * all are set then, too, unless there are fewer bytes. */
int batch_decode_header(const void *bytes, size_t size,
    struct batch_header *header);

/* Whole size in bytes, prefix included. */
size_t batch_size(const struct batch_header *header);

/* True if the CRC over attributes..end fits; bytes holds the whole batch. */
bool is_batch_intact(const void *bytes, const struct batch_header *header);

/* Sets the fields outside the CRC, under the partition's lock. */
void batch_set_position(void *bytes, int64_t base_offset, int32_t leader_epoch);

/* Writes all BATCH_HEADER_SIZE bytes, the CRC as header says. */
void batch_encode_header(void *bytes, const struct batch_header *header);

/* Computes the CRC of a whole batch of size bytes and writes it in place. */
void batch_seal(void *bytes, size_t size);

/*
 * Builds one batch. Records are encoded as they are appended; the buffers are
 * kept from batch to batch.
 */
struct batch_builder {
	enum codec codec;
	int32_t count;
	int64_t base_timestamp;
	int64_t max_timestamp;
	int64_t producer_id;    /* -1 unless the caller sets it before finish */
	int16_t producer_epoch;
	int32_t base_sequence;
	struct buf records;     /* room for the header, then encoded records */
	struct buf packed;      /* the same, compressed */
};

void batch_builder_init(struct batch_builder *builder, enum codec codec);
void batch_builder_append(struct batch_builder *builder,
    const struct record *record);

/* Of the batch, uncompressed. */
size_t batch_builder_size(const struct batch_builder *builder);

/* Appends the finished batch to out (base offset 0, epoch 0, CRC set; an
 * empty out may get other memory) and empties the builder: nothing is appended
 * if it holds no record. A batch that compression does not shrink is stored
 * without. Negative if the codec's library is missing (-FAIL_SYSTEM). */
int batch_builder_finish(struct batch_builder *builder, struct buf *out);
void batch_builder_release(struct batch_builder *builder);

/* Reads the records of one batch. */
struct batch_reader {
	struct batch_header header;
	struct slice records; /* uncompressed */
	size_t position;
	int32_t index;
	int32_t last_delta;
};

/* bytes is a whole batch whose CRC was checked. A compressed one is unpacked
 * into scratch (cleared first), which must outlive the reader; at most
 * BATCH_MAX_SIZE bytes (-FAIL_CORRUPT beyond). */
int batch_reader_open(struct batch_reader *reader, const void *bytes,
    size_t size, struct buf *scratch);

/* The same, with at most max bytes. */
int batch_reader_open_within(struct batch_reader *reader, const void *bytes,
    size_t size, size_t max, struct buf *scratch);

/* 1 and the record, 0 at the end, -FAIL_CORRUPT. */
int batch_reader_next(struct batch_reader *reader, struct record *record);

#endif
