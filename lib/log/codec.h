/* Compression of batches: gzip, snappy, lz4, zstd, loaded on first use. */
#ifndef LOG_CODEC_H
#define LOG_CODEC_H

#include "log/batch.h"

/* "none", "gzip", "snappy", "lz4", "zstd"; -FAIL_USAGE names the word. */
int codec_parse(const char *name, enum codec *codec);
const char *codec_name(enum codec codec);

/* The formats are Kafka's: gzip RFC 1952, snappy in Java's xerial framing when
 * written (raw too when read), lz4 and zstd frames. Both append to out. The
 * library is opened with dlopen: -FAIL_SYSTEM names it if it is not installed.
 * codec_unpack stops at max bytes with -FAIL_CORRUPT; memory grows as bytes
 * come out, not as the input claims. */
int codec_pack(enum codec codec, struct slice in, struct buf *out);
int codec_unpack(enum codec codec, struct slice in, size_t max,
    struct buf *out);

#endif
