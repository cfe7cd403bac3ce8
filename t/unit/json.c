/* JSON both ways, and texts that are not. */
#include "base/json.h"
#include "base/fail.h"
#include "unit.h"

#include <string.h>

static struct json_document *document;

static bool
refuses(const char *text)
{
	const struct json *root;

	return json_parse(&document, slice_of(text), &root) == -FAIL_DATA;
}

static const struct json *
parsed(const char *text)
{
	const struct json *root;

	if (json_parse(&document, slice_of(text), &root) < 0)
		return NULL;
	return root;
}

static bool
reads_string(const char *text, const void *expected, size_t size)
{
	const struct json *root = parsed(text);

	return root != NULL && root->type == JSON_STRING &&
	    slice_equal(root->text, (struct slice){expected, size});
}

static void
test_values(void)
{
	const struct json *root =
	    parsed(" {\"a\" : [1, -2.5e+3 ,true,false,null], \"b\":{}} ");
	const struct json *list = json_member(root, "a");
	int64_t value;

	CHECK(root != NULL && list != NULL && list->type == JSON_ARRAY,
	    "an object's members are found");
	CHECK(list->child->next->next->type == JSON_TRUE &&
	    list->child->next->next->next->next->type == JSON_NULL,
	    "an array's elements are in order");
	CHECK(json_get_integer(list->child, "n", &value) == 0 && value == 1,
	    "a whole number is read");
	CHECK(json_get_integer(list->child->next, "n", &value) == -FAIL_DATA,
	    "a fraction is no whole number");
	CHECK(json_member(root, "c") == NULL && json_member(list, "a") == NULL,
	    "what is not there is not found");
}

static void
test_strings(void)
{
	CHECK(reads_string("\"\"", "", 0), "the empty string");
	CHECK(reads_string("\"a\\n\\u0000\\u00e9\\/\"", "a\n\0\xc3\xa9/", 6),
	    "escapes are undone");
	CHECK(reads_string("\"\\ud83d\\ude00\"", "\xf0\x9f\x98\x80", 4),
	    "a surrogate pair is one character");
	CHECK(refuses("\"\\ud83d\"") && refuses("\"\\ude00\"") &&
	    refuses("\"\\ud83d\\u0041\""), "lone surrogates are refused");
	CHECK(refuses("\"\xff\"") && refuses("\"\xc0\x80\"") &&
	    refuses("\"\xed\xa0\x80\""), "bytes that are not UTF-8 are refused");
	CHECK(refuses("\"a") && refuses("\"\\x41\"") && refuses("\"a\nb\"") &&
	    refuses("\"\\u12g4\""), "broken strings are refused");
}

static void
test_refusals(void)
{
	static char deep[200000];

	CHECK(refuses("") && refuses(" ") && refuses("{") && refuses("[1,]") &&
	    refuses("{\"a\"}") && refuses("{\"a\":1,}") && refuses("{1:2}"),
	    "broken structures are refused");
	CHECK(refuses("01") && refuses("1.") && refuses("-") && refuses("1e") &&
	    refuses("+1") && refuses("nul") && refuses("truex"),
	    "broken values are refused");
	CHECK(refuses("1 2"), "a second value is refused");
	CHECK(strcmp(fail_message(), "JSON: expected the end at byte 2") == 0,
	    "the message says where");
	memset(deep, '[', 64);
	memset(deep + 64, ']', 64);
	CHECK(parsed(deep) != NULL, "64 levels are read");
	memset(deep, '[', sizeof(deep) - 1);
	CHECK(refuses(deep), "more are refused");
}

static bool
writes_bytes(const void *data, size_t size, const char *expected)
{
	struct buf out = {0}, back = {0};
	bool same, is_null;

	json_bytes(&out, (struct slice){data, size});
	same = strcmp(buf_text(&out), expected) == 0 &&
	    json_get_bytes(parsed(buf_text(&out)), "x", &back, &is_null) == 0 &&
	    is_null == (data == NULL) && back.size == size &&
	    (size == 0 || memcmp(back.data, data, size) == 0);
	buf_release(&out);
	buf_release(&back);
	return same;
}

static void
test_bytes(void)
{
	CHECK(writes_bytes("a\"\\\n\x01\x7f\0", 7,
	    "\"a\\\"\\\\\\n\\u0001\x7f\\u0000\""), "text is a string");
	CHECK(writes_bytes("\xff\xfe", 2, "{\"b64\":\"//4=\"}"),
	    "other bytes are base64");
	CHECK(writes_bytes(NULL, 0, "null"), "no value is null");
	CHECK(writes_bytes("", 0, "\"\""), "an empty value is not");
}

static void
test_members(void)
{
	struct buf out = {0};

	buf_append_byte(&out, '{');
	json_add_bytes(&out, "name", slice_of("a{"));
	json_add_count(&out, "lag", 0);
	json_add_count(&out, "dead", -1);
	buf_append_byte(&out, '}');
	CHECK(strcmp(buf_text(&out),
	    "{\"name\":\"a{\",\"lag\":0,\"dead\":null}") == 0,
	    "members follow each other; a count that is not known is null");
	buf_release(&out);
}

int
main(void)
{
	test_values();
	test_strings();
	test_refusals();
	test_bytes();
	test_members();
	json_release(document);
	return unit_end();
}
