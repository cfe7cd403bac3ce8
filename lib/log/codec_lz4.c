/* lz4 frames. */
#include "base/fail.h"
#include "log/codec_library.h"
#include <lz4frame.h>
#include <string.h>

struct lz4 {
	__typeof__(&LZ4F_isError) is_error;
	__typeof__(&LZ4F_compressFrameBound) bound;
	__typeof__(&LZ4F_compressFrame) compress;
	__typeof__(&LZ4F_createDecompressionContext) create;
	__typeof__(&LZ4F_decompress) decompress;
	__typeof__(&LZ4F_freeDecompressionContext) destroy;
};

static int
lz4_load(struct lz4 *lz4)
{
	const struct codec_symbol symbols[] = {
		{"LZ4F_isError", &lz4->is_error},
		{"LZ4F_compressFrameBound", &lz4->bound},
		{"LZ4F_compressFrame", &lz4->compress},
		{"LZ4F_createDecompressionContext", &lz4->create},
		{"LZ4F_decompress", &lz4->decompress},
		{"LZ4F_freeDecompressionContext", &lz4->destroy},
		{NULL, NULL},
	};

	return codec_library_load("liblz4.so.1", symbols);
}

/* Kafka's Java client reads frames of independent blocks only. */
static LZ4F_preferences_t
lz4_preferences(void)
{
	LZ4F_preferences_t preferences;

	memset(&preferences, 0, sizeof(preferences));
	preferences.frameInfo.blockSizeID = LZ4F_max64KB;
	preferences.frameInfo.blockMode = LZ4F_blockIndependent;
	return preferences;
}

int
codec_lz4_pack(struct slice in, struct buf *out)
{
	LZ4F_preferences_t preferences = lz4_preferences();
	struct lz4 lz4;
	size_t room, size;
	int rc = lz4_load(&lz4);

	if (rc < 0)
		return rc;
	room = lz4.bound(in.size, &preferences);
	size = lz4.compress(buf_reserve(out, room), room, in.data, in.size,
	    &preferences);
	if (lz4.is_error(size))
		return fail(FAIL_SYSTEM, "lz4: compression failed");
	out->size += size;
	return 0;
}

/* One call of the library. Returns 1 while there is more to do. */
static int
lz4_step(const struct lz4 *lz4, LZ4F_dctx *context, struct slice *in,
    size_t max, struct buf *out, size_t start)
{
	size_t room = codec_library_room(out, start, max);
	size_t made = room, used = in->size, left;

	left = lz4->decompress(context, out->data + out->size, &made,
	    in->data, &used, NULL);
	if (lz4->is_error(left))
		return fail(FAIL_CORRUPT, "lz4: the data is damaged");
	out->size += made;
	in->data = (const char *)in->data + used;
	in->size -= used;
	if (out->size - start > max)
		return fail(FAIL_CORRUPT, "lz4: more than %zu bytes come out",
		    max);
	if (left == 0 && in->size == 0)
		return 0;
	if ((made < room && in->size == 0) || (made == 0 && used == 0))
		return fail(FAIL_CORRUPT, "lz4: the frame is cut");
	return 1;
}

int
codec_lz4_unpack(struct slice in, size_t max, struct buf *out)
{
	LZ4F_dctx *context = NULL;
	size_t start = out->size;
	struct lz4 lz4;
	int rc = lz4_load(&lz4);

	if (rc < 0)
		return rc;
	if (lz4.is_error(lz4.create(&context, LZ4F_VERSION)))
		return fail(FAIL_SYSTEM, "lz4: the library does not start");
	do
		rc = lz4_step(&lz4, context, &in, max, out, start);
	while (rc > 0);
	lz4.destroy(context);
	return rc;
}
