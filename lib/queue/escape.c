/* Backslash escapes of delimiters and formats. */
#include "queue/escape.h"
#include "base/fail.h"
#include "base/hash.h"

#include <string.h>

static int
take_hexadecimal(const char **at)
{
	unsigned char byte;
	char digits[3];

	if ((*at)[2] == '\0' || (*at)[3] == '\0')
		return -1;
	memcpy(digits, *at + 2, 2);
	digits[2] = '\0';
	if (hex_decode(digits, &byte, 1) < 0)
		return -1;
	*at += 4;
	return byte;
}

int
escape_take(const char **at)
{
	static const char pairs[] = {'n', '\n', 'r', '\r', 't', '\t', '0',
	    '\0', '\\', '\\'};
	size_t i;

	if ((*at)[1] == 'x')
		return take_hexadecimal(at);
	for (i = 0; i < sizeof(pairs); i += 2) {
		if ((*at)[1] == pairs[i]) {
			*at += 2;
			return (unsigned char)pairs[i + 1];
		}
	}
	return -1;
}

int
escape_append(const char *text, struct buf *out)
{
	const char *at = text;
	int byte;

	while (*at != '\0') {
		byte = *at == '\\' ? escape_take(&at) : (unsigned char)*at++;
		if (byte < 0)
			return fail(FAIL_USAGE,
			    "delimiter '%s': expected \\n, \\r, \\t, \\0,"
			    " \\xNN or \\\\ at '%s'", text, at);
		buf_append_byte(out, (unsigned char)byte);
	}
	return 0;
}
