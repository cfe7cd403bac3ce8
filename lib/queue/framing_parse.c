/* Where one message ends and the next begins: a parser a framing. */
#include "queue/framing_parse.h"
#include "queue/format.h"
#include "base/cursor.h"
#include "base/fail.h"

#include <stdarg.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { NETSTRING_DIGITS = 10 };

int
framing_parse_failure(const struct framing_reader *reader, const char *format,
    ...)
{
	char reason[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(reason, sizeof(reason), format, arguments);
	va_end(arguments);
	return fail(FAIL_DATA, "%s: message %" PRId64 " %s", reader->name,
	    reader->count + 1, reason);
}

static int
too_long(const struct framing_reader *reader)
{
	return framing_parse_failure(reader,
	    "is longer than the limit of %zu bytes", reader->limit);
}

static struct slice
input_left(const struct framing_reader *reader)
{
	return (struct slice){reader->buffer.data + reader->begin,
	    reader->end - reader->begin};
}

static void
take(struct framing_reader *reader, size_t size)
{
	reader->begin += size;
	reader->scanned = 0;
}

/* Finds the delimiter in what was not looked at before; NULL if there is
 * none. */
static const unsigned char *
find_delimiter(struct framing_reader *reader, struct slice data)
{
	const unsigned char *from, *found;
	size_t size = reader->delimiter.size;

	if (data.size == 0)
		return NULL;
	from = (const unsigned char *)data.data + reader->scanned;
	if (size == 1)
		found = memchr(from, *(const char *)reader->delimiter.data,
		    data.size - reader->scanned);
	else
		found = memmem(from, data.size - reader->scanned,
		    reader->delimiter.data, size);
	if (found == NULL && data.size >= size)
		reader->scanned = data.size - (size - 1);
	return found;
}

/* The bytes up to the delimiter, which is taken too; at the end of input those
 * without one. */
static int
take_delimited(struct framing_reader *reader, struct slice *line)
{
	struct slice data = input_left(reader);
	const unsigned char *found = find_delimiter(reader, data);

	*line = data;
	if (found != NULL)
		line->size = (size_t)(found - (const unsigned char *)line->data);
	if (line->size > reader->limit)
		return too_long(reader);
	if (found == NULL && (!reader->is_end || line->size == 0))
		return 0;
	take(reader, line->size + (found != NULL ? reader->delimiter.size : 0));
	return 1;
}

static int
parse_delimited(struct framing_reader *reader, struct message *message)
{
	return take_delimited(reader, &message->record.value);
}

/* A NUL byte in a line says that these are no lines. */
static int
parse_lines(struct framing_reader *reader, struct message *message)
{
	int result = take_delimited(reader, &message->record.value);

	if (reader->nul != SIZE_MAX &&
	    (result == 0 || (result > 0 && reader->nul < reader->begin)))
		return framing_parse_failure(reader,
		    "looks binary; use -1, -0 or -D '\\n'");
	return result;
}

static int
parse_whole(struct framing_reader *reader, struct message *message)
{
	struct slice data = input_left(reader);

	if (data.size > reader->limit)
		return too_long(reader);
	if (!reader->is_end || reader->is_done)
		return 0;
	reader->is_done = true;
	message->record.value = data;
	take(reader, data.size);
	return 1;
}

/* Input that ends inside a message is an error, between two it is the end. */
static int
need_more(const struct framing_reader *reader, size_t have, const char *part,
    size_t want)
{
	if (!reader->is_end || (have == 0 && reader->begin == reader->end))
		return 0;
	return framing_parse_failure(reader,
	    "is cut short: input ends after %zu of %zu bytes of its %s", have,
	    want, part);
}

static int
parse_len32(struct framing_reader *reader, struct message *message)
{
	struct slice data = input_left(reader);
	struct cursor cursor = cursor_over(data.data, data.size);
	uint32_t size = cursor_be32(&cursor);

	if (cursor.failed)
		return need_more(reader, data.size, "length", 4);
	if (size > reader->limit)
		return framing_parse_failure(reader,
		    "claims %" PRIu32 " bytes, the limit is %zu", size,
		    reader->limit);
	if (cursor_left(&cursor) < size)
		return need_more(reader, cursor_left(&cursor), "value", size);
	message->record.value = cursor_bytes(&cursor, size);
	take(reader, size + 4);
	return 1;
}

/* "12:" -> 12 and the bytes used; 0 if more are needed. */
static int
parse_netstring_size(struct framing_reader *reader, struct slice data,
    size_t *size, size_t *used)
{
	const char *at = data.data;
	size_t i;

	*size = 0;
	for (i = 0; i < data.size && i <= NETSTRING_DIGITS; i++) {
		if (at[i] == ':' && i > 0) {
			*used = i + 1;
			return 1;
		}
		if (at[i] < '0' || at[i] > '9' || (i == 1 && at[0] == '0'))
			return framing_parse_failure(reader,
			    "is no netstring: expected LENGTH:");
		*size = *size * 10 + (size_t)(at[i] - '0');
	}
	if (i > NETSTRING_DIGITS)
		return framing_parse_failure(reader,
		    "has a length of more than %d digits",
		    (int)NETSTRING_DIGITS);
	if (reader->is_end && data.size > 0)
		return framing_parse_failure(reader,
		    "is cut short: input ends inside its length");
	return 0;
}

static int
parse_netstring(struct framing_reader *reader, struct message *message)
{
	struct slice data = input_left(reader);
	const char *at = data.data;
	size_t size, used = 0;
	int result;

	result = parse_netstring_size(reader, data, &size, &used);
	if (result <= 0)
		return result;
	if (size > reader->limit)
		return framing_parse_failure(reader,
		    "claims %zu bytes, the limit is %zu", size, reader->limit);
	if (data.size - used < size + 1)
		return need_more(reader, data.size - used,
		    "value and its comma", size + 1);
	if (at[used + size] != ',')
		return framing_parse_failure(reader,
		    "is no netstring: expected ',' behind %zu bytes", size);
	message->record.value = (struct slice){at + used, size};
	take(reader, used + size + 1);
	return 1;
}

static bool
is_blank(struct slice line)
{
	const char *at = line.data;
	size_t i;

	for (i = 0; i < line.size; i++) {
		if (strchr(" \t\r", at[i]) == NULL || at[i] == '\0')
			return false;
	}
	return true;
}

/* Blank lines are no messages, and of no message. */
static int
parse_json(struct framing_reader *reader, struct message *message)
{
	char reason[256];
	struct slice line;
	int result;

	do {
		reader->raw = reader->begin;
		result = take_delimited(reader, &line);
	} while (result > 0 && is_blank(line));
	if (result <= 0)
		return result;
	if (message_json_parse(&reader->json, line, message) < 0) {
		snprintf(reason, sizeof(reason), "%s", fail_message());
		return framing_parse_failure(reader, "is bad: %s", reason);
	}
	return 1;
}

static int
parse_format(struct framing_reader *reader, struct message *message)
{
	struct slice data = input_left(reader);
	char reason[256];
	int64_t used;

	used = format_parse(reader->framing->format, data, reader->is_end,
	    message, &reader->headers);
	if (used < 0) {
		snprintf(reason, sizeof(reason), "%s", fail_message());
		return framing_parse_failure(reader, "is bad: %s", reason);
	}
	if (used == 0 && data.size > reader->limit)
		return too_long(reader);
	if (used > 0)
		take(reader, (size_t)used);
	return used > 0;
}

static int (*const parsers[])(struct framing_reader *, struct message *) = {
    [FRAMING_LINES] = parse_lines,
    [FRAMING_DELIMITER] = parse_delimited,
    [FRAMING_WHOLE] = parse_whole,
    [FRAMING_LEN32] = parse_len32,
    [FRAMING_NETSTRING] = parse_netstring,
    [FRAMING_JSON] = parse_json,
    [FRAMING_FORMAT] = parse_format,
    [FRAMING_NATIVE] = framing_parse_native,
};

int
framing_parse(struct framing_reader *reader, struct message *message)
{
	int result = parsers[reader->framing->kind](reader, message);

	if (result > 0 && message->record.value.size > reader->max)
		return framing_parse_failure(reader,
		    "is longer than the limit of %zu bytes", reader->max);
	return result;
}
