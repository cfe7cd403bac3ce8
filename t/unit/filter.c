/* Filters: any of one kind, all of the kinds. */
#include "queue/filter.h"
#include "unit.h"

static struct buf headers;

static void
add_header(struct record *record, const char *name, const char *value)
{
	record_append_header(&headers, slice_of(name),
	    value != NULL ? slice_of(value) : (struct slice){NULL, 0});
	record->headers = buf_slice(&headers);
	record->header_count++;
}

int
main(void)
{
	struct record record = {.timestamp = 1000, .key = slice_of("user-7")};
	const char *keys[] = {"x*", "user-?"};
	const char *tags[] = {"blue", "red"};
	const char *wanted[] = {"lang=d*"};
	const char *null_header[] = {"null=*"};
	struct filter filter;

	add_header(&record, "lang", "en");
	add_header(&record, "lang", "de");
	add_header(&record, "null", NULL);
	add_header(&record, RECORD_TAG, "red");
	filter_init(&filter);
	CHECK(is_filter_empty(&filter) && is_filter_match(&filter, &record),
	    "an empty filter passes everything");
	filter.keys = keys;
	filter.key_count = 1;
	CHECK(!is_filter_empty(&filter) && !is_filter_match(&filter, &record),
	    "no glob matches the key");
	filter.key_count = 2;
	CHECK(is_filter_match(&filter, &record), "one of two globs does");
	filter.tags = tags;
	filter.tag_count = 1;
	CHECK(!is_filter_match(&filter, &record), "all kinds must match");
	filter.tag_count = 2;
	filter.headers = wanted;
	filter.header_count = 1;
	CHECK(is_filter_match(&filter, &record),
	    "a later header of the name counts");
	filter.headers = null_header;
	CHECK(!is_filter_match(&filter, &record),
	    "a null value matches no glob");
	filter_init(&filter);
	filter.since_ms = 1000;
	CHECK(is_filter_match(&filter, &record), "since is included");
	filter.until_ms = 1000;
	CHECK(!is_filter_match(&filter, &record), "until is not");
	filter_init(&filter);
	filter.keys = keys;
	filter.key_count = 2;
	record.key = (struct slice){NULL, 0};
	CHECK(!is_filter_match(&filter, &record), "no key matches no glob");
	buf_release(&headers);
	return unit_end();
}
