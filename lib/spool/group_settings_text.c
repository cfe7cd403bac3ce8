/* Settings of a group as text, under the names that Kafka has for them. */
#include "spool/group_settings.h"

#include "base/fail.h"

#include <limits.h>
#include <string.h>

#define START "share.auto.offset.reset"
#define LEASE "share.record.lock.duration.ms"
#define AGE "by_duration:"

enum { AGE_DIGITS = 9 };

const char *const group_setting_keys[] = {START, LEASE, NULL};

const struct group_fixed group_settings_fixed[] = {
	{"share.heartbeat.interval.ms", "5000"},
	{"share.isolation.level", "read_uncommitted"},
	{"share.session.timeout.ms", "45000"},
	{NULL, NULL},
};

/* A number of one unit: "5M". *text is moved behind it. 0 if it is none. */
static int
take_part(const char **text, bool is_time, int64_t *ms)
{
	static const struct {
		char unit;
		bool is_time;
		int64_t ms;
	} units[] = {{'D', false, 86400000}, {'H', true, 3600000},
	    {'M', true, 60000}, {'S', true, 1000}};
	const char *at = *text;
	int64_t number = 0, part = 0, scale = 1000;
	int digits = 0;

	for (; *at >= '0' && *at <= '9' && digits < AGE_DIGITS; at++, digits++)
		number = number * 10 + (*at - '0');
	if (digits == 0)
		return 0;
	if (*at == '.') {
		for (at++; *at >= '0' && *at <= '9'; at++) {
			scale /= 10;
			part += (*at - '0') * scale;
		}
		if (*at != 'S')
			return 0;
	}
	for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
		if (units[i].unit != *at || units[i].is_time != is_time)
			continue;
		*ms += number * units[i].ms + part;
		*text = at + 1;
		return 1;
	}
	return 0;
}

/* ISO 8601: P1DT2H3M4.5S. */
static int
parse_age(const char *text, int64_t *ms)
{
	bool is_time = false;
	int parts = 0;

	*ms = 0;
	if (*text++ != 'P')
		return 0;
	while (*text != '\0') {
		if (*text == 'T' && !is_time) {
			is_time = true;
			text++;
		}
		if (!take_part(&text, is_time, ms))
			return 0;
		parts++;
	}
	return parts > 0;
}

static int
apply_start(struct group_settings *settings, const char *value)
{
	int64_t age_ms = GROUP_START_FIRST;

	if (value != NULL && strcmp(value, "latest") == 0)
		age_ms = GROUP_START_END;
	else if (value != NULL && strcmp(value, "earliest") != 0 &&
	    (strncmp(value, AGE, sizeof AGE - 1) != 0 ||
	    !parse_age(value + sizeof AGE - 1, &age_ms)))
		return fail(FAIL_CONFIG, "%s: '%s' is not earliest, latest or "
		    "by_duration:PnDTnHnMnS", START, value);
	settings->start_age_ms = age_ms;
	return 0;
}

static int
apply_lease(struct group_settings *settings, const char *value)
{
	int64_t lease_ms = 0;
	int failed = value == NULL ? 0 : parse_integer(value, LEASE, 1,
	    INT_MAX, &lease_ms);

	if (failed < 0)
		return fail(FAIL_CONFIG, "%s: '%s' is not a number of "
		    "milliseconds from 1 to %d", LEASE, value, INT_MAX);
	settings->lease_ms = lease_ms;
	return 0;
}

int
group_settings_apply(struct group_settings *settings, const char *key,
    const char *value)
{
	if (strcmp(key, START) == 0)
		return apply_start(settings, value);
	if (strcmp(key, LEASE) == 0)
		return apply_lease(settings, value);
	for (const struct group_fixed *fixed = group_settings_fixed;
	    fixed->name != NULL; fixed++) {
		if (strcmp(fixed->name, key) != 0)
			continue;
		if (value == NULL || strcmp(fixed->value, value) == 0)
			return 0;
		return fail(FAIL_CONFIG, "%s: only %s is possible", key,
		    fixed->value);
	}
	if (strncmp(key, "consumer.", 9) == 0)
		return fail(FAIL_CONFIG, "%s: members of consumer groups say "
		    "that themselves", key);
	return fail(FAIL_CONFIG, "%s: groups have no such setting here", key);
}

static void
format_start(int64_t age_ms, struct buf *out)
{
	if (age_ms < 0)
		buf_append_text(out, "earliest");
	else if (age_ms == GROUP_START_END)
		buf_append_text(out, "latest");
	else if (age_ms % 1000 == 0)
		buf_printf(out, AGE "PT%lldS", (long long)(age_ms / 1000));
	else
		buf_printf(out, AGE "PT%lld.%03lldS",
		    (long long)(age_ms / 1000), (long long)(age_ms % 1000));
}

bool
is_group_setting_default(const struct group_settings *settings,
    const char *key)
{
	return strcmp(key, START) == 0 ?
	    settings->start_age_ms == GROUP_START_FIRST :
	    settings->lease_ms == 0;
}

/* Where nothing is said the topic says it: so what topics say by default. */
void
group_settings_format(const struct group_settings *settings, const char *key,
    struct buf *out)
{
	struct topic_settings topic;

	if (strcmp(key, START) == 0) {
		format_start(settings->start_age_ms, out);
		return;
	}
	topic_settings_default(&topic);
	buf_printf(out, "%lld", (long long)(settings->lease_ms > 0 ?
	    settings->lease_ms : topic.lease_ms));
}
