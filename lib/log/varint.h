/* Kafka's zigzag varints and byte strings, inline for the hot paths. */
#ifndef LOG_VARINT_H
#define LOG_VARINT_H

#include "base/cursor.h"
#include <string.h>

/* Bytes that value takes: 1 to 10. */
static inline size_t
varint_size(int64_t value)
{
	uint64_t zigzag = ((uint64_t)value << 1) ^ (uint64_t)(value >> 63);
	int bits = 64 - __builtin_clzll(zigzag | 1);

	return ((size_t)bits + 6) / 7;
}

/* Writes value at `at` and returns the place behind it. */
static inline unsigned char *
varint_write(unsigned char *at, int64_t value)
{
	uint64_t zigzag = ((uint64_t)value << 1) ^ (uint64_t)(value >> 63);

	while (zigzag >= 0x80) {
		*at++ = (unsigned char)(zigzag | 0x80);
		zigzag >>= 7;
	}
	*at++ = (unsigned char)zigzag;
	return at;
}

/* Bytes of a length and that many bytes; "no value" is the length -1. */
static inline size_t
varint_slice_size(struct slice slice)
{
	if (slice.data == NULL)
		return 1;
	return varint_size((int64_t)slice.size) + slice.size;
}

static inline unsigned char *
varint_write_slice(unsigned char *at, struct slice slice)
{
	if (slice.data == NULL)
		return varint_write(at, -1);
	at = varint_write(at, (int64_t)slice.size);
	memcpy(at, slice.data, slice.size);
	return at + slice.size;
}

/* As cursor_varint, with the common one-byte case in line. */
static inline int64_t
varint_read(struct cursor *cursor)
{
	if (cursor->at < cursor->end && *cursor->at < 0x80) {
		unsigned byte = *cursor->at++;

		return (int64_t)(byte >> 1) ^ -(int64_t)(byte & 1);
	}
	return cursor_varint(cursor);
}

/* A length and that many bytes, as a view; a length below -1 fails. */
static inline struct slice
varint_read_slice(struct cursor *cursor)
{
	int64_t size = varint_read(cursor);
	struct slice slice = {NULL, 0};

	if (size == -1)
		return slice;
	if (size < 0 || (uint64_t)size > (size_t)(cursor->end - cursor->at)) {
		cursor->failed = true;
		return slice;
	}
	slice.data = cursor->at;
	slice.size = (size_t)size;
	cursor->at += size;
	return slice;
}

#endif
