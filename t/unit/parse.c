/* Numbers, durations, sizes, times and names as people type them. */
#include "base/parse.h"
#include "base/fail.h"
#include "unit.h"

#include <string.h>

static bool
reads_duration(const char *text, int64_t expected)
{
	int64_t ms = -1;

	return parse_duration(text, "wait", &ms) == 0 && ms == expected;
}

static bool
refuses_duration(const char *text)
{
	int64_t ms;

	return parse_duration(text, "wait", &ms) == -FAIL_USAGE;
}

static void
test_durations(void)
{
	CHECK(reads_duration("500ms", 500), "500ms is read");
	CHECK(reads_duration("30s", 30000) && reads_duration("30", 30000),
	    "a bare number is seconds");
	CHECK(reads_duration("5m", 300000) && reads_duration("2h", 7200000) &&
	    reads_duration("7d", 604800000), "minutes, hours and days");
	CHECK(reads_duration("1.5", 1500) && reads_duration("0.25s", 250) &&
	    reads_duration("1.5ms", 2), "fractions count, rounded up");
	CHECK(reads_duration("0.0001", 1), "a small duration is not none");
	CHECK(reads_duration("0", 0), "0 is none");
	CHECK(reads_duration("inf", PARSE_INFINITE), "inf is no limit");
	CHECK(refuses_duration("") && refuses_duration("-1") &&
	    refuses_duration("5 m") && refuses_duration("m") &&
	    refuses_duration("5x") && refuses_duration("1.") &&
	    refuses_duration("1.m") && refuses_duration("infinite"),
	    "what is no duration is refused");
	CHECK(refuses_duration("9223372036854775807d") &&
	    refuses_duration("9223372036854775807ms") &&
	    refuses_duration("99999999999999999999"),
	    "a duration out of range is refused");
	CHECK(strstr(fail_message(), "wait '99999999999999999999'") != NULL,
	    "the message says what was read");
}

static void
test_sizes(void)
{
	int64_t bytes;

	CHECK(parse_size("64K", "size", &bytes) == 0 && bytes == 65536,
	    "K is 1024");
	CHECK(parse_size("1m", "size", &bytes) == 0 && bytes == 1 << 20,
	    "small letters do as well");
	CHECK(parse_size("1.5G", "size", &bytes) == 0 &&
	    bytes == (int64_t)3 << 29, "1.5G is read");
	CHECK(parse_size("17", "size", &bytes) == 0 && bytes == 17,
	    "a bare number is bytes");
	CHECK(parse_size("9999999999T", "size", &bytes) == -FAIL_USAGE &&
	    parse_size("1KB", "size", &bytes) == -FAIL_USAGE,
	    "what is no size is refused");
}

static void
test_integers(void)
{
	int64_t value;

	CHECK(parse_integer("-5", "n", -9, 9, &value) == 0 && value == -5,
	    "negative numbers are read where they may be");
	CHECK(parse_integer("-9223372036854775808", "n", INT64_MIN, INT64_MAX,
	    &value) == 0 && value == INT64_MIN, "the smallest number is read");
	CHECK(parse_integer("10", "n", 0, 9, &value) == -FAIL_USAGE &&
	    strstr(fail_message(), "from 0 to 9") != NULL,
	    "a number out of range is refused with the range");
	CHECK(parse_integer("", "n", 0, 9, &value) == -FAIL_USAGE &&
	    parse_integer("1x", "n", 0, 9, &value) == -FAIL_USAGE &&
	    parse_integer("0x1", "n", 0, 9, &value) == -FAIL_USAGE,
	    "what is no number is refused");
	CHECK(parse_integer("inf", "n", 0, PARSE_INFINITE, &value) == 0 &&
	    value == PARSE_INFINITE &&
	    parse_integer("inf", "n", 0, 9, &value) == -FAIL_USAGE,
	    "inf is read where there may be no limit");
}

static bool
reads_time(const char *text, int64_t expected)
{
	int64_t ms = -1;

	return parse_time(text, "time", 1000000000, &ms) == 0 &&
	    ms == expected;
}

static bool
refuses_time(const char *text)
{
	int64_t ms;

	return parse_time(text, "time", 0, &ms) == -FAIL_USAGE;
}

