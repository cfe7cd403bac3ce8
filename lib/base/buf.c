/* Growable byte buffers, and views of bytes owned by others. */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct slice
slice_of(const char *text)
{
	return (struct slice){text, strlen(text)};
}

bool
slice_equal(struct slice a, struct slice b)
{
	if (a.size != b.size || (a.data == NULL) != (b.data == NULL))
		return false;
	return a.size == 0 || memcmp(a.data, b.data, a.size) == 0;
}

int
slice_compare(struct slice a, struct slice b)
{
	size_t size = a.size < b.size ? a.size : b.size;
	int order = size > 0 ? memcmp(a.data, b.data, size) : 0;

	return order != 0 ? order : (a.size > b.size) - (a.size < b.size);
}

char *
slice_copy(struct slice slice)
{
	char *copy = memory_alloc(slice.size + 1);

	if (slice.size > 0)
		memcpy(copy, slice.data, slice.size);
	return copy;
}

void *
buf_reserve(struct buf *buf, size_t more)
{
	size_t need, capacity;

	if (more > SIZE_MAX / 2 - buf->size)
		abort();
	need = buf->size + more;
	if (need <= buf->capacity && buf->data != NULL)
		return buf->data + buf->size;
	capacity = buf->capacity + buf->capacity / 2;
	if (capacity < need)
		capacity = need;
	if (capacity < 64)
		capacity = 64;
	buf->data = memory_resize(buf->data, capacity);
	buf->capacity = capacity;
	return buf->data + buf->size;
}

void
buf_append(struct buf *buf, const void *data, size_t size)
{
	if (size == 0)
		return;
	memcpy(buf_reserve(buf, size), data, size);
	buf->size += size;
}

void
buf_append_slice(struct buf *buf, struct slice slice)
{
	buf_append(buf, slice.data, slice.size);
}

void
buf_append_text(struct buf *buf, const char *text)
{
	buf_append(buf, text, strlen(text));
}

void
buf_append_byte(struct buf *buf, unsigned char byte)
{
	*(unsigned char *)buf_reserve(buf, 1) = byte;
	buf->size++;
}

void
buf_printf(struct buf *buf, const char *format, ...)
{
	va_list arguments;
	int size;

	buf_reserve(buf, 64);
	va_start(arguments, format);
	size = vsnprintf((char *)buf->data + buf->size,
	    buf->capacity - buf->size, format, arguments);
	va_end(arguments);
	if (size < 0)
		abort();
	if ((size_t)size >= buf->capacity - buf->size) {
		buf_reserve(buf, (size_t)size + 1);
		va_start(arguments, format);
		vsnprintf((char *)buf->data + buf->size, (size_t)size + 1,
		    format, arguments);
		va_end(arguments);
	}
	buf->size += (size_t)size;
}

static void
append_big_endian(struct buf *buf, uint64_t value, int bytes)
{
	unsigned char *at = buf_reserve(buf, (size_t)bytes);

	for (int i = 0; i < bytes; i++)
		at[i] = (unsigned char)(value >> 8 * (bytes - 1 - i));
	buf->size += (size_t)bytes;
}

void
buf_append_be16(struct buf *buf, uint16_t value)
{
	append_big_endian(buf, value, 2);
}

void
buf_append_be32(struct buf *buf, uint32_t value)
{
	append_big_endian(buf, value, 4);
}

void
buf_append_be64(struct buf *buf, uint64_t value)
{
	append_big_endian(buf, value, 8);
}

const char *
buf_text(struct buf *buf)
{
	*(unsigned char *)buf_reserve(buf, 1) = 0;
	return (const char *)buf->data;
}

struct slice
buf_slice(const struct buf *buf)
{
	return (struct slice){buf->data, buf->size};
}

void
buf_clear(struct buf *buf)
{
	buf->size = 0;
}

void
buf_release(struct buf *buf)
{
	free(buf->data);
	*buf = (struct buf){0};
}
