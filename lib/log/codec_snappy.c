/* Snappy as Kafka's Java client frames it (xerial), and raw when read. */
#include "base/cursor.h"
#include "base/fail.h"
#include "log/codec_library.h"
#include <snappy-c.h>
#include <string.h>

#define LIBRARY "libsnappy.so.1"

/* Source: xerial/snappy-java, SnappyCodec: a magic, two version numbers, then
 * blocks of a big-endian length and raw snappy. */
static const unsigned char xerial_header[16] = {
	0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0, 0, 0, 0, 1, 0, 0, 0, 1,
};

enum {
	MAGIC_SIZE = 8,
	BLOCK_SIZE = 32 * 1024,
	MAX_RATIO = 32, /* three bytes make at most 64 */
};

struct snappy {
	__typeof__(&snappy_compress) compress;
	__typeof__(&snappy_uncompress) uncompress;
	__typeof__(&snappy_max_compressed_length) max_compressed_length;
	__typeof__(&snappy_uncompressed_length) uncompressed_length;
};

static void
end_without_memory(void)
{
	memory_end(BLOCK_SIZE);
}

/* What C++ is to call before it throws that there is no memory: nothing here
 * could catch that. */
static void
guard_memory(void)
{
	void (*(*set)(void (*handler)(void)))(void);
	void *symbol = codec_library_find(LIBRARY,
	    "_ZSt15set_new_handlerPFvvE");

	memcpy(&set, &symbol, sizeof(set));
	if (set != NULL)
		set(end_without_memory);
}

static int
snappy_load(struct snappy *snappy)
{
	const struct codec_symbol symbols[] = {
		{"snappy_compress", &snappy->compress},
		{"snappy_uncompress", &snappy->uncompress},
		{"snappy_max_compressed_length",
		    &snappy->max_compressed_length},
		{"snappy_uncompressed_length", &snappy->uncompressed_length},
		{NULL, NULL},
	};
	int rc = codec_library_load(LIBRARY, symbols);

	if (rc >= 0)
		guard_memory();
	return rc;
}

static int
pack_block(const struct snappy *snappy, struct slice in, struct buf *out)
{
	size_t size = snappy->max_compressed_length(in.size);
	unsigned char *at = buf_reserve(out, 4 + size);

	if (snappy->compress(in.data, in.size, (char *)at + 4, &size) !=
	    SNAPPY_OK)
		return fail(FAIL_SYSTEM, "snappy: compression failed");
	buf_append_be32(out, (uint32_t)size);
	out->size += size;
	return 0;
}

int
codec_snappy_pack(struct slice in, struct buf *out)
{
	const char *data = in.data;
	struct snappy snappy;
	int rc = snappy_load(&snappy);

	if (rc < 0)
		return rc;
	buf_append(out, xerial_header, sizeof(xerial_header));
	for (size_t at = 0; at < in.size && rc >= 0; at += BLOCK_SIZE) {
		size_t left = in.size - at;
		size_t size = left < BLOCK_SIZE ? left : BLOCK_SIZE;

		rc = pack_block(&snappy, (struct slice){data + at, size}, out);
	}
	return rc;
}

/* A block claims its size in front; no honest one claims more than its bytes
 * can make. */
static int
unpack_block(const struct snappy *snappy, struct slice in, size_t max,
    struct buf *out)
{
	size_t size = 0;
	char *at;

	if (snappy->uncompressed_length(in.data, in.size, &size) != SNAPPY_OK ||
	    size / MAX_RATIO > in.size)
		return fail(FAIL_CORRUPT, "snappy: the data is damaged");
	if (size > max)
		return fail(FAIL_CORRUPT,
		    "snappy: more bytes come out than allowed");
	at = buf_reserve(out, size + 1);
	if (snappy->uncompress(in.data, in.size, at, &size) != SNAPPY_OK)
		return fail(FAIL_CORRUPT, "snappy: the data is damaged");
	out->size += size;
	return 0;
}

static int
unpack_xerial(const struct snappy *snappy, struct slice in, size_t max,
    struct buf *out)
{
	struct cursor cursor = cursor_over(in.data, in.size);
	size_t start = out->size;
	int rc = 0;

	cursor_bytes(&cursor, sizeof(xerial_header));
	while (rc >= 0 && cursor_left(&cursor) > 0) {
		struct slice block = cursor_bytes(&cursor,
		    cursor_be32(&cursor));

		if (cursor.failed)
			break;
		rc = unpack_block(snappy, block, max - (out->size - start),
		    out);
	}
	if (rc >= 0 && cursor.failed)
		return fail(FAIL_CORRUPT, "snappy: a block is cut");
	return rc;
}

int
codec_snappy_unpack(struct slice in, size_t max, struct buf *out)
{
	struct snappy snappy;
	int rc = snappy_load(&snappy);

	if (rc < 0)
		return rc;
	if (in.size >= MAGIC_SIZE &&
	    memcmp(in.data, xerial_header, MAGIC_SIZE) == 0)
		return unpack_xerial(&snappy, in, max, out);
	return unpack_block(&snappy, in, max, out);
}
