/* Wall-clock times: RFC 3339, seconds since 1970, and relative ones. */
#include "base/parse.h"
#include "base/fail.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

/* Exactly `count` digits at *at; moves *at, or sets it to NULL. */
static int
take_digits(const char **at, int count)
{
	int value = 0;

	if (*at == NULL)
		return 0;
	for (; count > 0; count--, (*at)++) {
		if (**at < '0' || **at > '9') {
			*at = NULL;
			return 0;
		}
		value = value * 10 + (**at - '0');
	}
	return value;
}

/* One of `choices` at *at; moves *at, or sets it to NULL. */
static char
take_one_of(const char **at, const char *choices)
{
	if (*at == NULL || **at == '\0' || strchr(choices, **at) == NULL) {
		*at = NULL;
		return '\0';
	}
	return *(*at)++;
}

/* ".678": milliseconds; further digits are cut. */
static int
take_fraction(const char **at)
{
	int ms = 0, scale = 100;

	if (*at == NULL || **at != '.')
		return 0;
	(*at)++;
	if (**at < '0' || **at > '9') {
		*at = NULL;
		return 0;
	}
	for (; **at >= '0' && **at <= '9'; (*at)++, scale /= 10)
		ms += (**at - '0') * scale;
	return ms;
}

/* "Z" or "+hh:mm": seconds east of UTC. */
static int
take_zone(const char **at)
{
	char sign = take_one_of(at, "Zz+-");
	int hours, minutes;

	if (*at == NULL || sign == 'Z' || sign == 'z')
		return 0;
	hours = take_digits(at, 2);
	take_one_of(at, ":");
	minutes = take_digits(at, 2);
	if (hours > 23 || minutes > 59)
		*at = NULL;
	return (sign == '-' ? -60 : 60) * (hours * 60 + minutes);
}

static bool
is_date(const struct tm *tm)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
	    31};
	int year = tm->tm_year + 1900;
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return tm->tm_mon >= 0 && tm->tm_mon < 12 && tm->tm_mday >= 1 &&
	    tm->tm_mday <= days[tm->tm_mon] + (leap && tm->tm_mon == 1);
}

/* RFC 3339 section 5.6, with a space for T as its note allows. */
static bool
parse_rfc3339(const char *text, int64_t *ms)
{
	const char *at = text;
	struct tm tm = {0};
	int fraction, zone;

	tm.tm_year = take_digits(&at, 4) - 1900;
	take_one_of(&at, "-");
	tm.tm_mon = take_digits(&at, 2) - 1;
	take_one_of(&at, "-");
	tm.tm_mday = take_digits(&at, 2);
	take_one_of(&at, "Tt ");
	tm.tm_hour = take_digits(&at, 2);
	take_one_of(&at, ":");
	tm.tm_min = take_digits(&at, 2);
	take_one_of(&at, ":");
	tm.tm_sec = take_digits(&at, 2);
	fraction = take_fraction(&at);
	zone = take_zone(&at);
	if (at == NULL || *at != '\0' || !is_date(&tm) || tm.tm_hour > 23 ||
	    tm.tm_min > 59 || tm.tm_sec > 60)
		return false;
	*ms = ((int64_t)timegm(&tm) - zone) * 1000 + fraction;
	return true;
}

/* "@1700000000.5" */
static bool
parse_epoch(const char *text, int64_t *ms)
{
	const char *at = text + 1;
	int64_t seconds = 0;
	int fraction;

	if (*at < '0' || *at > '9')
		return false;
	for (; *at >= '0' && *at <= '9'; at++) {
		if (__builtin_mul_overflow(seconds, 10, &seconds) ||
		    __builtin_add_overflow(seconds, *at - '0', &seconds))
			return false;
	}
	fraction = take_fraction(&at);
	return at != NULL && *at == '\0' &&
	    !__builtin_mul_overflow(seconds, 1000, ms) &&
	    !__builtin_add_overflow(*ms, fraction, ms);
}

/* "-1h", "+5m" */
static bool
parse_relative(const char *text, int64_t now_ms, int64_t *ms)
{
	int64_t duration;

	if (parse_duration(text + 1, "", &duration) < 0 ||
	    duration == PARSE_INFINITE)
		return false;
	if (text[0] == '-')
		return !__builtin_sub_overflow(now_ms, duration, ms);
	return !__builtin_add_overflow(now_ms, duration, ms);
}

int
parse_time(const char *text, const char *what, int64_t now_ms, int64_t *ms)
{
	bool good;

	if (text[0] == '@')
		good = parse_epoch(text, ms);
	else if (text[0] == '-' || text[0] == '+')
		good = parse_relative(text, now_ms, ms);
	else
		good = parse_rfc3339(text, ms);
	if (!good)
		return fail(FAIL_USAGE,
		    "%s '%s': expected a time such as 2024-02-29T12:00:00Z,"
		    " @1709208000 or -1h", what, text);
	return 0;
}

/* Years that RFC 3339 cannot write become "@SECONDS.mmm". */
void
format_time(struct buf *out, int64_t wall_ms)
{
	int64_t ms = wall_ms % 1000;
	time_t seconds;
	struct tm tm;

	if (ms < 0)
		ms += 1000;
	seconds = (wall_ms - ms) / 1000;
	if (gmtime_r(&seconds, &tm) == NULL || tm.tm_year < -1900 ||
	    tm.tm_year > 9999 - 1900) {
		buf_printf(out, "@%" PRId64 ".%03d", (int64_t)seconds,
		    (int)ms);
		return;
	}
	buf_printf(out, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ",
	    tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
	    tm.tm_min, tm.tm_sec, (int)ms);
}
