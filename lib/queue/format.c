/* Compiling a record format, and writing messages by it. */
#include "queue/format_item.h"
#include "queue/escape.h"
#include "base/fail.h"
#include "base/parse.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char letters[] = "vkhtpodVKrag";

struct slice
format_literal(const struct format *format, const struct format_item *item)
{
	return (struct slice){format->literals.data + item->begin, item->size};
}

static struct format_item *
add_item(struct format *format, char letter, size_t at)
{
	struct format_item *items = memory_resize(format->items,
	    (format->count + 1) * sizeof(*items));

	format->items = items;
	items[format->count] = (struct format_item){.letter = letter,
	    .at = at, .begin = format->literals.size};
	return &items[format->count++];
}

static void
add_literal(struct format *format, unsigned char byte, size_t at)
{
	struct format_item *last = NULL;

	if (format->count > 0)
		last = &format->items[format->count - 1];
	if (last == NULL || last->letter != '\0')
		last = add_item(format, '\0', at);
	buf_append_byte(&format->literals, byte);
	last->size++;
}

/* "big32", "little8", "ascii": false if it is none. */
static bool
parse_number_kind(const char *text, size_t size, struct format_number *number)
{
	static const struct {
		const char *name;
		struct format_number number;
	} kinds[] = {
	    {"ascii", {0, false}}, {"big8", {1, false}},
	    {"big16", {2, false}}, {"big32", {4, false}},
	    {"big64", {8, false}}, {"little8", {1, true}},
	    {"little16", {2, true}}, {"little32", {4, true}},
	    {"little64", {8, true}},
	};
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (strlen(kinds[i].name) == size &&
		    memcmp(kinds[i].name, text, size) == 0) {
			*number = kinds[i].number;
			return true;
		}
	}
	return false;
}

/* "{...}" behind a letter, if there is one; returns where it ends. */
static const char *
take_variant(struct format_item *item, const char *at)
{
	const char *close = *at == '{' ? strchr(at, '}') : NULL;
	size_t size;

	if (*at != '{')
		return at;
	if (close == NULL)
		return NULL;
	size = (size_t)(close - at - 1);
	if (item->letter == 'd' && size == 7 &&
	    memcmp(at + 1, "rfc3339", 7) == 0)
		item->is_rfc3339 = true;
	else if (strchr("dVKpo", item->letter) == NULL ||
	    !parse_number_kind(at + 1, size, &item->number))
		return NULL;
	return close + 1;
}

/* Behind a percent sign at `text[at]`. Returns where it ends, or NULL. */
static const char *
compile_letter(struct format *format, const char *text, size_t at)
{
	char letter = text[at + 1];

	if (letter == '%') {
		add_literal(format, '%', at);
		return text + at + 2;
	}
	if (letter == '\0' || strchr(letters, letter) == NULL) {
		fail(FAIL_USAGE,
		    "-f '%s': '%%%.1s' at position %zu is none of %%v %%k %%h"
		    " %%t %%p %%o %%d %%V %%K %%r %%a %%g %%%%", text,
		    text + at + 1, at + 1);
		return NULL;
	}
	text = take_variant(add_item(format, letter, at), text + at + 2);
	if (text == NULL)
		fail(FAIL_USAGE,
		    "-f: bad {...} behind '%%%c' at position %zu: expected"
		    " {rfc3339} for %%d, {big32}, {little16} and the like for"
		    " numbers", letter, at + 1);
	return text;
}

static int
compile(struct format *format, const char *text)
{
	const char *at = text;
	size_t position;
	int byte;

	while (*at != '\0') {
		position = (size_t)(at - text);
		if (*at == '%') {
			at = compile_letter(format, text, position);
			if (at == NULL)
				return -FAIL_USAGE;
			continue;
		}
		byte = *at == '\\' ? escape_take(&at) : (unsigned char)*at++;
		if (byte < 0)
			return fail(FAIL_USAGE,
			    "-f '%s': expected \\n, \\r, \\t, \\0, \\xNN or"
			    " \\\\ at position %zu", text, position + 1);
		add_literal(format, (unsigned char)byte, position);
	}
	if (format->count == 0)
		return fail(FAIL_USAGE, "-f: the format is empty");
	return 0;
}

int
format_compile(struct format **format, const char *text, bool for_input)
{
	struct format *made = memory_alloc(sizeof(*made));
	int result = compile(made, text);

	if (result == 0 && for_input)
		result = format_check_input(made);
	if (result < 0) {
		format_release(made);
		return result;
	}
	*format = made;
	return 0;
}

void
format_release(struct format *format)
{
	if (format == NULL)
		return;
	free(format->items);
	buf_release(&format->literals);
	free(format);
}

static void
append_number(const struct format_item *item, int64_t value, struct buf *out)
{
	int bytes = item->number.bytes, i, shift;

	if (bytes == 0) {
		buf_printf(out, "%" PRId64, value);
		return;
	}
	for (i = 0; i < bytes; i++) {
		shift = item->number.is_little ? i : bytes - 1 - i;
		buf_append_byte(out, (unsigned char)(value >> 8 * shift));
	}
}

static void
append_headers(const struct record *record, struct buf *out)
{
	struct record_header header;
	const char *separator = "";
	size_t position = 0;

	while (record_next_header(record, &position, &header) > 0) {
		buf_append_text(out, separator);
		buf_append_slice(out, header.name);
		buf_append_byte(out, '=');
		buf_append_slice(out, header.value);
		separator = ",";
	}
}

static void
append_text(struct buf *out, const char *text)
{
	if (text != NULL)
		buf_append_text(out, text);
}

static void
append_letter(const struct format_item *item, const struct message *message,
    struct buf *out)
{
	const struct record *record = &message->record;
	struct slice tag;

	switch (item->letter) {
	case 'v':
		buf_append_slice(out, record->value);
		break;
	case 'k':
		buf_append_slice(out, record->key);
		break;
	case 'h':
		append_headers(record, out);
		break;
	case 't':
		append_text(out, message->topic);
		break;
	case 'p':
		append_number(item, message->partition, out);
		break;
	case 'o':
		append_number(item, record->offset, out);
		break;
	case 'd':
		if (item->is_rfc3339)
			format_time(out, record->timestamp);
		else
			append_number(item, record->timestamp, out);
		break;
	case 'V':
		append_number(item, (int64_t)record->value.size, out);
		break;
	case 'K':
		append_number(item, (int64_t)record->key.size, out);
		break;
	case 'r':
		append_text(out, message->receipt);
		break;
	case 'a':
		append_number(item, message->attempt, out);
		break;
	case 'g':
		if (record_find_header(record, RECORD_TAG, &tag))
			buf_append_slice(out, tag);
		break;
	}
}

void
format_append(const struct format *format, const struct message *message,
    struct buf *out)
{
	size_t i;

	for (i = 0; i < format->count; i++) {
		if (format->items[i].letter == '\0')
			buf_append_slice(out,
			    format_literal(format, &format->items[i]));
		else
			append_letter(&format->items[i], message, out);
	}
}
