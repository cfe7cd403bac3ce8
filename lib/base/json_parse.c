/* Reading one JSON text (RFC 8259) into a tree of bounded size and depth. */
#include "base/json.h"
#include "base/fail.h"

#include <stdlib.h>
#include <string.h>

enum {
	DEPTH_MAX = 64,
	BLOCK_NODES = 64,
	NODES_MAX = 1 << 18,
};

struct block {
	struct block *next;
	struct json nodes[BLOCK_NODES];
};

/*
 * Invariants: strings are never longer unescaped than in the text, so that
 * room reserved once for the whole text keeps `strings` from moving;
 * `current` is the block being filled, those before it are full.
 */
struct json_document {
	struct buf strings;
	struct block *blocks;
	struct block *current;
	size_t used;  /* of the current block */
	size_t total;
};

struct parser {
	struct json_document *document;
	const char *start;
	const char *at;
	const char *end;
	int depth;
};

static int parse_value(struct parser *parser, struct json **value);

static int
parse_failure(const struct parser *parser, const char *expected)
{
	return fail(FAIL_DATA, "JSON: expected %s at byte %zu", expected,
	    (size_t)(parser->at - parser->start));
}

static int
new_node(struct parser *parser, enum json_type type, struct json **node)
{
	struct json_document *document = parser->document;
	struct block **next;

	if (document->total++ >= NODES_MAX)
		return fail(FAIL_DATA, "JSON: more than %d values",
		    (int)NODES_MAX);
	if (document->current == NULL || document->used == BLOCK_NODES) {
		next = document->current == NULL ? &document->blocks
						 : &document->current->next;
		if (*next == NULL)
			*next = memory_alloc(sizeof(struct block));
		document->current = *next;
		document->used = 0;
	}
	*node = &document->current->nodes[document->used++];
	**node = (struct json){.type = type};
	return 0;
}

static bool
is_next(const struct parser *parser, char c)
{
	return parser->at < parser->end && *parser->at == c;
}

static bool
take(struct parser *parser, char c)
{
	if (!is_next(parser, c))
		return false;
	parser->at++;
	return true;
}

static void
skip_space(struct parser *parser)
{
	while (is_next(parser, ' ') || is_next(parser, '\t') ||
	    is_next(parser, '\n') || is_next(parser, '\r'))
		parser->at++;
}

/* Four hexadecimal digits, or -1. */
static int
take_hex(struct parser *parser)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	const char *digit;
	int value = 0, i;

	for (i = 0; i < 4; i++) {
		if (parser->at == parser->end || *parser->at == '\0')
			return -1;
		digit = strchr(digits, *parser->at);
		if (digit == NULL)
			return -1;
		value = value * 16 + (int)((digit - digits) % 16);
		parser->at++;
	}
	return value;
}

static void
append_utf8(struct buf *out, uint32_t code)
{
	if (code < 0x80) {
		buf_append_byte(out, (unsigned char)code);
		return;
	}
	if (code < 0x800) {
		buf_append_byte(out, (unsigned char)(0xc0 | code >> 6));
	} else if (code < 0x10000) {
		buf_append_byte(out, (unsigned char)(0xe0 | code >> 12));
		buf_append_byte(out,
		    (unsigned char)(0x80 | (code >> 6 & 0x3f)));
	} else {
		buf_append_byte(out, (unsigned char)(0xf0 | code >> 18));
		buf_append_byte(out,
		    (unsigned char)(0x80 | (code >> 12 & 0x3f)));
		buf_append_byte(out,
		    (unsigned char)(0x80 | (code >> 6 & 0x3f)));
	}
	buf_append_byte(out, (unsigned char)(0x80 | (code & 0x3f)));
}

/* Behind "\u". */
static int
parse_unicode(struct parser *parser)
{
	int high = take_hex(parser), low;

	if (high < 0)
		return parse_failure(parser, "four hexadecimal digits");
	if (high >= 0xd800 && high <= 0xdfff) {
		if (high >= 0xdc00 || !take(parser, '\\') ||
		    !take(parser, 'u'))
			return parse_failure(parser, "a surrogate pair");
		low = take_hex(parser);
		if (low < 0xdc00 || low > 0xdfff)
			return parse_failure(parser, "a low surrogate");
		high = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
	}
	append_utf8(&parser->document->strings, (uint32_t)high);
	return 0;
}

/* Behind a backslash. */
static int
parse_escape(struct parser *parser)
{
	static const char pairs[] = "\"\"\\\\//b\bf\fn\nr\rt\t";
	const char *pair;

	if (take(parser, 'u'))
		return parse_unicode(parser);
	for (pair = pairs; *pair != '\0'; pair += 2) {
		if (take(parser, *pair)) {
			buf_append_byte(&parser->document->strings,
			    (unsigned char)pair[1]);
			return 0;
		}
	}
	return parse_failure(parser, "an escape such as \\n");
}

