/* Codecs: round trips, cut and damaged input, and bombs. */
#include "log/codec.h"
#include "base/fail.h"
#include "base/hash.h"
#include "unit.h"
#include <stdlib.h>
#include <string.h>

static const enum codec codecs[] = {CODEC_NONE, CODEC_GZIP, CODEC_SNAPPY,
	CODEC_LZ4, CODEC_ZSTD};

enum { CODEC_COUNT = sizeof(codecs) / sizeof(codecs[0]) };

static void
check(bool good, enum codec codec, const char *sentence)
{
	char line[128];

	snprintf(line, sizeof(line), "%s: %s", codec_name(codec), sentence);
	CHECK(good, line);
}

static void
test_round_trip(enum codec codec, size_t size, bool is_random)
{
	struct buf in = {0}, packed = {0}, out = {0};

	buf_reserve(&in, size + 1);
	in.size = size;
	memset(in.data, 'x', size);
	if (is_random)
		random_bytes(in.data, size);
	buf_append_text(&packed, "front");
	buf_append_text(&out, "before");
	check(codec_pack(codec, buf_slice(&in), &packed) == 0 &&
	    codec_unpack(codec, (struct slice){packed.data + 5,
	    packed.size - 5}, size, &out) == 0 && out.size == size + 6 &&
	    memcmp(out.data + 6, in.data, size) == 0 &&
	    memcmp(out.data, "before", 6) == 0 &&
	    memcmp(packed.data, "front", 5) == 0,
	    codec, "what is packed is unpacked, behind what was there");
	buf_release(&in);
	buf_release(&packed);
	buf_release(&out);
}

static void
test_limit(enum codec codec)
{
	enum { SIZE = 3000000 };
	struct buf in = {0}, packed = {0}, out = {0};

	buf_reserve(&in, SIZE);
	memset(in.data, 0, SIZE);
	in.size = SIZE;
	codec_pack(codec, buf_slice(&in), &packed);
	check(codec_unpack(codec, buf_slice(&packed), SIZE - 1, &out) ==
	    -FAIL_CORRUPT, codec, "one byte too many is refused");
	buf_release(&out);
	check(codec_unpack(codec, buf_slice(&packed), 100000, &out) ==
	    -FAIL_CORRUPT && out.capacity < 400000, codec,
	    "a bomb takes no more memory than it may");
	buf_release(&in);
	buf_release(&packed);
	buf_release(&out);
}

static void
test_damage(enum codec codec)
{
	static const char line[] = "some text, some text, some more text\n";
	struct buf in = {0}, packed = {0}, out = {0};
	int cut = 0;

	for (int i = 0; i < 20; i++)
		buf_append(&in, line, sizeof(line) - 1);
	codec_pack(codec, buf_slice(&in), &packed);
	for (size_t size = 0; size < packed.size; size++) {
		void *copy = malloc(size + 1);

		memcpy(copy, packed.data, size);
		buf_clear(&out);
		cut += codec_unpack(codec, (struct slice){copy, size}, 65536,
		    &out) == 0 && out.size == in.size;
		free(copy);
	}
	check(cut == 0, codec, "cut input never passes for whole");
	for (size_t bit = 0; bit < packed.size * 8; bit++) {
		packed.data[bit / 8] ^= (unsigned char)(1 << bit % 8);
		buf_clear(&out);
		codec_unpack(codec, buf_slice(&packed), 65536, &out);
		packed.data[bit / 8] ^= (unsigned char)(1 << bit % 8);
	}
	check(out.capacity <= 2 * 65536 + 64, codec,
	    "damaged input stays within the limit");
	buf_release(&in);
	buf_release(&packed);
	buf_release(&out);
}

static void
test_snappy_claims(void)
{
	static const unsigned char raw[] = {0xff, 0xff, 0xff, 0x3f, 0, 'x'};
	struct buf out = {0};

	CHECK(codec_unpack(CODEC_SNAPPY, (struct slice){raw, sizeof(raw)},
	    BATCH_MAX_SIZE, &out) == -FAIL_CORRUPT && out.capacity < 1024,
	    "snappy: a claimed size is not believed");
	buf_release(&out);
}

static void
test_gzip_members(void)
{
	struct buf packed = {0}, out = {0};

	codec_pack(CODEC_GZIP, slice_of("one "), &packed);
	codec_pack(CODEC_GZIP, slice_of("two"), &packed);
	CHECK(codec_unpack(CODEC_GZIP, buf_slice(&packed), 7, &out) == 0 &&
	    slice_equal(buf_slice(&out), slice_of("one two")),
	    "gzip: members in a row are one text, as in RFC 1952");
	buf_append_text(&packed, "garbage");
	CHECK(codec_unpack(CODEC_GZIP, buf_slice(&packed), 100, &out) < 0,
	    "gzip: bytes behind the last member are damage");
	buf_release(&packed);
	buf_release(&out);
}

static void
test_names(void)
{
	enum codec codec;

	for (int i = 0; i < CODEC_COUNT; i++)
		check(codec_parse(codec_name(codecs[i]), &codec) == 0 &&
		    codec == codecs[i], codecs[i], "its name names it");
	CHECK(codec_parse("brotli", &codec) == -FAIL_USAGE &&
	    strstr(fail_message(), "'brotli'") != NULL,
	    "an unknown codec is refused by name");
}

int
main(void)
{
	test_names();
	test_snappy_claims();
	test_gzip_members();
	for (int i = 0; i < CODEC_COUNT; i++) {
		test_round_trip(codecs[i], 1, false);
		test_round_trip(codecs[i], 100, false);
		test_round_trip(codecs[i], 65536, true);
		test_round_trip(codecs[i], 65537, false);
		test_round_trip(codecs[i], 5000000, false);
		test_round_trip(codecs[i], 5000000, true);
		test_limit(codecs[i]);
		test_damage(codecs[i]);
	}
	return unit_end();
}
