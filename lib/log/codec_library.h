/* Compression libraries, each loaded when its codec is first used. */
#ifndef LOG_CODEC_LIBRARY_H
#define LOG_CODEC_LIBRARY_H

#include "base/buf.h"

/* A function of a library and the pointer that takes its address. A table of
 * them ends with a zero entry. */
struct codec_symbol {
	const char *name;
	void *slot;
};

/* Loads file (it stays loaded) and fills the slots. -FAIL_SYSTEM names it. */
int codec_library_load(const char *file, const struct codec_symbol *symbols);

/* A function of a file that is loaded, or of what that needs; else NULL. */
void *codec_library_find(const char *file, const char *name);

/* Room for the next piece of output: at most one byte more than `max` bytes in
 * all, counted from `start`, so that one too many is seen and no more is made.
 * Returns the number of bytes that may be written behind out->size. */
size_t codec_library_room(struct buf *out, size_t start, size_t max);

/* Every codec has these two. pack appends `in` compressed, unpack what `in`
 * holds: -FAIL_CORRUPT if that is damaged or more than max bytes. */
int codec_gzip_pack(struct slice in, struct buf *out);
int codec_gzip_unpack(struct slice in, size_t max, struct buf *out);
int codec_snappy_pack(struct slice in, struct buf *out);
int codec_snappy_unpack(struct slice in, size_t max, struct buf *out);
int codec_lz4_pack(struct slice in, struct buf *out);
int codec_lz4_unpack(struct slice in, size_t max, struct buf *out);
int codec_zstd_pack(struct slice in, struct buf *out);
int codec_zstd_unpack(struct slice in, size_t max, struct buf *out);

#endif
