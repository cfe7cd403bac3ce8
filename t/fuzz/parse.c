/* Numbers, durations, sizes, times, ranges, names: text to values and back. */
#include "fuzz.h"
#include "base/hash.h"
#include "base/parse.h"
#include "log/codec.h"
#include "queue/disposition.h"
#include "queue/escape.h"
#include "queue/range.h"

static void
check_quantity(const char *text,
    int (*parse)(const char *text, const char *what, int64_t *value),
    void (*format)(struct buf *out, int64_t value))
{
	struct buf out = {0};
	int64_t value = -1, again = -1;
	int rc = parse(text, "value", &value);

	MUST(rc == 0 || rc == -FAIL_USAGE, "bad text is bad usage");
	if (rc == 0) {
		MUST(value >= 0, "no quantity is negative");
		format(&out, value);
		MUST(parse(buf_text(&out), "value", &again) == 0 &&
		    again == value, "and written it reads the same");
	}
	buf_release(&out);
}

static void
check_time(const char *text, int64_t now_ms)
{
	struct buf out = {0};
	int64_t value, again;
	int rc = parse_time(text, "time", now_ms, &value);

	MUST(rc == 0 || rc == -FAIL_USAGE, "a bad time is bad usage");
	if (rc == 0) {
		format_time(&out, value);
		rc = parse_time(buf_text(&out), "time", 0, &again);
		MUST(value < 0 || (rc == 0 && again == value),
		    "a time since 1970 reads as it is written");
		MUST(rc < 0 || again == value, "no time reads as another");
	}
	buf_release(&out);
}

static void
check_integer(const char *text, struct input *input)
{
	int64_t min = (int64_t)take_bytes(input, 8);
	int64_t max = (int64_t)take_bytes(input, 8);
	char digits[32];
	int64_t value, again;

	if (parse_integer(text, "number", min, max, &value) < 0)
		return;
	MUST(value >= min && value <= max, "a number is in its range");
	snprintf(digits, sizeof(digits), "%lld", (long long)value);
	MUST(parse_integer(digits, "number", min, max, &again) == 0 &&
	    again == value, "and written it reads the same");
}

static bool
is_bound_good(const struct bound *bound)
{
	switch (bound->kind) {
	case BOUND_START:
	case BOUND_END:
		return bound->value == 0;
	case BOUND_OFFSET:
	case BOUND_LAST:
		return bound->value >= 0;
	case BOUND_TIME:
		return true;
	}
	return false;
}

static void
check_range(const char *text)
{
	struct range range;
	int64_t low, high;
	int rc = range_parse(text, &range);

	MUST(rc == 0 || rc == -FAIL_USAGE, "a bad range is bad usage");
	MUST(rc < 0 || (is_bound_good(&range.from) &&
	    (!range.has_to || is_bound_good(&range.to))),
	    "a range has good bounds");
	if (parse_duration_range(text, "range", &low, &high) == 0)
		MUST(low >= 0 && low <= high, "low..high is in order");
}

static void
check_words(const char *text)
{
	struct disposition disposition;
	enum codec codec;

	disposition_init(&disposition);
	disposition_parse(&disposition, text);
	for (int i = 0; i < 256; i++)
		MUST(disposition.of_exit[i] <= ACTION_BROKEN,
		    "every exit status has an action");
	if (codec_parse(text, &codec) == 0)
		MUST(strcmp(codec_name(codec), text) == 0,
		    "a codec has one name");
	MUST(is_name_valid(text) == (check_name(text, "topic") == 0),
	    "a name is valid if it is not refused");
}

/* The bytes an escape means, all written as \xNN, are the same bytes. */
static void
check_escape(const char *text)
{
	struct buf bytes = {0}, escaped = {0}, again = {0};
	char hex[3];

	if (escape_append(text, &bytes) == 0) {
		for (size_t i = 0; i < bytes.size; i++) {
			hex_encode(bytes.data + i, 1, hex);
			buf_printf(&escaped, "\\x%s", hex);
		}
		MUST(escape_append(buf_text(&escaped), &again) == 0 &&
		    has_same_bytes(buf_slice(&bytes), buf_slice(&again)),
		    "escapes mean what they say");
	}
	buf_release(&bytes);
	buf_release(&escaped);
	buf_release(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {data, size};
	char *text = take_text(&input);

	check_quantity(text, parse_duration, format_duration);
	check_quantity(text, parse_size, format_size);
	check_time(text, (int64_t)(take_bytes(&input, 8) >> 1));
	check_integer(text, &input);
	check_range(text);
	check_words(text);
	check_escape(text);
	is_glob_match(text, (struct slice){input.at, input.left});
	free(text);
	return 0;
}
