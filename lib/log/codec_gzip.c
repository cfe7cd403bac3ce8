/* gzip (RFC 1952) through zlib. */
#include "base/fail.h"
#include "log/codec_library.h"
#include <limits.h>
#include <string.h>
#include <zlib.h>

enum { WINDOW_GZIP = MAX_WBITS + 16 };

struct zlib {
	__typeof__(&deflateInit2_) deflate_init;
	__typeof__(&deflateBound) deflate_bound;
	__typeof__(&deflate) deflate;
	__typeof__(&deflateEnd) deflate_end;
	__typeof__(&inflateInit2_) inflate_init;
	__typeof__(&inflate) inflate;
	__typeof__(&inflateReset) inflate_reset;
	__typeof__(&inflateEnd) inflate_end;
};

static int
zlib_load(struct zlib *zlib)
{
	const struct codec_symbol symbols[] = {
		{"deflateInit2_", &zlib->deflate_init},
		{"deflateBound", &zlib->deflate_bound},
		{"deflate", &zlib->deflate},
		{"deflateEnd", &zlib->deflate_end},
		{"inflateInit2_", &zlib->inflate_init},
		{"inflate", &zlib->inflate},
		{"inflateReset", &zlib->inflate_reset},
		{"inflateEnd", &zlib->inflate_end},
		{NULL, NULL},
	};

	return codec_library_load("libz.so.1", symbols);
}

/* zlib counts input in 32 bits; a batch is far smaller. */
static int
stream_feed(z_stream *stream, struct slice in)
{
	memset(stream, 0, sizeof(*stream));
	if (in.size > INT_MAX)
		return fail(FAIL_DATA, "gzip: %zu bytes are too many", in.size);
	stream->next_in = (unsigned char *)(uintptr_t)in.data;
	stream->avail_in = (uInt)in.size;
	return 0;
}

int
codec_gzip_pack(struct slice in, struct buf *out)
{
	struct zlib zlib;
	z_stream stream;
	size_t room;
	int rc = zlib_load(&zlib);

	if (rc < 0)
		return rc;
	rc = stream_feed(&stream, in);
	if (rc < 0)
		return rc;
	if (zlib.deflate_init(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED,
	    WINDOW_GZIP, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
	    (int)sizeof(stream)) != Z_OK)
		return fail(FAIL_SYSTEM, "gzip: zlib does not start");
	room = zlib.deflate_bound(&stream, in.size);
	stream.next_out = buf_reserve(out, room);
	stream.avail_out = (uInt)room;
	rc = zlib.deflate(&stream, Z_FINISH);
	out->size += room - stream.avail_out;
	zlib.deflate_end(&stream);
	if (rc != Z_STREAM_END)
		return fail(FAIL_SYSTEM, "gzip: zlib failed with %d", rc);
	return 0;
}

/* One call of inflate. Returns 1 while there is more to do. */
static int
inflate_step(const struct zlib *zlib, z_stream *stream, size_t max,
    struct buf *out, size_t start)
{
	size_t room = codec_library_room(out, start, max);
	int rc;

	stream->next_out = out->data + out->size;
	stream->avail_out = (uInt)room;
	rc = zlib->inflate(stream, Z_NO_FLUSH);
	out->size += room - stream->avail_out;
	if (out->size - start > max)
		return fail(FAIL_CORRUPT, "gzip: more than %zu bytes come out",
		    max);
	if (rc == Z_STREAM_END && stream->avail_in == 0)
		return 0;
	if (rc == Z_STREAM_END)
		rc = zlib->inflate_reset(stream); /* the next member */
	if (rc != Z_OK || (stream->avail_in == 0 && stream->avail_out > 0))
		return fail(FAIL_CORRUPT, "gzip: the data is damaged");
	return 1;
}

int
codec_gzip_unpack(struct slice in, size_t max, struct buf *out)
{
	struct zlib zlib;
	z_stream stream;
	size_t start = out->size;
	int rc = zlib_load(&zlib);

	if (rc < 0)
		return rc;
	rc = stream_feed(&stream, in);
	if (rc < 0)
		return rc;
	if (zlib.inflate_init(&stream, WINDOW_GZIP, ZLIB_VERSION,
	    (int)sizeof(stream)) != Z_OK)
		return fail(FAIL_SYSTEM, "gzip: zlib does not start");
	do
		rc = inflate_step(&zlib, &stream, max, out, start);
	while (rc > 0);
	zlib.inflate_end(&stream);
	return rc;
}
