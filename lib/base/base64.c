/* Base64 of RFC 4648, with padding. */
#include "base/fail.h"
#include "base/hash.h"

#include <string.h>

static const char digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void
base64_encode(struct buf *out, struct slice data)
{
	const unsigned char *at = data.data;

	buf_reserve(out, data.size / 3 * 4 + 4);
	for (size_t i = 0; i < data.size; i += 3) {
		size_t left = data.size - i;
		uint32_t group = (uint32_t)at[i] << 16;
		char text[4];

		if (left > 1)
			group |= (uint32_t)at[i + 1] << 8;
		if (left > 2)
			group |= at[i + 2];
		text[0] = digits[group >> 18];
		text[1] = digits[group >> 12 & 63];
		text[2] = left > 1 ? digits[group >> 6 & 63] : '=';
		text[3] = left > 2 ? digits[group & 63] : '=';
		buf_append(out, text, 4);
	}
}

/* The value of a digit, or -1. */
static int
digit_value(unsigned char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : -1;
}

/* Four digits, the last `padding` of them '='. Returns false if bad. */
static bool
decode_group(struct buf *out, const unsigned char *at, int padding)
{
	uint32_t group = 0;

	for (int i = 0; i < 4; i++) {
		int value = i < 4 - padding ? digit_value(at[i]) : 0;

		if (value < 0)
			return false;
		group = group << 6 | (uint32_t)value;
	}
	/* Bits that the padding leaves over must be zero: one text a value. */
	if (group & ((1u << 8 * padding) - 1))
		return false;
	for (int i = 0; i < 3 - padding; i++)
		buf_append_byte(out, (unsigned char)(group >> (16 - 8 * i)));
	return true;
}

int
base64_decode(struct buf *out, struct slice text)
{
	const unsigned char *at = text.data;
	size_t start = out->size;

	if (text.size % 4 != 0)
		return fail(FAIL_DATA, "base64 of %zu digits: not a multiple "
		    "of 4", text.size);
	buf_reserve(out, text.size / 4 * 3);
	for (size_t i = 0; i < text.size; i += 4) {
		int padding = 0;

		if (i + 4 == text.size)
			padding = at[i + 3] != '=' ? 0 : at[i + 2] != '=' ? 1
			                                                  : 2;
		if (!decode_group(out, at + i, padding)) {
			out->size = start;
			return fail(FAIL_DATA, "bad base64 at digit %zu", i);
		}
	}
	return 0;
}
