/* Reading messages by a record format. */
#include "queue/format_item.h"
#include "base/fail.h"
#include "base/parse.h"

#include <string.h>

#define SIZE_UNKNOWN INT64_MIN

struct parse {
	const struct format *format;
	const char *start;
	const char *at;
	const char *end;
	bool is_end;
	int64_t value_size; /* by %V, or SIZE_UNKNOWN */
	int64_t key_size;
	struct slice tag;
	struct message *message;
	struct buf *headers;
};

static bool
has_before(const struct format *format, size_t index, char letter)
{
	size_t i;

	for (i = 0; i < index; i++) {
		if (format->items[i].letter == letter)
			return true;
	}
	return false;
}

static int
refuse(const struct format_item *item, const char *why)
{
	return fail(FAIL_USAGE, "-f: '%%%c' at position %zu %s", item->letter,
	    item->at + 1, why);
}

static int
check_item(const struct format *format, size_t index)
{
	const struct format_item *item = &format->items[index];
	char length_letter = item->letter == 'v' ? 'V' : 'K';
	bool is_last = index + 1 == format->count;

	if (item->letter == '\0')
		return 0;
	if (strchr("vkhdgVK", item->letter) == NULL)
		return refuse(item, "cannot be read, only written");
	if (has_before(format, index, item->letter))
		return refuse(item, "is there twice");
	if ((item->letter == 'V' && has_before(format, index, 'v')) ||
	    (item->letter == 'K' && has_before(format, index, 'k')))
		return refuse(item, "must stand before what it measures");
	if (item->number.bytes > 0)
		return 0;
	if (strchr("vk", item->letter) != NULL &&
	    has_before(format, index, length_letter))
		return 0;
	if (is_last || format->items[index + 1].letter != '\0')
		return refuse(item,
		    "needs text such as \\n behind it that says where it ends");
	return 0;
}

int
format_check_input(const struct format *format)
{
	size_t i;
	int result;

	for (i = 0; i < format->count; i++) {
		result = check_item(format, i);
		if (result < 0)
			return result;
	}
	return 0;
}

static size_t
bytes_left(const struct parse *parse)
{
	return (size_t)(parse->end - parse->at);
}

/* More input is needed: 0, or an error if there is none. */
static int
need_more(const struct parse *parse, const struct format_item *item)
{
	char letter[3] = {'%', item->letter, '\0'};

	if (!parse->is_end)
		return 0;
	return fail(FAIL_DATA, "input ends inside %s",
	    item->letter == '\0' ? "a literal of the format" : letter);
}

static int
parse_literal(struct parse *parse, const struct format_item *item)
{
	struct slice literal = format_literal(parse->format, item);
	size_t left = bytes_left(parse);
	size_t size = left < literal.size ? left : literal.size;

	if (memcmp(parse->at, literal.data, size) != 0)
		return fail(FAIL_DATA,
		    "byte %zu is not what the format says at position %zu",
		    (size_t)(parse->at - parse->start) + 1, item->at + 1);
	if (left < literal.size)
		return need_more(parse, item);
	parse->at += literal.size;
	return 1;
}

/* Up to the literal behind item; that may be missing at the end of input if
 * it is the format's last. */
static int
take_until_literal(struct parse *parse, const struct format_item *item,
    struct slice *text)
{
	const struct format_item *next = item + 1;
	bool is_last = next + 1 ==
	    parse->format->items + parse->format->count;
	struct slice literal = format_literal(parse->format, next);
	const char *found = memmem(parse->at, bytes_left(parse), literal.data,
	    literal.size);

	if (found == NULL && parse->is_end && is_last)
		found = parse->end;
	if (found == NULL)
		return need_more(parse, item);
	*text = (struct slice){parse->at, (size_t)(found - parse->at)};
	parse->at = found;
	return 1;
}

static int
take_sized(struct parse *parse, const struct format_item *item, int64_t size,
    struct slice *text)
{
	if (size == SIZE_UNKNOWN)
		return take_until_literal(parse, item, text);
	if (bytes_left(parse) < (size_t)size)
		return need_more(parse, item);
	*text = (struct slice){parse->at, (size_t)size};
	parse->at += size;
	return 1;
}

static int
take_binary(struct parse *parse, const struct format_item *item,
    int64_t *value)
{
	const unsigned char *at = (const unsigned char *)parse->at;
	int bytes = item->number.bytes, i, shift;
	uint64_t number = 0;

	if (bytes_left(parse) < (size_t)bytes)
		return need_more(parse, item);
	for (i = 0; i < bytes; i++) {
		shift = item->number.is_little ? i : bytes - 1 - i;
		number |= (uint64_t)at[i] << 8 * shift;
	}
	parse->at += bytes;
	*value = (int64_t)number;
	return 1;
}

