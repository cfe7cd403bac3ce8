/* Numbers, durations and sizes: text to values and back. */
#include "base/parse.h"
#include "base/fail.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

struct unit {
	const char *name;
	int64_t factor;
};

/* Largest first: the shortest exact way to write a value comes first. */
static const struct unit duration_units[] = {
    {"d", 86400000},
    {"h", 3600000},
    {"m", 60000},
    {"s", 1000},
    {"ms", 1},
    {"", 1000},
    {NULL, 0},
};

static const struct unit size_units[] = {
    {"T", (int64_t)1 << 40},
    {"G", 1 << 30},
    {"M", 1 << 20},
    {"K", 1 << 10},
    {"", 1},
    {NULL, 0},
};

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Reads digits into *value; returns where they end, NULL if there are none
 * or too many. */
static const char *
parse_digits(const char *text, int64_t *value)
{
	*value = 0;
	if (!is_digit(*text))
		return NULL;
	for (; is_digit(*text); text++) {
		if (__builtin_mul_overflow(*value, 10, value) ||
		    __builtin_add_overflow(*value, *text - '0', value))
			return NULL;
	}
	return text;
}

/* Reads ".5" as 500000 millionths; digits behind the sixth are rounded up, so
 * that a small value never becomes none. */
static const char *
parse_fraction(const char *text, int64_t *millionths)
{
	int64_t scale = 1000000;
	bool has_rest = false;

	*millionths = 0;
	if (*text != '.')
		return text;
	if (!is_digit(*++text))
		return NULL;
	for (; is_digit(*text); text++) {
		scale /= 10;
		*millionths += (*text - '0') * scale;
		has_rest = has_rest || (scale == 0 && *text != '0');
	}
	*millionths += has_rest;
	return text;
}

static const struct unit *
find_unit(const struct unit *units, const char *name, size_t size)
{
	for (; units->name != NULL; units++) {
		if (strlen(units->name) == size &&
		    strncasecmp(units->name, name, size) == 0)
			return units;
	}
	return NULL;
}

/* NUMBER[.FRACTION][UNIT]; returns false if text[0..size) is not one. */
static bool
parse_quantity(const char *text, size_t size, const struct unit *units,
    int64_t *value)
{
	const struct unit *unit;
	const char *at;
	int64_t millionths, rest;

	if (size == 3 && memcmp(text, "inf", 3) == 0) {
		*value = PARSE_INFINITE;
		return true;
	}
	at = parse_digits(text, value);
	if (at != NULL)
		at = parse_fraction(at, &millionths);
	if (at == NULL || at > text + size)
		return false;
	unit = find_unit(units, at, (size_t)(text + size - at));
	if (unit == NULL ||
	    __builtin_mul_overflow(*value, unit->factor, value))
		return false;
	/* at most 2^40 * 10^6, which fits */
	rest = (unit->factor * millionths + 999999) / 1000000;
	return !__builtin_add_overflow(*value, rest, value) &&
	    *value < PARSE_INFINITE;
}

static int
parse_range_failure(const char *text, const char *what, int64_t min,
    int64_t max)
{
	if (max == INT64_MAX && min == 0)
		return fail(FAIL_USAGE,
		    "%s '%s': expected a whole number", what, text);
	if (max == INT64_MAX)
		return fail(FAIL_USAGE,
		    "%s '%s': expected a whole number from %" PRId64, what,
		    text, min);
	return fail(FAIL_USAGE,
	    "%s '%s': expected a whole number from %" PRId64 " to %" PRId64,
	    what, text, min, max);
}

int
parse_integer(const char *text, const char *what, int64_t min, int64_t max,
    int64_t *value)
{
	bool negative = text[0] == '-';
	const char *end;
	int64_t number;

	if (max == PARSE_INFINITE && strcmp(text, "inf") == 0) {
		*value = PARSE_INFINITE;
		return 0;
	}
	if (strcmp(text, "-9223372036854775808") == 0) {
		number = INT64_MIN;
	} else {
		end = parse_digits(text + negative, &number);
		if (end == NULL || *end != '\0')
			return parse_range_failure(text, what, min, max);
		number = negative ? -number : number;
	}
	if (number < min || number > max)
		return parse_range_failure(text, what, min, max);
	*value = number;
	return 0;
}

static int
parse_with_units(const char *text, const char *what, const struct unit *units,
    const char *example, int64_t *value)
{
	if (!parse_quantity(text, strlen(text), units, value))
		return fail(FAIL_USAGE, "%s '%s': expected a %s or inf", what,
		    text, example);
	return 0;
}

int
parse_duration(const char *text, const char *what, int64_t *ms)
{
	return parse_with_units(text, what, duration_units,
	    "duration such as 500ms, 30s, 5m, 2h, 7d", ms);
}

int
parse_size(const char *text, const char *what, int64_t *bytes)
{
	return parse_with_units(text, what, size_units,
	    "size such as 4096, 64K, 1M, 1G", bytes);
}

int
parse_duration_range(const char *text, const char *what, int64_t *low_ms,
    int64_t *high_ms)
{
	const char *dots = strstr(text, "..");
	size_t size = dots == NULL ? 0 : (size_t)(dots - text);
	char low[64] = "";

	/* Apart, or the first dot would begin a fraction: "0..1s". */
	if (size < sizeof(low))
		memcpy(low, text, size);
	if (size == 0 || size >= sizeof(low) ||
	    !parse_quantity(low, size, duration_units, low_ms) ||
	    !parse_quantity(dots + 2, strlen(dots + 2), duration_units,
	        high_ms) ||
	    *low_ms > *high_ms)
		return fail(FAIL_USAGE,
		    "%s '%s': expected two durations, low..high, such as"
		    " 1s..1h", what, text);
	return 0;
}

static void
format_quantity(struct buf *out, int64_t value, const struct unit *units)
{
	if (value == PARSE_INFINITE) {
		buf_append_text(out, "inf");
		return;
	}
	while (value != 0 && value % units->factor != 0)
		units++;
	buf_printf(out, "%" PRId64 "%s", value / units->factor,
	    value == 0 ? "" : units->name);
}

void
format_duration(struct buf *out, int64_t ms)
{
	format_quantity(out, ms, duration_units);
}

void
format_size(struct buf *out, int64_t bytes)
{
	format_quantity(out, bytes, size_units);
}
