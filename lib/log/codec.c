/* Codecs by name and by number; the work is done in a file for each. */
#include "log/codec.h"
#include "base/fail.h"
#include "log/codec_library.h"
#include <string.h>

struct codec_entry {
	const char *name;
	int (*pack)(struct slice in, struct buf *out);
	int (*unpack)(struct slice in, size_t max, struct buf *out);
};

static int
none_pack(struct slice in, struct buf *out)
{
	buf_append_slice(out, in);
	return 0;
}

static int
none_unpack(struct slice in, size_t max, struct buf *out)
{
	if (in.size > max)
		return fail(FAIL_CORRUPT, "batch holds more than %zu bytes",
		    max);
	return none_pack(in, out);
}

static const struct codec_entry entries[] = {
	[CODEC_NONE] = {"none", none_pack, none_unpack},
	[CODEC_GZIP] = {"gzip", codec_gzip_pack, codec_gzip_unpack},
	[CODEC_SNAPPY] = {"snappy", codec_snappy_pack, codec_snappy_unpack},
	[CODEC_LZ4] = {"lz4", codec_lz4_pack, codec_lz4_unpack},
	[CODEC_ZSTD] = {"zstd", codec_zstd_pack, codec_zstd_unpack},
};

enum { ENTRY_COUNT = sizeof(entries) / sizeof(entries[0]) };

int
codec_parse(const char *name, enum codec *codec)
{
	for (int i = 0; i < ENTRY_COUNT; i++) {
		if (strcmp(name, entries[i].name) != 0)
			continue;
		*codec = (enum codec)i;
		return 0;
	}
	return fail(FAIL_USAGE,
	    "'%s' is no codec: none, gzip, snappy, lz4 or zstd", name);
}

const char *
codec_name(enum codec codec)
{
	return (unsigned)codec < ENTRY_COUNT ? entries[codec].name : "unknown";
}

int
codec_pack(enum codec codec, struct slice in, struct buf *out)
{
	if ((unsigned)codec >= ENTRY_COUNT)
		return fail(FAIL_BUG, "codec %d is unknown", (int)codec);
	return entries[codec].pack(in, out);
}

int
codec_unpack(enum codec codec, struct slice in, size_t max, struct buf *out)
{
	if ((unsigned)codec >= ENTRY_COUNT)
		return fail(FAIL_CORRUPT, "codec %d is unknown", (int)codec);
	return entries[codec].unpack(in, max, out);
}
