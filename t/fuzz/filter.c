/* Filters and globs over records of any bytes. */
#include "fuzz.h"
#include "base/parse.h"
#include "queue/filter.h"

/* A glob that matches these bytes only. */
static char *
escape(struct slice bytes)
{
	const char *at = bytes.data;
	struct buf glob = {0};

	for (size_t i = 0; i < bytes.size; i++) {
		buf_append_byte(&glob, '\\');
		buf_append_byte(&glob, (unsigned char)at[i]);
	}
	buf_text(&glob);
	return (char *)glob.data;
}

/* No glob matches a null value, nor one with NUL bytes. */
static bool
is_never_matched(struct slice bytes)
{
	return bytes.data == NULL ||
	    memchr(bytes.data, 0, bytes.size) != NULL;
}

static void
check_glob(const char *glob, struct slice value)
{
	char *own = escape(value);
	bool is_match = is_glob_match(glob, value);

	MUST(!is_match || !is_never_matched(value),
	    "a NUL byte never matches");
	MUST(is_never_matched(value) == !is_glob_match("*", value),
	    "* is anything else");
	MUST(is_never_matched(value) || is_glob_match(own, value),
	    "escaped bytes match themselves");
	free(own);
}

/* Each alone, then both: all given ones must match, lists are any-of. */
static void
check_filter(const char *glob, const char *other, const struct record *record)
{
	const char *one[] = {glob}, *two[] = {glob, other}, *last[] = {other};
	struct filter filter;
	bool first, second;

	filter_init(&filter);
	MUST(is_filter_empty(&filter) && is_filter_match(&filter, record),
	    "no filter matches all");
	filter.keys = one;
	filter.key_count = 1;
	first = is_filter_match(&filter, record);
	MUST(!first || record->key.data != NULL, "no key matches no glob");
	filter.keys = last;
	second = is_filter_match(&filter, record);
	filter.keys = two;
	filter.key_count = 2;
	MUST(is_filter_match(&filter, record) == (first || second),
	    "of several keys one will do");
	filter.tags = one;
	filter.tag_count = 1;
	MUST(!is_filter_match(&filter, record) || first || second,
	    "of several kinds all must match");
}

static void
check_header(const char *text, const struct record *record)
{
	struct buf condition = {0};
	const char *one[1];
	struct filter filter;
	bool is_match;

	buf_printf(&condition, "h=%s", text);
	one[0] = buf_text(&condition);
	filter_init(&filter);
	filter.headers = one;
	filter.header_count = 1;
	is_match = is_filter_match(&filter, record);
	MUST(is_match == is_glob_match(text, record->key) ||
	    record->key.data == NULL, "a header matches as a key does");
	buf_release(&condition);
}

static void
check_times(const struct record *record, int64_t since, int64_t until)
{
	struct filter filter;

	filter_init(&filter);
	filter.since_ms = since;
	filter.until_ms = until;
	MUST(is_filter_match(&filter, record) ==
	    (record->timestamp >= since && record->timestamp < until),
	    "a time is in the span, the end left out");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {data, size};
	int64_t since = (int64_t)take_bytes(&input, 2);
	int64_t until = (int64_t)take_bytes(&input, 2);
	struct record record = {.timestamp = (int64_t)take_bytes(&input, 2)};
	char *glob = take_text(&input), *other = take_text(&input);
	struct buf headers = {0};

	record.key = (struct slice){input.left ? input.at : NULL, input.left};
	record_append_header(&headers, slice_of(RECORD_TAG), record.key);
	record_append_header(&headers, slice_of("h"), record.key);
	record.headers = buf_slice(&headers);
	record.header_count = 2;
	check_glob(glob, record.key);
	check_filter(glob, other, &record);
	check_header(glob, &record);
	check_times(&record, since, until);
	buf_release(&headers);
	free(glob);
	free(other);
	return 0;
}
