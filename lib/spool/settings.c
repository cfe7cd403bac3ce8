/* The keys of configuration: their table, their values from and to text. */
#include "spool/settings.h"

#include "base/fail.h"
#include "log/codec.h"

#include <string.h>

enum {
	SECOND = 1000,
	MINUTE = 60 * SECOND,
	HOUR = 60 * MINUTE,
};
#define YEAR (INT64_C(365) * 24 * HOUR)
#define KIB INT64_C(1024)
#define MIB (KIB * KIB)
#define GIB (MIB * KIB)

#define MEMBER(name) offsetof(struct topic_settings, name)

const struct setting_key topic_setting_keys[] = {
	{"partitions", "number of partitions, may only grow (1)", NULL,
	    SETTING_COUNT, MEMBER(partitions), 1, 4096},
	{"segment.bytes", "a segment is closed before it grows beyond (1G)",
	    NULL, SETTING_SIZE, MEMBER(segment_bytes), 4 * KIB, KIB * GIB},
	{"max.message.bytes", "largest batch that is taken (65M)", NULL,
	    SETTING_SIZE, MEMBER(max_message_bytes), KIB, BATCH_MAX_SIZE},
	{"retention.ms", "messages older than this may be trimmed (inf)", NULL,
	    SETTING_MILLISECONDS, MEMBER(retention_ms), 0, PARSE_INFINITE},
	{"retention.bytes", "a larger partition may be trimmed (inf)", NULL,
	    SETTING_SIZE, MEMBER(retention_bytes), 0, PARSE_INFINITE},
	{"compression.type", "compression of batches (none)",
	    "none|gzip|snappy|lz4|zstd", SETTING_CODEC, MEMBER(compression),
	    0, 0},
	{"mq.sync", "when a put is on disk (always)",
	    "always|interval:50ms|never", SETTING_SYNC, 0, 1, HOUR},
	{"mq.lease", "how long a consumer holds a message (30s)", NULL,
	    SETTING_DURATION, MEMBER(lease_ms), 1, YEAR},
	{"mq.max-attempts", "deliveries before a message is dead (5)", NULL,
	    SETTING_COUNT, MEMBER(max_attempts), 1, PARSE_INFINITE},
	{"mq.backoff", "wait after a failed delivery, doubled each time "
	    "(1s..1h)", NULL, SETTING_BACKOFF, 0, 0, YEAR},
	{"mq.dlq", "topic of the dead letters (NAME.dead)", "@topic",
	    SETTING_TOPIC, MEMBER(dead_letter_topic), 0, 0},
	{0},
};

const struct setting_key spool_setting_keys[] = {
	{"auto.create.topics", "a put makes a missing topic (true)",
	    "true|false", SETTING_BOOL,
	    offsetof(struct spool_settings, auto_create_topics), 0, 0},
	{0},
};

void
topic_settings_default(struct topic_settings *settings)
{
	*settings = (struct topic_settings){
		.partitions = 1,
		.segment_bytes = GIB,
		.max_message_bytes = 65 * MIB,
		.retention_ms = PARSE_INFINITE,
		.retention_bytes = PARSE_INFINITE,
		.compression = CODEC_NONE,
		.sync = SYNC_ALWAYS,
		.sync_interval_ms = 0,
		.lease_ms = 30 * SECOND,
		.max_attempts = 5,
		.backoff_low_ms = SECOND,
		.backoff_high_ms = HOUR,
	};
}

static bool
is_unlimited(const struct setting_key *key, const char *text)
{
	return key->max == PARSE_INFINITE &&
	    (strcmp(text, "inf") == 0 || strcmp(text, "-1") == 0);
}

static int
check_range(const struct setting_key *key, int64_t value,
    void (*format)(struct buf *out, int64_t value))
{
	struct buf low = {0}, high = {0};
	int code = 0;

	if (value >= key->min && value <= key->max)
		return 0;
	format(&low, key->min);
	if (key->max == PARSE_INFINITE)
		buf_append_text(&high, "inf");
	else
		format(&high, key->max);
	code = fail(FAIL_CONFIG, "%s: allowed is %s to %s", key->name,
	    buf_text(&low), buf_text(&high));
	buf_release(&low);
	buf_release(&high);
	return code;
}

