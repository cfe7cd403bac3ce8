/* JSON: one value of any bytes, written again and read again. */
#include "fuzz.h"
#include "base/hash.h"
#include "base/json.h"

static void
write_value(struct buf *out, const struct json *value)
{
	static const char *const words[] = {"null", "false", "true"};
	const char *separator = "";
	bool is_object = value->type == JSON_OBJECT;

	if (value->type <= JSON_TRUE)
		buf_append_text(out, words[value->type]);
	else if (value->type == JSON_NUMBER)
		buf_append_slice(out, value->text);
	else if (value->type == JSON_STRING)
		json_string(out, value->text);
	if (value->type < JSON_ARRAY)
		return;
	buf_append_byte(out, is_object ? '{' : '[');
	for (value = value->child; value != NULL; value = value->next) {
		buf_append_text(out, separator);
		separator = ",";
		if (is_object) {
			json_string(out, value->name);
			buf_append_byte(out, ':');
		}
		write_value(out, value);
	}
	buf_append_byte(out, is_object ? '}' : ']');
}

static void
check_tree(const struct json *a, const struct json *b)
{
	MUST((a == NULL) == (b == NULL), "written it has as many values");
	for (; a != NULL && b != NULL; a = a->next, b = b->next) {
		MUST(a->type == b->type && slice_equal(a->name, b->name) &&
		    slice_equal(a->text, b->text),
		    "and they are the same");
		MUST(a->type != JSON_STRING || is_utf8(a->text),
		    "a string is UTF-8");
		check_tree(a->child, b->child);
		MUST((a->next == NULL) == (b->next == NULL),
		    "written it has as many values");
	}
}

static void
check_getters(const struct json *root)
{
	struct buf store = {0};
	int64_t number;
	bool is_null;

	json_member(root, "value");
	json_get_integer(root, "root", &number);
	json_get_bytes(root, "root", &store, &is_null);
	buf_release(&store);
}

static void
check_parse(struct slice text)
{
	struct json_document *document = NULL, *other = NULL;
	const struct json *root, *again;
	struct buf out = {0};
	int rc = json_parse(&document, text, &root);

	MUST(rc == 0 || rc == -FAIL_DATA, "bad JSON is bad data");
	if (rc == 0) {
		write_value(&out, root);
		MUST(json_parse(&other, buf_slice(&out), &again) == 0,
		    "what was read can be written");
		check_tree(root, again);
		check_getters(root);
	}
	json_release(document);
	json_release(other);
	buf_release(&out);
}

/* Any bytes survive as a value, and as base64. */
static void
check_bytes(struct slice bytes)
{
	struct json_document *document = NULL;
	const struct json *root;
	struct buf out = {0}, store = {0};
	bool is_null;

	json_bytes(&out, bytes);
	MUST(json_parse(&document, buf_slice(&out), &root) == 0 &&
	    json_get_bytes(root, "value", &store, &is_null) == 0 &&
	    is_null == (bytes.data == NULL) &&
	    has_same_bytes(buf_slice(&store), bytes), "any bytes are kept");
	buf_clear(&out);
	buf_clear(&store);
	if (base64_decode(&store, bytes) == 0) {
		base64_encode(&out, buf_slice(&store));
		MUST(has_same_bytes(buf_slice(&out), bytes),
		    "base64 has one form");
	}
	json_release(document);
	buf_release(&out);
	buf_release(&store);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_parse((struct slice){data, size});
	check_bytes((struct slice){data, size});
	return 0;
}
