/* The header of a record batch: its bytes, its checks, its checksum. */
#include "log/batch.h"
#include "base/fail.h"
#include "base/hash.h"

/* Where the fields lie that are patched or checked in place. */
enum {
	AT_EPOCH = 12,
	AT_CRC = 17,
	AT_ATTRIBUTES = 21,
	CODEC_MASK = 7,
	RECORD_MIN_SIZE = 7, /* seven fields of one byte */
};

static uint64_t
get_be(const unsigned char *at, int size)
{
	uint64_t value = 0;

	for (int i = 0; i < size; i++)
		value = value << 8 | at[i];
	return value;
}

static unsigned char *
put_be(unsigned char *at, uint64_t value, int size)
{
	for (int i = size - 1; i >= 0; i--) {
		at[i] = (unsigned char)value;
		value >>= 8;
	}
	return at + size;
}

static int
check_header(const struct batch_header *header)
{
	const char *what = NULL;
	int64_t payload = (int64_t)header->length + BATCH_PREFIX_SIZE -
	    BATCH_HEADER_SIZE;

	if (header->magic != BATCH_MAGIC)
		what = "magic";
	else if (payload < 0 ||
	    header->length > BATCH_MAX_SIZE - BATCH_PREFIX_SIZE)
		what = "length";
	else if ((header->attributes & CODEC_MASK) > CODEC_ZSTD)
		what = "codec";
	else if (header->last_offset_delta < 0 || header->base_offset < 0 ||
	    header->base_offset > INT64_MAX - 1 - header->last_offset_delta)
		what = "offset";
	else if (header->record_count < 0 ||
	    header->record_count - 1 > header->last_offset_delta)
		what = "record count";
	else if ((header->attributes & CODEC_MASK) == CODEC_NONE &&
	    header->record_count > payload / RECORD_MIN_SIZE)
		what = "record count";
	if (what != NULL)
		return fail(FAIL_CORRUPT, "batch header: bad %s", what);
	return 0;
}

int
batch_decode_header(const void *bytes, size_t size,
    struct batch_header *header)
{
	const unsigned char *at = bytes;

	if (size < BATCH_HEADER_SIZE)
		return fail(FAIL_CORRUPT, "batch header: %zu bytes of %d",
		    size, BATCH_HEADER_SIZE);
	header->base_offset = (int64_t)get_be(at, 8);
	header->length = (int32_t)get_be(at + 8, 4);
	header->leader_epoch = (int32_t)get_be(at + AT_EPOCH, 4);
	header->magic = (int8_t)at[16];
	header->crc = (uint32_t)get_be(at + AT_CRC, 4);
	header->attributes = (int16_t)get_be(at + AT_ATTRIBUTES, 2);
	header->last_offset_delta = (int32_t)get_be(at + 23, 4);
	header->base_timestamp = (int64_t)get_be(at + 27, 8);
	header->max_timestamp = (int64_t)get_be(at + 35, 8);
	header->producer_id = (int64_t)get_be(at + 43, 8);
	header->producer_epoch = (int16_t)get_be(at + 51, 2);
	header->base_sequence = (int32_t)get_be(at + 53, 4);
	header->record_count = (int32_t)get_be(at + 57, 4);
	return check_header(header);
}

void
batch_encode_header(void *bytes, const struct batch_header *header)
{
	unsigned char *at = bytes;

	at = put_be(at, (uint64_t)header->base_offset, 8);
	at = put_be(at, (uint32_t)header->length, 4);
	at = put_be(at, (uint32_t)header->leader_epoch, 4);
	at = put_be(at, (uint8_t)header->magic, 1);
	at = put_be(at, header->crc, 4);
	at = put_be(at, (uint16_t)header->attributes, 2);
	at = put_be(at, (uint32_t)header->last_offset_delta, 4);
	at = put_be(at, (uint64_t)header->base_timestamp, 8);
	at = put_be(at, (uint64_t)header->max_timestamp, 8);
	at = put_be(at, (uint64_t)header->producer_id, 8);
	at = put_be(at, (uint16_t)header->producer_epoch, 2);
	at = put_be(at, (uint32_t)header->base_sequence, 4);
	put_be(at, (uint32_t)header->record_count, 4);
}

size_t
batch_size(const struct batch_header *header)
{
	return (size_t)header->length + BATCH_PREFIX_SIZE;
}

bool
is_batch_intact(const void *bytes, const struct batch_header *header)
{
	const unsigned char *from = bytes;

	return hash_crc32c(0, from + AT_ATTRIBUTES,
	    batch_size(header) - AT_ATTRIBUTES) == header->crc;
}

void
batch_seal(void *bytes, size_t size)
{
	unsigned char *at = bytes;

	put_be(at + AT_CRC, hash_crc32c(0, at + AT_ATTRIBUTES,
	    size - AT_ATTRIBUTES), 4);
}

void
batch_set_position(void *bytes, int64_t base_offset, int32_t leader_epoch)
{
	unsigned char *at = bytes;

	put_be(at, (uint64_t)base_offset, 8);
	put_be(at + AT_EPOCH, (uint32_t)leader_epoch, 4);
}