static int
parse_bool(const struct setting_key *key, const char *text, void *settings)
{
	bool *member = (bool *)((char *)settings + key->offset);

	*member = strcmp(text, "true") == 0 || strcmp(text, "on") == 0 ||
	    strcmp(text, "yes") == 0;
	if (!*member && strcmp(text, "false") != 0 &&
	    strcmp(text, "off") != 0 && strcmp(text, "no") != 0)
		return fail(FAIL_CONFIG, "%s: '%s' is neither true nor false",
		    key->name, text);
	return 0;
}

static void
format_bool(const struct setting_key *key, const void *settings,
    struct buf *out)
{
	const bool *member =
	    (const bool *)((const char *)settings + key->offset);

	buf_append_text(out, *member ? "true" : "false");
}

static int64_t *
number(const struct setting_key *key, const void *settings)
{
	return (int64_t *)((char *)(uintptr_t)settings + key->offset);
}

static void
format_number(struct buf *out, int64_t value)
{
	buf_printf(out, "%lld", (long long)value);
}

static int
parse_count(const struct setting_key *key, const char *text, void *settings)
{
	int64_t value = PARSE_INFINITE;

	if (!is_unlimited(key, text) &&
	    parse_integer(text, key->name, key->min, key->max, &value) < 0)
		return fail(FAIL_CONFIG, "%s", fail_message());
	*number(key, settings) = value;
	return 0;
}

static int
parse_bytes(const struct setting_key *key, const char *text, void *settings)
{
	int64_t value = PARSE_INFINITE;

	if (!is_unlimited(key, text) && parse_size(text, key->name, &value) < 0)
		return fail(FAIL_CONFIG, "%s", fail_message());
	if (check_range(key, value, format_size) < 0)
		return -FAIL_CONFIG;
	*number(key, settings) = value;
	return 0;
}

static int
parse_time_span(const struct setting_key *key, const char *text,
    void *settings)
{
	bool is_bare = text[0] && !text[strspn(text, "0123456789")];
	int64_t value = PARSE_INFINITE;
	int code = 0;

	if (is_unlimited(key, text))
		;
	else if (key->type == SETTING_MILLISECONDS && is_bare)
		code = parse_integer(text, key->name, key->min, key->max,
		    &value);
	else
		code = parse_duration(text, key->name, &value);
	if (code < 0)
		return fail(FAIL_CONFIG, "%s", fail_message());
	if (check_range(key, value, format_duration) < 0)
		return -FAIL_CONFIG;
	*number(key, settings) = value;
	return 0;
}

static void
format_member(const struct setting_key *key, const void *settings,
    struct buf *out)
{
	int64_t value = *number(key, settings);

	if (value == PARSE_INFINITE)
		buf_append_text(out, "inf");
	else if (key->type == SETTING_COUNT)
		format_number(out, value);
	else if (key->type == SETTING_SIZE)
		format_size(out, value);
	else
		format_duration(out, value);
}

static int
parse_codec(const struct setting_key *key, const char *text, void *settings)
{
	enum codec codec;

	if (codec_parse(text, &codec) < 0)
		return fail(FAIL_CONFIG, "%s: '%s' is none of %s", key->name,
		    text, key->complete);
	((struct topic_settings *)settings)->compression = codec;
	return 0;
}

static void
format_codec(const struct setting_key *key, const void *settings,
    struct buf *out)
{
	(void)key;
	buf_append_text(out, codec_name(
	    ((const struct topic_settings *)settings)->compression));
}

static int
parse_topic(const struct setting_key *key, const char *text, void *settings)
{
	char *member = (char *)settings + key->offset;

	if (text[0] && check_name(text, key->name) < 0)
		return fail(FAIL_CONFIG, "%s", fail_message());
	strcpy(member, text); /* a valid name is at most 249 bytes */
	return 0;
}

static void
format_topic(const struct setting_key *key, const void *settings,
    struct buf *out)
{
	buf_append_text(out, (const char *)settings + key->offset);
}

