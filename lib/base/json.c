/* JSON: writing strings and bytes, reading members of a parsed value. */
#include "base/json.h"
#include "base/fail.h"
#include "base/hash.h"
#include "base/parse.h"

#include <inttypes.h>
#include <string.h>

/* The size of the UTF-8 sequence at data (RFC 3629: no surrogates, nothing
 * overlong or above U+10FFFF), 0 if it is none. */
static size_t
utf8_sequence(const unsigned char *data, size_t size)
{
	unsigned char low = 0x80, high = 0xbf;
	size_t length, i;

	if (data[0] < 0x80)
		return 1;
	if (data[0] < 0xc2 || data[0] > 0xf4)
		return 0;
	length = data[0] < 0xe0 ? 2 : data[0] < 0xf0 ? 3 : 4;
	if (length > size)
		return 0;
	if (data[0] == 0xe0)
		low = 0xa0;
	else if (data[0] == 0xed)
		high = 0x9f;
	else if (data[0] == 0xf0)
		low = 0x90;
	else if (data[0] == 0xf4)
		high = 0x8f;
	if (data[1] < low || data[1] > high)
		return 0;
	for (i = 2; i < length; i++) {
		if (data[i] < 0x80 || data[i] > 0xbf)
			return 0;
	}
	return length;
}

bool
is_utf8(struct slice data)
{
	const unsigned char *at = data.data;
	size_t left = data.size, length;
	uint64_t word;

	while (left > 0) {
		for (; left >= 8; at += 8, left -= 8) {
			memcpy(&word, at, 8);
			if (word & 0x8080808080808080U)
				break;
		}
		if (left == 0)
			break;
		length = utf8_sequence(at, left);
		if (length == 0)
			return false;
		at += length;
		left -= length;
	}
	return true;
}

static bool
is_plain(unsigned char c)
{
	return c >= ' ' && c != '"' && c != '\\';
}

static void
append_escape(struct buf *out, unsigned char c)
{
	static const char letters[] = "\"\"\\\\\bb\ff\nn\rr\tt";
	const char *pair;

	for (pair = letters; *pair != '\0'; pair += 2) {
		if ((unsigned char)*pair == c) {
			buf_append_byte(out, '\\');
			buf_append_byte(out, (unsigned char)pair[1]);
			return;
		}
	}
	buf_printf(out, "\\u%04x", c);
}

void
json_string(struct buf *out, struct slice text)
{
	const unsigned char *at = text.data, *end = at + text.size, *run;

	buf_append_byte(out, '"');
	while (at < end) {
		for (run = at; at < end && is_plain(*at); at++)
			continue;
		buf_append(out, run, (size_t)(at - run));
		if (at < end)
			append_escape(out, *at++);
	}
	buf_append_byte(out, '"');
}

void
json_bytes(struct buf *out, struct slice data)
{
	if (data.data == NULL) {
		buf_append_text(out, "null");
	} else if (is_utf8(data)) {
		json_string(out, data);
	} else {
		buf_append_text(out, "{\"b64\":\"");
		base64_encode(out, data);
		buf_append_text(out, "\"}");
	}
}

static void
add_name(struct buf *out, const char *name)
{
	bool is_first = out->size > 0 && out->data[out->size - 1] == '{';

	buf_printf(out, is_first ? "\"%s\":" : ",\"%s\":", name);
}

void
json_add_bytes(struct buf *out, const char *name, struct slice data)
{
	add_name(out, name);
	json_bytes(out, data);
}

void
json_add_count(struct buf *out, const char *name, int64_t count)
{
	add_name(out, name);
	if (count < 0)
		buf_append_text(out, "null");
	else
		buf_printf(out, "%" PRId64, count);
}

void
json_add_time(struct buf *out, const char *name, int64_t wall_ms)
{
	add_name(out, name);
	buf_append_byte(out, '"');
	format_time(out, wall_ms);
	buf_append_byte(out, '"');
}

const struct json *
json_member(const struct json *object, const char *name)
{
	const struct json *member;

	if (object == NULL || object->type != JSON_OBJECT)
		return NULL;
	for (member = object->child; member != NULL; member = member->next) {
		if (slice_equal(member->name, slice_of(name)))
			return member;
	}
	return NULL;
}

int
json_get_bytes(const struct json *value, const char *what, struct buf *store,
    bool *is_null)
{
	const struct json *coded = json_member(value, "b64");

	*is_null = value->type == JSON_NULL;
	if (*is_null)
		return 0;
	if (value->type == JSON_STRING) {
		buf_append_slice(store, value->text);
		return 0;
	}
	if (coded == NULL || coded->type != JSON_STRING ||
	    value->child->next != NULL)
		return fail(FAIL_DATA,
		    "%s: expected a string, {\"b64\":\"...\"} or null", what);
	if (base64_decode(store, coded->text) < 0)
		return fail(FAIL_DATA, "%s: bad base64", what);
	return 0;
}

int
json_get_integer(const struct json *value, const char *what, int64_t *out)
{
	char digits[32];

	if (value->type == JSON_NUMBER && value->text.size < sizeof(digits)) {
		memcpy(digits, value->text.data, value->text.size);
		digits[value->text.size] = '\0';
		if (parse_integer(digits, what, INT64_MIN, INT64_MAX, out) ==
		    0)
			return 0;
	}
	return fail(FAIL_DATA, "%s: expected a whole number", what);
}
