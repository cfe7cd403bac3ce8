/* Bounded decoding of bytes that others wrote: one sticky error. */
#include "base/cursor.h"

struct cursor
cursor_over(const void *data, size_t size)
{
	if (size == 0)
		return (struct cursor){0};
	return (struct cursor){data, (const unsigned char *)data + size, false};
}

size_t
cursor_left(const struct cursor *cursor)
{
	return cursor->at == NULL ? 0 : (size_t)(cursor->end - cursor->at);
}

/* The next size bytes, or NULL and the sticky error. */
static const unsigned char *
take(struct cursor *cursor, size_t size)
{
	const unsigned char *at = cursor->at;

	if (cursor_left(cursor) < size) {
		cursor->failed = true;
		cursor->at = cursor->end;
		return NULL;
	}
	if (size > 0)
		cursor->at += size;
	return at;
}

static uint64_t
take_big_endian(struct cursor *cursor, size_t size)
{
	const unsigned char *at = take(cursor, size);
	uint64_t value = 0;

	if (at == NULL)
		return 0;
	for (size_t i = 0; i < size; i++)
		value = value << 8 | at[i];
	return value;
}

uint8_t
cursor_u8(struct cursor *cursor)
{
	return (uint8_t)take_big_endian(cursor, 1);
}

uint16_t
cursor_be16(struct cursor *cursor)
{
	return (uint16_t)take_big_endian(cursor, 2);
}

uint32_t
cursor_be32(struct cursor *cursor)
{
	return (uint32_t)take_big_endian(cursor, 4);
}

uint64_t
cursor_be64(struct cursor *cursor)
{
	return take_big_endian(cursor, 8);
}

int64_t
cursor_varint(struct cursor *cursor)
{
	uint64_t value = 0;

	for (int shift = 0; shift < 70; shift += 7) {
		const unsigned char *at = take(cursor, 1);

		if (at == NULL)
			return 0;
		/* The tenth byte has room for one bit only. */
		if (shift == 63 && *at > 1)
			break;
		value |= (uint64_t)(*at & 0x7f) << shift;
		if (*at < 0x80)
			return (int64_t)(value >> 1 ^ (0 - (value & 1)));
	}
	cursor->failed = true;
	cursor->at = cursor->end;
	return 0;
}

struct slice
cursor_bytes(struct cursor *cursor, size_t size)
{
	const unsigned char *at = take(cursor, size);

	if (at == NULL)
		return (struct slice){cursor->failed ? NULL : "", 0};
	return (struct slice){at, size};
}
