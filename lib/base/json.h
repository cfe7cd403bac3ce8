/* JSON: writing lines, and reading one bounded value. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/buf.h"

/* Appends a quoted string; data must be UTF-8 (is_utf8). */
void json_string(struct buf *out, struct slice text);

/* Appends a string if data is UTF-8, else {"b64":"..."}; null for no value. */
void json_bytes(struct buf *out, struct slice data);
bool is_utf8(struct slice data);

/* Adds a member to an object that was begun with '{': bytes as json_bytes has
 * them; a count, null if it is negative; a time as format_time has it. */
void json_add_bytes(struct buf *out, const char *name, struct slice data);
void json_add_count(struct buf *out, const char *name, int64_t count);
void json_add_time(struct buf *out, const char *name, int64_t wall_ms);

enum json_type {
	JSON_NULL,
	JSON_FALSE,
	JSON_TRUE,
	JSON_NUMBER,
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT,
};

/*
 * One node of a parsed text. Members and elements are a linked list from
 * child through next, in the order of the text. Strings are unescaped.
 * Everything belongs to the document and dies with it.
 */
struct json {
	enum json_type type;
	struct slice name;   /* of a member */
	struct slice text;   /* of a string or number (digits as written) */
	struct json *child;
	struct json *next;
};

struct json_document;

/* Parses exactly one value (RFC 8259; at most 64 levels, invalid UTF-8 and lone
 * surrogates refused). -FAIL_DATA with the byte position. The document may be
 * reused for the next parse; *root is valid until then or the release. */
int json_parse(struct json_document **document, struct slice text,
    const struct json **root);
void json_release(struct json_document *document);

const struct json *json_member(const struct json *object, const char *name);

/* The inverse of json_bytes: a string, {"b64":...} or null; the decoded bytes
 * are appended to store (the slice views store: take it when store is done
 * growing), *is_null says no value. */
int json_get_bytes(const struct json *value, const char *what,
    struct buf *store, bool *is_null);
int json_get_integer(const struct json *value, const char *what, int64_t *out);

#endif
