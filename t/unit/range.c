/* Ranges: what -o accepts, and what it does not. */
#include "queue/range.h"
#include "base/clock.h"
#include "base/fail.h"
#include "unit.h"

static bool
is_bound(const struct bound *bound, enum bound_kind kind, int64_t value)
{
	return bound->kind == kind && bound->value == value;
}

/* 2023-11-14T22:13:20Z */
#define MOMENT_MS INT64_C(1700000000000)

static void
test_single(void)
{
	struct range range;

	CHECK(range_parse("start", &range) == 0 && !range.has_to &&
	    range.from.kind == BOUND_START, "start");
	CHECK(range_parse("end", &range) == 0 &&
	    range.from.kind == BOUND_END, "end");
	CHECK(range_parse("42", &range) == 0 && !range.has_to &&
	    is_bound(&range.from, BOUND_OFFSET, 42), "an offset");
	CHECK(range_parse("-42", &range) == 0 &&
	    is_bound(&range.from, BOUND_LAST, 42), "the last so many");
	CHECK(range_parse("@1700000000", &range) == 0 &&
	    is_bound(&range.from, BOUND_TIME, MOMENT_MS), "epoch seconds");
	CHECK(range_parse("@2023-11-14T22:13:20Z", &range) == 0 &&
	    !range.has_to && is_bound(&range.from, BOUND_TIME, MOMENT_MS),
	    "a time with colons is one bound");
	CHECK(range_parse("@2023-11-15T00:13:20+02:00", &range) == 0 &&
	    !range.has_to && is_bound(&range.from, BOUND_TIME, MOMENT_MS),
	    "so is one with a zone");
	CHECK(range_parse("-1h", &range) == 0 &&
	    range.from.kind == BOUND_TIME &&
	    clock_wall_ms() - range.from.value - 3600000 < 60000,
	    "an hour ago");
}

static void
test_pairs(void)
{
	struct range range;

	CHECK(range_parse("3:7", &range) == 0 && range.has_to &&
	    is_bound(&range.from, BOUND_OFFSET, 3) &&
	    is_bound(&range.to, BOUND_OFFSET, 7), "two offsets");
	CHECK(range_parse("-10:end", &range) == 0 && range.has_to &&
	    is_bound(&range.from, BOUND_LAST, 10) &&
	    range.to.kind == BOUND_END, "the last ten to the end");
	CHECK(range_parse("@2023-11-14T22:13:20Z:-1h", &range) == 0 &&
	    is_bound(&range.from, BOUND_TIME, MOMENT_MS) &&
	    range.to.kind == BOUND_TIME, "a time to an hour ago");
	CHECK(range_parse("@2023-11-14T22:13:20Z:@2023-11-15T00:13:20+02:00",
	    &range) == 0 && is_bound(&range.from, BOUND_TIME, MOMENT_MS) &&
	    is_bound(&range.to, BOUND_TIME, MOMENT_MS), "two times");
}

static void
test_refused(void)
{
	static const char *const bad[] = {"", ":", "x", "3:", ":3", "3:x",
		"1:2:3", "--1", "1.5", "@", "@x", "start:",
		"99999999999999999999", "Start", " 1", "@2023-11-14T22:13"};
	struct range range;
	int accepted = 0;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (range_parse(bad[i], &range) == -FAIL_USAGE)
			continue;
		printf("# accepted: '%s'\n", bad[i]);
		accepted++;
	}
	CHECK(accepted == 0, "anything else is a usage error");
}

int
main(void)
{
	test_single();
	test_pairs();
	test_refused();
	return unit_end();
}
