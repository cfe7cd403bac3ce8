/* Growable byte buffers, and views of bytes owned by others. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/memory.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A view: data NULL is "no value" (a null key), size 0 with data an empty
 * one. The owner of the bytes is named where a slice is handed out. */
struct slice {
	const void *data;
	size_t size;
};

/*
 * Invariants: size <= capacity; data is NULL only if capacity is 0.
 * Growing may move data. All zero is a valid empty buffer.
 */
struct buf {
	unsigned char *data;
	size_t size;
	size_t capacity;
};

struct slice slice_of(const char *text); /* view of a C string, without NUL */
bool slice_equal(struct slice a, struct slice b);
int slice_compare(struct slice a, struct slice b); /* as strcmp, by bytes */

/* A copy with a NUL behind it, which the caller frees; of no value, too. */
char *slice_copy(struct slice slice);

/* Makes room for `more` bytes behind size (see memory.h). Returns the place of
 * the first of them. */
void *buf_reserve(struct buf *buf, size_t more);
void buf_append(struct buf *buf, const void *data, size_t size);
void buf_append_slice(struct buf *buf, struct slice slice);
void buf_append_text(struct buf *buf, const char *text);
void buf_append_byte(struct buf *buf, unsigned char byte);
void buf_printf(struct buf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Big-endian integers. */
void buf_append_be16(struct buf *buf, uint16_t value);
void buf_append_be32(struct buf *buf, uint32_t value);
void buf_append_be64(struct buf *buf, uint64_t value);

/* The buffer as a C string (a NUL is kept behind size, not counted). */
const char *buf_text(struct buf *buf);
struct slice buf_slice(const struct buf *buf);
void buf_clear(struct buf *buf);   /* keeps the memory */
void buf_release(struct buf *buf); /* frees it; accepts an empty buffer */

#endif
