/* Unpacking any bytes by any codec, and packing them; the first byte picks. */
#include "fuzz.h"
#include "log/codec.h"

static void
check_unpack(enum codec codec, struct slice packed, size_t max)
{
	struct buf out = {0};
	int rc;

	buf_append_text(&out, "front");
	rc = codec_unpack(codec, packed, max, &out);
	MUST(rc >= 0 || rc == -FAIL_CORRUPT, "bad bytes are corruption");
	MUST(rc < 0 || out.size <= max + 5, "no more than max comes out");
	MUST(out.size >= 5 && memcmp(out.data, "front", 5) == 0,
	    "what is in front stays");
	MUST(out.capacity <= 8 * max + 1024 * 1024,
	    "memory grows as bytes come out");
	buf_release(&out);
}

static void
check_round_trip(enum codec codec, struct slice in)
{
	struct buf packed = {0}, out = {0};

	MUST(codec_pack(codec, in, &packed) >= 0, "any bytes are packed");
	MUST(codec_unpack(codec, buf_slice(&packed), in.size, &out) >= 0 &&
	    has_same_bytes(buf_slice(&out), in), "and come out again");
	buf_release(&packed);
	buf_release(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {data, size};
	uint8_t choice = take_byte(&input);
	enum codec codec = (enum codec)(choice % (CODEC_ZSTD + 1));
	struct slice rest = {input.at, input.left};

	if (choice & 0x80)
		check_round_trip(codec, rest);
	else
		check_unpack(codec, rest, choice & 0x40 ? 100 : 256 * 1024);
	return 0;
}
