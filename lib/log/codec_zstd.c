/* zstd frames. */
#include "base/fail.h"
#include "log/codec_library.h"
#include <zstd.h>

enum { LEVEL = 3 };

struct zstd {
	__typeof__(&ZSTD_isError) is_error;
	__typeof__(&ZSTD_compressBound) bound;
	__typeof__(&ZSTD_compress) compress;
	__typeof__(&ZSTD_createDStream) create;
	__typeof__(&ZSTD_decompressStream) decompress;
	__typeof__(&ZSTD_freeDStream) destroy;
};

static int
zstd_load(struct zstd *zstd)
{
	const struct codec_symbol symbols[] = {
		{"ZSTD_isError", &zstd->is_error},
		{"ZSTD_compressBound", &zstd->bound},
		{"ZSTD_compress", &zstd->compress},
		{"ZSTD_createDStream", &zstd->create},
		{"ZSTD_decompressStream", &zstd->decompress},
		{"ZSTD_freeDStream", &zstd->destroy},
		{NULL, NULL},
	};

	return codec_library_load("libzstd.so.1", symbols);
}

int
codec_zstd_pack(struct slice in, struct buf *out)
{
	struct zstd zstd;
	size_t room, size;
	int rc = zstd_load(&zstd);

	if (rc < 0)
		return rc;
	room = zstd.bound(in.size);
	size = zstd.compress(buf_reserve(out, room), room, in.data, in.size,
	    LEVEL);
	if (zstd.is_error(size))
		return fail(FAIL_SYSTEM, "zstd: compression failed");
	out->size += size;
	return 0;
}

/* One call of the library. Returns 1 while there is more to do. */
static int
zstd_step(const struct zstd *zstd, ZSTD_DStream *stream, ZSTD_inBuffer *in,
    size_t max, struct buf *out, size_t start)
{
	size_t room = codec_library_room(out, start, max);
	ZSTD_outBuffer piece = {out->data + out->size, room, 0};
	size_t left = zstd->decompress(stream, &piece, in);

	if (zstd->is_error(left))
		return fail(FAIL_CORRUPT, "zstd: the data is damaged");
	out->size += piece.pos;
	if (out->size - start > max)
		return fail(FAIL_CORRUPT, "zstd: more than %zu bytes come out",
		    max);
	if (left == 0 && in->pos == in->size)
		return 0;
	if (in->pos == in->size && piece.pos < room)
		return fail(FAIL_CORRUPT, "zstd: the frame is cut");
	return 1;
}

int
codec_zstd_unpack(struct slice in, size_t max, struct buf *out)
{
	ZSTD_inBuffer input = {in.data, in.size, 0};
	size_t start = out->size;
	ZSTD_DStream *stream;
	struct zstd zstd;
	int rc = zstd_load(&zstd);

	if (rc < 0)
		return rc;
	stream = zstd.create();
	if (stream == NULL)
		return fail(FAIL_SYSTEM, "zstd: the library does not start");
	do
		rc = zstd_step(&zstd, stream, &input, max, out, start);
	while (rc > 0);
	zstd.destroy(stream);
	return rc;
}