/* The text of a string, whose opening quote comes next. */
static int
parse_string(struct parser *parser, struct slice *text)
{
	struct buf *strings = &parser->document->strings;
	size_t begin = strings->size;
	const char *run;
	int result;

	if (!take(parser, '"'))
		return parse_failure(parser, "a string");
	while (!is_next(parser, '"')) {
		for (run = parser->at; parser->at < parser->end &&
		     *parser->at != '"' && *parser->at != '\\' &&
		     (unsigned char)*parser->at >= ' ';)
			parser->at++;
		buf_append(strings, run, (size_t)(parser->at - run));
		if (is_next(parser, '"'))
			break;
		if (!take(parser, '\\'))
			return parse_failure(parser,
			    "a closing quote or an escaped control character");
		result = parse_escape(parser);
		if (result < 0)
			return result;
	}
	parser->at++;
	text->data = strings->data + begin;
	text->size = strings->size - begin;
	return 0;
}

static bool
skip_digits(struct parser *parser)
{
	const char *begin = parser->at;

	while (parser->at < parser->end && *parser->at >= '0' &&
	    *parser->at <= '9')
		parser->at++;
	return parser->at > begin;
}

static int
parse_number(struct parser *parser, struct json **value)
{
	struct buf *strings = &parser->document->strings;
	const char *begin = parser->at;
	int result = new_node(parser, JSON_NUMBER, value);

	if (result < 0)
		return result;
	take(parser, '-');
	if (!take(parser, '0') && !skip_digits(parser))
		return parse_failure(parser, "a value");
	if (take(parser, '.') && !skip_digits(parser))
		return parse_failure(parser, "a digit");
	if (take(parser, 'e') || take(parser, 'E')) {
		if (!take(parser, '+'))
			take(parser, '-');
		if (!skip_digits(parser))
			return parse_failure(parser, "a digit");
	}
	(*value)->text.data = strings->data + strings->size;
	(*value)->text.size = (size_t)(parser->at - begin);
	buf_append(strings, begin, (*value)->text.size);
	return 0;
}

static int
parse_word(struct parser *parser, const char *word, enum json_type type,
    struct json **value)
{
	size_t size = strlen(word);

	if ((size_t)(parser->end - parser->at) < size ||
	    memcmp(parser->at, word, size) != 0)
		return parse_failure(parser, "a value");
	parser->at += size;
	return new_node(parser, type, value);
}

/* "name":value */
static int
parse_member(struct parser *parser, struct json **value)
{
	struct slice name;
	int result;

	skip_space(parser);
	result = parse_string(parser, &name);
	if (result < 0)
		return result;
	skip_space(parser);
	if (!take(parser, ':'))
		return parse_failure(parser, "':'");
	result = parse_value(parser, value);
	if (result == 0)
		(*value)->name = name;
	return result;
}

/* An array or object, whose opening bracket was taken. */
static int
parse_list(struct parser *parser, struct json *list, char close)
{
	bool is_object = list->type == JSON_OBJECT;
	struct json **next = &list->child;
	int result;

	skip_space(parser);
	if (take(parser, close))
		return 0;
	for (;;) {
		result = is_object ? parse_member(parser, next)
				   : parse_value(parser, next);
		if (result < 0)
			return result;
		next = &(*next)->next;
		skip_space(parser);
		if (take(parser, close))
			return 0;
		if (!take(parser, ','))
			return parse_failure(parser,
			    is_object ? "',' or '}'" : "',' or ']'");
	}
}

static int
parse_nested(struct parser *parser, enum json_type type, char close,
    struct json **value)
{
	int result = new_node(parser, type, value);

	if (result < 0)
		return result;
	if (++parser->depth > DEPTH_MAX)
		return fail(FAIL_DATA, "JSON: more than %d levels",
		    (int)DEPTH_MAX);
	result = parse_list(parser, *value, close);
	parser->depth--;
	return result;
}

static int
parse_value(struct parser *parser, struct json **value)
{
	int result;

	skip_space(parser);
	if (take(parser, '{'))
		return parse_nested(parser, JSON_OBJECT, '}', value);
	if (take(parser, '['))
		return parse_nested(parser, JSON_ARRAY, ']', value);
	if (is_next(parser, '"')) {
		result = new_node(parser, JSON_STRING, value);
		return result < 0 ? result
				  : parse_string(parser, &(*value)->text);
	}
	if (is_next(parser, 't'))
		return parse_word(parser, "true", JSON_TRUE, value);
	if (is_next(parser, 'f'))
		return parse_word(parser, "false", JSON_FALSE, value);
	if (is_next(parser, 'n'))
		return parse_word(parser, "null", JSON_NULL, value);
	return parse_number(parser, value);
}

int
json_parse(struct json_document **document, struct slice text,
    const struct json **root)
{
	struct parser parser = {NULL, text.data, text.data, NULL, 0};
	struct json *value;
	int result;

	if (*document == NULL)
		*document = memory_alloc(sizeof(**document));
	parser.document = *document;
	parser.end = parser.at + text.size;
	buf_clear(&parser.document->strings);
	buf_reserve(&parser.document->strings, text.size + 1);
	parser.document->current = NULL;
	parser.document->total = 0;
	if (!is_utf8(text))
		return fail(FAIL_DATA, "JSON: not UTF-8");
	result = parse_value(&parser, &value);
	if (result < 0)
		return result;
	skip_space(&parser);
	if (parser.at != parser.end)
		return parse_failure(&parser, "the end");
	*root = value;
	return 0;
}

void
json_release(struct json_document *document)
{
	struct block *block, *next;

	if (document == NULL)
		return;
	for (block = document->blocks; block != NULL; block = next) {
		next = block->next;
		free(block);
	}
	buf_release(&document->strings);
	free(document);
}