static int
take_number(struct parse *parse, const struct format_item *item,
    int64_t *value)
{
	struct slice text;
	char digits[64], what[3] = {'%', item->letter, '\0'};
	int result;

	if (item->number.bytes > 0)
		return take_binary(parse, item, value);
	result = take_until_literal(parse, item, &text);
	if (result <= 0)
		return result;
	if (text.size >= sizeof(digits) ||
	    memchr(text.data, '\0', text.size) != NULL)
		return fail(FAIL_DATA, "%s is no number", what);
	memcpy(digits, text.data, text.size);
	digits[text.size] = '\0';
	result = item->is_rfc3339
	    ? parse_time(digits, what, 0, value)
	    : parse_integer(digits, what, INT64_MIN / 2, INT64_MAX / 2, value);
	return result < 0 ? -FAIL_DATA : 1;
}

static int
parse_size_letter(struct parse *parse, const struct format_item *item,
    int64_t *size)
{
	int result = take_number(parse, item, size);

	if (result > 0 && (*size < 0 || *size > BATCH_MAX_SIZE))
		return fail(FAIL_DATA, "%%%c says %lld bytes, the limit is %d",
		    item->letter, (long long)*size, (int)BATCH_MAX_SIZE);
	return result;
}

static int
parse_timestamp(struct parse *parse, const struct format_item *item)
{
	int64_t *ms = &parse->message->record.timestamp;
	int result = take_number(parse, item, ms);

	if (result > 0 && (*ms < MESSAGE_TIMESTAMP_MIN ||
	        *ms > MESSAGE_TIMESTAMP_MAX))
		return fail(FAIL_DATA, "%%d is out of range");
	parse->message->has_timestamp = result > 0;
	return result;
}

/* "a=1,b=2" */
static int
parse_headers(struct parse *parse, const struct format_item *item)
{
	struct record *record = &parse->message->record;
	struct slice text, name, value;
	const char *at, *end, *comma, *equals;
	int result = take_until_literal(parse, item, &text);

	if (result <= 0)
		return result;
	end = (const char *)text.data + text.size;
	for (at = text.data; at < end; at = comma + 1) {
		comma = memchr(at, ',', (size_t)(end - at));
		if (comma == NULL)
			comma = end;
		equals = memchr(at, '=', (size_t)(comma - at));
		if (equals == NULL)
			return fail(FAIL_DATA, "%%h holds no NAME=VALUE");
		name = (struct slice){at, (size_t)(equals - at)};
		value = (struct slice){equals + 1,
		    (size_t)(comma - equals - 1)};
		record_append_header(parse->headers, name, value);
		record->header_count++;
	}
	return 1;
}

static int
parse_item(struct parse *parse, const struct format_item *item)
{
	struct record *record = &parse->message->record;

	switch (item->letter) {
	case 'v':
		return take_sized(parse, item, parse->value_size,
		    &record->value);
	case 'k':
		return take_sized(parse, item, parse->key_size, &record->key);
	case 'V':
		return parse_size_letter(parse, item, &parse->value_size);
	case 'K':
		return parse_size_letter(parse, item, &parse->key_size);
	case 'd':
		return parse_timestamp(parse, item);
	case 'h':
		return parse_headers(parse, item);
	case 'g':
		return take_until_literal(parse, item, &parse->tag);
	default:
		return parse_literal(parse, item);
	}
}

static bool
is_rest_optional(const struct parse *parse, size_t index)
{
	return parse->is_end && parse->at == parse->end && index > 0 &&
	    index + 1 == parse->format->count &&
	    parse->format->items[index].letter == '\0';
}

/* %g says in short what %h may have said already. */
static void
finish(struct parse *parse)
{
	struct record *record = &parse->message->record;
	struct slice found;

	if (record->value.data == NULL)
		record->value = (struct slice){"", 0};
	record->headers = buf_slice(parse->headers);
	if (parse->tag.size == 0 || record_find_header(record, RECORD_TAG,
	        &found))
		return;
	record_append_header(parse->headers, slice_of(RECORD_TAG), parse->tag);
	record->headers = buf_slice(parse->headers);
	record->header_count++;
}

int64_t
format_parse(const struct format *format, struct slice data, bool is_end,
    struct message *message, struct buf *headers)
{
	const char *start = data.data;
	struct parse parse = {format, start, start, start + data.size, is_end,
	    SIZE_UNKNOWN, SIZE_UNKNOWN, {NULL, 0}, message, headers};
	size_t i;
	int result;

	if (data.size == 0)
		return 0;
	buf_clear(headers);
	for (i = 0; i < format->count; i++) {
		if (is_rest_optional(&parse, i))
			break;
		result = parse_item(&parse, &format->items[i]);
		if (result <= 0)
			return result;
	}
	finish(&parse);
	return parse.at - start;
}
