/* Hexadecimal digits. */
#include "base/fail.h"
#include "base/hash.h"

#include <string.h>

void
hex_encode(const void *data, size_t size, char *out)
{
	const unsigned char *at = data;

	for (size_t i = 0; i < size; i++) {
		out[2 * i] = "0123456789abcdef"[at[i] >> 4];
		out[2 * i + 1] = "0123456789abcdef"[at[i] & 15];
	}
	out[2 * size] = 0;
}

static int
digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int
hex_decode(const char *text, void *data, size_t size)
{
	unsigned char *out = data;

	if (strlen(text) != 2 * size)
		return fail(FAIL_DATA, "'%s' is not %zu hexadecimal digits",
		    text, 2 * size);
	for (size_t i = 0; i < size; i++) {
		int high = digit_value(text[2 * i]);
		int low = digit_value(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return fail(FAIL_DATA,
			    "'%s' is not %zu hexadecimal digits", text,
			    2 * size);
		out[i] = (unsigned char)(high << 4 | low);
	}
	return 0;
}
