/* Settings of a group as text, under the names that Kafka has for them. */
#include "spool/group_settings.h"

#include "base/fail.h"

#include <limits.h>
#include <string.h>

#define START "share.auto.offset.reset"
#define AGE "by_duration:"

enum { AGE_DIGITS = 9 };

/* Settings that are numbers; 0 in the struct: the preset, or the topic's. */
struct number {
	const char *name;
	size_t at;
	int min;
	int preset;
};

#define NUMBER(name, member, min, preset) \
	{name, offsetof(struct group_settings, member), min, preset}
static const struct number numbers[] = {
	NUMBER("share.delivery.count.limit", max_attempts, 1, 0),
	NUMBER("share.heartbeat.interval.ms", beat_ms, 100, GROUP_BEAT_MS),
	NUMBER("share.record.lock.duration.ms", lease_ms, 1, 0),
	NUMBER("share.session.timeout.ms", session_ms, 1000,
	    GROUP_SESSION_MS),
};

const char *const group_setting_keys[] = {START,
	"share.delivery.count.limit", "share.heartbeat.interval.ms",
	"share.record.lock.duration.ms", "share.session.timeout.ms", NULL};

const struct group_fixed group_settings_fixed[] = {
	{"errors.deadletterqueue.copy.record.enable", "true"},
	{"share.assignment.interval.ms", "0"},
	{"share.isolation.level", "read_uncommitted"},
	{"share.renew.acknowledge.enable", "true"},
	{NULL, NULL},
};

static const struct number *
find_number(const char *key)
{
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		if (strcmp(numbers[i].name, key) == 0)
			return &numbers[i];
	return NULL;
}

static int64_t
number_of(const struct group_settings *settings, const struct number *number)
{
	int64_t value;

	memcpy(&value, (const char *)settings + number->at, sizeof value);
	return value;
}

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
apply_number(struct group_settings *settings, const struct number *number,
    const char *value)
{
	int64_t parsed = 0;
	int failed = value == NULL ? 0 : parse_integer(value, number->name,
	    number->min, INT_MAX, &parsed);

	if (failed < 0)
		return fail(FAIL_CONFIG, "%s: '%s' is not a number from %d to "
		    "%d", number->name, value, number->min, INT_MAX);
	memcpy((char *)settings + number->at, &parsed, sizeof parsed);
	return 0;
}

int
group_settings_apply(struct group_settings *settings, const char *key,
    const char *value)
{
	if (strcmp(key, START) == 0)
		return apply_start(settings, value);
	if (find_number(key) != NULL)
		return apply_number(settings, find_number(key), value);
	for (const struct group_fixed *fixed = group_settings_fixed;
	    fixed->name != NULL; fixed++) {
		if (strcmp(fixed->name, key) != 0)
			continue;
		if (value == NULL || strcmp(fixed->value, value) == 0)
			return 0;
		return fail(FAIL_CONFIG, "%s: only %s is possible", key,
		    fixed->value);
	}
	if (strcmp(key, "errors.deadletterqueue.topic.name") == 0)
		return fail(FAIL_CONFIG, "%s: mq.dlq of the topic says that",
		    key);
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
	    number_of(settings, find_number(key)) == 0;
}

bool
is_group_setting_number(const char *key)
{
	return find_number(key) != NULL;
}

/* Where nothing is said the topic says it: so what topics say by default. */
void
group_settings_format(const struct group_settings *settings, const char *key,
    struct buf *out)
{
	const struct number *number = find_number(key);
	struct topic_settings topic;
	int64_t value;

	if (number == NULL) {
		format_start(settings->start_age_ms, out);
		return;
	}
	topic_settings_default(&topic);
	value = number_of(settings, number);
	if (value == 0)
		value = number->preset > 0 ? number->preset :
		    number->at == offsetof(struct group_settings, lease_ms) ?
		    topic.lease_ms : topic.max_attempts;
	buf_printf(out, "%lld", (long long)value);
}
