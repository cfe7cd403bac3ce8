/* Bounded decoding of bytes that others wrote: one sticky error. */
#ifndef BASE_CURSOR_H
#define BASE_CURSOR_H

#include "base/buf.h"

/*
 * Invariant: at <= end. A read past the end sets failed, returns zero and
 * leaves at == end, so that a decoder checks failed once, at its end.
 */
struct cursor {
	const unsigned char *at;
	const unsigned char *end;
	bool failed;
};

struct cursor cursor_over(const void *data, size_t size);
size_t cursor_left(const struct cursor *cursor);
uint8_t cursor_u8(struct cursor *cursor);
uint16_t cursor_be16(struct cursor *cursor);
uint32_t cursor_be32(struct cursor *cursor);
uint64_t cursor_be64(struct cursor *cursor);

/* Kafka's zigzag varint, at most 10 bytes; a longer one fails. */
int64_t cursor_varint(struct cursor *cursor);

/* The next size bytes, as a view of the input; fails if there are fewer. */
struct slice cursor_bytes(struct cursor *cursor, size_t size);

#endif