static bool
writes_time(int64_t ms, const char *expected)
{
	struct buf out = {0};
	bool same;

	format_time(&out, ms);
	same = strcmp(buf_text(&out), expected) == 0;
	buf_release(&out);
	return same;
}

static void
test_times(void)
{
	CHECK(reads_time("2024-02-29T12:00:00Z", 1709208000000),
	    "RFC 3339 is read");
	CHECK(reads_time("2024-02-29t14:00:00.25+02:00", 1709208000250),
	    "with a fraction and a zone");
	CHECK(reads_time("@1709208000.5", 1709208000500),
	    "@ is seconds since 1970");
	CHECK(reads_time("-1h", 996400000) && reads_time("+5m", 1000300000),
	    "times relative to now");
	CHECK(refuses_time("2023-02-29T12:00:00Z") &&
	    refuses_time("2024-13-01T00:00:00Z") &&
	    refuses_time("2024-01-01T24:00:00Z") &&
	    refuses_time("2024-01-01") && refuses_time("2024-01-01T00:00:00") &&
	    refuses_time("2024-01-01T00:00:00+1") && refuses_time("yesterday"),
	    "what is no time is refused");
	CHECK(refuses_time("@") && refuses_time("@-1") &&
	    refuses_time("@99999999999999999999") && refuses_time("-inf"),
	    "seconds out of range are refused");
	CHECK(writes_time(1709208000007, "2024-02-29T12:00:00.007Z") &&
	    writes_time(-1, "1969-12-31T23:59:59.999Z"), "times are written");
	CHECK(writes_time(INT64_MAX, "@9223372036854775.807"),
	    "a time beyond the year 9999 too");
}

static bool
writes_duration(int64_t ms, const char *expected)
{
	struct buf out = {0};
	bool same;

	format_duration(&out, ms);
	same = strcmp(buf_text(&out), expected) == 0;
	buf_release(&out);
	return same;
}

static void
test_format(void)
{
	struct buf out = {0};
	int64_t low, high;

	CHECK(writes_duration(90000, "90s") && writes_duration(3600000, "1h") &&
	    writes_duration(1, "1ms") && writes_duration(0, "0") &&
	    writes_duration(PARSE_INFINITE, "inf"),
	    "durations are written short and exact");
	format_size(&out, 65536);
	format_size(&out, 1000);
	CHECK(strcmp(buf_text(&out), "64K1000") == 0,
	    "sizes are written short and exact");
	buf_release(&out);
	CHECK(parse_duration_range("1s..1h", "b", &low, &high) == 0 &&
	    low == 1000 && high == 3600000, "a range of durations is read");
	CHECK(parse_duration_range("0..0", "b", &low, &high) == 0 &&
	    low == 0 && high == 0 &&
	    parse_duration_range("0..1s", "b", &low, &high) == 0 &&
	    low == 0 && high == 1000,
	    "a range may begin at 0");
	CHECK(parse_duration_range("1h..1s", "b", &low, &high) < 0 &&
	    parse_duration_range("1h", "b", &low, &high) < 0 &&
	    parse_duration_range("..", "b", &low, &high) < 0,
	    "a range upside down is refused");
}

static void
test_names(void)
{
	char name[300];

	memset(name, 'a', sizeof(name));
	name[249] = '\0';
	CHECK(is_name_valid(name) && is_name_valid("a.b-c_D9"),
	    "names of up to 249 characters are good");
	name[249] = 'a';
	name[250] = '\0';
	CHECK(!is_name_valid(name) && !is_name_valid("") &&
	    !is_name_valid(".") && !is_name_valid("..") &&
	    !is_name_valid("a/b") && !is_name_valid("a b"),
	    "others are not");
	CHECK(check_name("a/\nb", "topic") == -FAIL_USAGE &&
	    strcmp(fail_message(),
	        "topic name 'a/?b': only A-Z a-z 0-9 . _ - are allowed") == 0,
	    "the message says why, in one line");
	CHECK(is_glob_match("or*", slice_of("order")) &&
	    !is_glob_match("or?", slice_of("order")) &&
	    !is_glob_match("*", (struct slice){"a\0b", 3}) &&
	    !is_glob_match("*", (struct slice){NULL, 0}),
	    "globs match bytes without NUL");
}

int
main(void)
{
	test_durations();
	test_sizes();
	test_integers();
	test_times();
	test_format();
	test_names();
	return unit_end();
}
