/* Messages as JSON Lines: one object a line, in and out. */
#include "queue/message_json.h"
#include "base/fail.h"
#include "base/json.h"

#include <inttypes.h>

static void
append_headers(const struct record *record, struct buf *out)
{
	struct record_header header;
	const char *separator = "";
	size_t position = 0;

	buf_append_text(out, ",\"headers\":[");
	while (record_next_header(record, &position, &header) > 0) {
		buf_append_text(out, separator);
		buf_append_byte(out, '[');
		json_bytes(out, header.name);
		buf_append_byte(out, ',');
		json_bytes(out, header.value);
		buf_append_byte(out, ']');
		separator = ",";
	}
	buf_append_byte(out, ']');
}

void
message_json_append(const struct message *message, struct buf *out)
{
	const struct record *record = &message->record;
	struct slice tag;

	buf_append_byte(out, '{');
	if (message->topic != NULL) {
		buf_append_text(out, "\"topic\":");
		json_string(out, slice_of(message->topic));
		buf_printf(out, ",\"partition\":%d,\"offset\":%" PRId64 ",",
		    message->partition, record->offset);
	}
	buf_printf(out, "\"timestamp\":%" PRId64 ",\"key\":",
	    record->timestamp);
	json_bytes(out, record->key);
	append_headers(record, out);
	if (record_find_header(record, RECORD_TAG, &tag)) {
		buf_append_text(out, ",\"tag\":");
		json_bytes(out, tag);
	}
	buf_append_text(out, ",\"value\":");
	json_bytes(out, record->value);
	if (message->attempt > 0)
		buf_printf(out, ",\"attempt\":%d", message->attempt);
	if (message->receipt != NULL) {
		buf_append_text(out, ",\"receipt\":");
		json_string(out, slice_of(message->receipt));
	}
	buf_append_text(out, "}\n");
}

/* Bytes in the reader's store, which may move until all are in it. */
struct stored {
	size_t begin;
	size_t size;
	bool is_null;
};

static int
store_bytes(struct message_json_reader *reader, const struct json *value,
    const char *what, struct stored *stored)
{
	int result;

	stored->begin = reader->store.size;
	stored->is_null = true;
	if (value == NULL)
		return 0;
	result = json_get_bytes(value, what, &reader->store, &stored->is_null);
	stored->size = reader->store.size - stored->begin;
	return result;
}

/* The first call behind the last store_bytes may move the store, others do
 * not: there is room for the one byte then. It keeps an empty value from
 * being a null one. */
static struct slice
stored_slice(struct message_json_reader *reader, const struct stored *stored)
{
	if (stored->is_null)
		return (struct slice){NULL, 0};
	buf_reserve(&reader->store, 1);
	return (struct slice){reader->store.data + stored->begin,
	    stored->size};
}

static int
parse_header(struct message_json_reader *reader, const struct json *pair,
    struct record *record)
{
	struct stored name, value;
	int result;

	if (pair->type != JSON_ARRAY || pair->child == NULL ||
	    pair->child->next == NULL || pair->child->next->next != NULL)
		return fail(FAIL_DATA,
		    "headers: expected a list of [name, value]");
	buf_clear(&reader->store);
	result = store_bytes(reader, pair->child, "header name", &name);
	if (result == 0)
		result = store_bytes(reader, pair->child->next,
		    "header value", &value);
	if (result < 0)
		return result;
	if (name.is_null)
		return fail(FAIL_DATA, "headers: a name is null");
	record_append_header(&reader->headers, stored_slice(reader, &name),
	    stored_slice(reader, &value));
	record->header_count++;
	return 0;
}

static int
parse_headers(struct message_json_reader *reader, const struct json *root,
    struct record *record)
{
	const struct json *list = json_member(root, "headers"), *pair;
	int result;

	if (list == NULL || list->type == JSON_NULL)
		return 0;
	if (list->type != JSON_ARRAY)
		return fail(FAIL_DATA,
		    "headers: expected a list of [name, value]");
	for (pair = list->child; pair != NULL; pair = pair->next) {
		result = parse_header(reader, pair, record);
		if (result < 0)
			return result;
	}
	return 0;
}

/* "tag" says in short what mq-get found in the headers: there already. */
static int
parse_tag(struct message_json_reader *reader, const struct json *root,
    struct record *record)
{
	const struct json *value = json_member(root, "tag");
	struct stored tag;
	struct slice found;
	int result;

	record->headers = buf_slice(&reader->headers);
	if (value == NULL || value->type == JSON_NULL ||
	    record_find_header(record, RECORD_TAG, &found))
		return 0;
	buf_clear(&reader->store);
	result = store_bytes(reader, value, "tag", &tag);
	if (result < 0)
		return result;
	record_append_header(&reader->headers, slice_of(RECORD_TAG),
	    stored_slice(reader, &tag));
	record->headers = buf_slice(&reader->headers);
	record->header_count++;
	return 0;
}

static int
parse_timestamp(const struct json *root, struct message *message)
{
	const struct json *value = json_member(root, "timestamp");
	int64_t ms;
	int result;

	if (value == NULL || value->type == JSON_NULL)
		return 0;
	result = json_get_integer(value, "timestamp", &ms);
	if (result < 0)
		return result;
	if (ms < MESSAGE_TIMESTAMP_MIN || ms > MESSAGE_TIMESTAMP_MAX)
		return fail(FAIL_DATA, "timestamp: out of range");
	message->record.timestamp = ms;
	message->has_timestamp = true;
	return 0;
}

int
message_json_parse(struct message_json_reader *reader, struct slice line,
    struct message *message)
{
	struct stored key, value;
	const struct json *root;
	int result;

	buf_clear(&reader->headers);
	result = json_parse(&reader->document, line, &root);
	if (result < 0)
		return result;
	if (json_member(root, "value") == NULL)
		return fail(FAIL_DATA, "expected an object with \"value\"");
	result = parse_headers(reader, root, &message->record);
	if (result == 0)
		result = parse_tag(reader, root, &message->record);
	if (result == 0)
		result = parse_timestamp(root, message);
	buf_clear(&reader->store);
	if (result == 0)
		result = store_bytes(reader, json_member(root, "key"), "key",
		    &key);
	if (result == 0)
		result = store_bytes(reader, json_member(root, "value"),
		    "value", &value);
	if (result < 0)
		return result;
	message->record.key = stored_slice(reader, &key);
	message->record.value = stored_slice(reader, &value);
	return 0;
}

void
message_json_release(struct message_json_reader *reader)
{
	json_release(reader->document);
	buf_release(&reader->store);
	buf_release(&reader->headers);
}