static int
parse_sync(const struct setting_key *key, const char *text, void *settings)
{
	struct topic_settings *topic = settings;
	int64_t interval_ms = 0;

	if (strcmp(text, "always") == 0) {
		topic->sync = SYNC_ALWAYS;
	} else if (strcmp(text, "never") == 0) {
		topic->sync = SYNC_NEVER;
	} else if (strncmp(text, "interval:", 9) == 0) {
		if (parse_duration(text + 9, key->name, &interval_ms) < 0)
			return fail(FAIL_CONFIG, "%s", fail_message());
		if (check_range(key, interval_ms, format_duration) < 0)
			return -FAIL_CONFIG;
		topic->sync = SYNC_INTERVAL;
	} else {
		return fail(FAIL_CONFIG, "%s: '%s' is none of always, "
		    "interval:DURATION, never", key->name, text);
	}
	topic->sync_interval_ms = interval_ms;
	return 0;
}

static void
format_sync(const struct setting_key *key, const void *settings,
    struct buf *out)
{
	const struct topic_settings *topic = settings;

	(void)key;
	if (topic->sync == SYNC_INTERVAL) {
		buf_append_text(out, "interval:");
		format_duration(out, topic->sync_interval_ms);
		return;
	}
	buf_append_text(out, topic->sync == SYNC_NEVER ? "never" : "always");
}

static int
parse_backoff(const struct setting_key *key, const char *text, void *settings)
{
	struct topic_settings *topic = settings;
	int64_t low, high;

	if (parse_duration_range(text, key->name, &low, &high) < 0)
		return fail(FAIL_CONFIG, "%s", fail_message());
	if (check_range(key, low, format_duration) < 0 ||
	    check_range(key, high, format_duration) < 0)
		return -FAIL_CONFIG;
	topic->backoff_low_ms = low;
	topic->backoff_high_ms = high;
	return 0;
}

static void
format_backoff(const struct setting_key *key, const void *settings,
    struct buf *out)
{
	const struct topic_settings *topic = settings;

	(void)key;
	format_duration(out, topic->backoff_low_ms);
	buf_append_text(out, "..");
	format_duration(out, topic->backoff_high_ms);
}

static const struct {
	int (*parse)(const struct setting_key *key, const char *text,
	    void *settings);
	void (*format)(const struct setting_key *key, const void *settings,
	    struct buf *out);
} types[] = {
	[SETTING_BOOL] = {parse_bool, format_bool},
	[SETTING_COUNT] = {parse_count, format_member},
	[SETTING_SIZE] = {parse_bytes, format_member},
	[SETTING_DURATION] = {parse_time_span, format_member},
	[SETTING_MILLISECONDS] = {parse_time_span, format_member},
	[SETTING_CODEC] = {parse_codec, format_codec},
	[SETTING_TOPIC] = {parse_topic, format_topic},
	[SETTING_SYNC] = {parse_sync, format_sync},
	[SETTING_BACKOFF] = {parse_backoff, format_backoff},
};

static const struct setting_key *
find(const struct setting_key *keys, const char *name)
{
	for (; keys->name; keys++)
		if (strcmp(keys->name, name) == 0)
			return keys;
	return NULL;
}

int
setting_set(const struct setting_key *keys, void *settings, const char *name,
    const char *value)
{
	const struct setting_key *key = find(keys, name);

	if (!key)
		return fail(FAIL_CONFIG, "unknown key '%s'", name);
	if (!value)
		return fail(FAIL_CONFIG, "%s: a single value is expected",
		    name);
	return types[key->type].parse(key, value, settings);
}

int
setting_get(const struct setting_key *keys, const void *settings,
    const char *name, struct buf *out)
{
	const struct setting_key *key = find(keys, name);

	if (!key)
		return fail(FAIL_CONFIG, "unknown key '%s'", name);
	types[key->type].format(key, settings, out);
	return 0;
}

int
topic_settings_set(struct topic_settings *settings, const char *key,
    const char *value)
{
	return setting_set(topic_setting_keys, settings, key, value);
}

int
topic_settings_get(const struct topic_settings *settings, const char *key,
    struct buf *out)
{
	return setting_get(topic_setting_keys, settings, key, out);
}
