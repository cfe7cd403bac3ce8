/* Configuration: what it says comes back; what is wrong is named by line. */
#include "unit.h"

#include "base/fail.h"
#include "spool/settings.h"
#include "spool/yaml.h"

#include <string.h>

#define ID "id: 000102030405060708090a0b0c0d0e0f\n"

static struct topic_settings settings;
static unsigned char id[16];

static int
parse(const char *text)
{
	return topic_settings_parse(slice_of(text), "t.yaml", &settings, id);
}

/* True if the text is refused, and the message begins and goes on like this. */
static bool
is_refused(const char *text, const char *where, const char *what)
{
	bool is_good = parse(text) == -FAIL_CONFIG &&
	    strncmp(fail_message(), where, strlen(where)) == 0 &&
	    strstr(fail_message(), what);

	if (!is_good)
		printf("# %s\n", fail_message());
	return is_good;
}

static bool
is_value(const char *key, const char *value)
{
	struct buf out = {0};
	bool is_good = topic_settings_get(&settings, key, &out) == 0 &&
	    strcmp(buf_text(&out), value) == 0;

	if (!is_good)
		printf("# %s: %s\n", key, buf_text(&out));
	buf_release(&out);
	return is_good;
}

static void
test_reading(void)
{
	CHECK(parse("# mq topic\n" ID "partitions: 4\n"
	    "mq.sync: interval:50ms\nretention.ms: 7d # a week\n"
	    "mq.dlq: \"-\"\n") == 0, "topic.yaml is read");
	CHECK(id[0] == 0 && id[15] == 15, "with its id");
	CHECK(settings.partitions == 4, "and its partitions");
	CHECK(settings.sync == SYNC_INTERVAL && settings.sync_interval_ms == 50,
	    "the sync interval is a duration");
	CHECK(is_value("retention.ms", "7d"), "durations come back as written");
	CHECK(is_value("mq.dlq", "-"), "a quoted name is taken as it is");
	CHECK(is_value("segment.bytes", "1G"), "the rest has its defaults");
	CHECK(parse(ID) == 0 && settings.partitions == 1,
	    "the id alone is enough");
}

static void
test_units(void)
{
	CHECK(parse(ID "retention.ms: 86400000\nmq.lease: 90\n") == 0,
	    "bare numbers are read");
	CHECK(settings.retention_ms == 86400000,
	    "in a key that ends in .ms as milliseconds");
	CHECK(settings.lease_ms == 90000, "in others as seconds");
	CHECK(parse(ID "retention.ms: -1\nretention.bytes: inf\n") == 0 &&
	    settings.retention_ms == PARSE_INFINITE &&
	    settings.retention_bytes == PARSE_INFINITE,
	    "no limit is inf, or -1 as in Kafka");
	CHECK(parse(ID "segment.bytes: 64K\nmq.backoff: 10ms..2m\n") == 0 &&
	    settings.segment_bytes == 65536 && settings.backoff_low_ms == 10 &&
	    settings.backoff_high_ms == 120000, "sizes and ranges have units");
}

static void
test_refusals(void)
{
	CHECK(is_refused(ID "\npartition: 2\n", "t.yaml:3: ",
	    "unknown key 'partition'"), "an unknown key has file and line");
	CHECK(is_refused(ID "partitions: 2\npartitions: 2\n", "t.yaml:3: ",
	    "twice"), "a doubled key too");
	CHECK(is_refused(ID "\"\":\n  partitions: 2\n", "t.yaml:2: ", "empty"),
	    "an empty one too");
	CHECK(is_refused(ID "partitions: many\n", "t.yaml:2: ", "many"),
	    "a bad value too");
	CHECK(is_refused(ID "partitions: 0\n", "t.yaml:2: ", "partitions"),
	    "a value out of range too");
	CHECK(is_refused(ID "segment.bytes: 1\n", "t.yaml:2: ", "4K to 1T"),
	    "which says the range");
	CHECK(is_refused(ID "segment.bytes: inf\n", "t.yaml:2: ", "segment"),
	    "inf where there must be a limit");
	CHECK(is_refused(ID "mq.sync: sometimes\n", "t.yaml:2: ", "always"),
	    "a word that is none of the choices");
	CHECK(is_refused(ID "mq.sync: interval:0\n", "t.yaml:2: ", "mq.sync"),
	    "an interval of nothing");
	CHECK(is_refused(ID "compression.type: lzma\n", "t.yaml:2: ", "zstd"),
	    "a codec that is none");
	CHECK(is_refused(ID "mq.dlq: a/b\n", "t.yaml:2: ", "mq.dlq"),
	    "a dead-letter topic that is no name");
	CHECK(is_refused(ID "mq.lease: inf\n", "t.yaml:2: ", "mq.lease"),
	    "a lease without end");
	CHECK(is_refused("partitions: 1\n", "t.yaml:1: ", "id"),
	    "a missing id");
	CHECK(is_refused("id: 12\n", "t.yaml:1: ", "32"), "a short id");
	CHECK(is_refused("", "t.yaml:1: ", "id"), "an empty file");
}

static void
test_damage(void)
{
	static const char zeros[64];

	CHECK(is_refused(ID "mq.sync:\n  mode: always\n", "t.yaml:2: ",
	    "single value"), "a nested mapping");
	CHECK(is_refused(ID "topic:\n  partitions: 1\n", "t.yaml:2: ",
	    "unknown key"), "a section of mq.yaml");
	CHECK(is_refused(ID "partitions: [1]\n", "t.yaml:2: ", "single"),
	    "a list");
	CHECK(is_refused("- id\n", "t.yaml:1: ", "key: value"),
	    "a list instead of keys");
	CHECK(is_refused(ID "partitions: \"1\n", "t.yaml:", ""),
	    "a quote that does not end");
	CHECK(is_refused(ID "partitions: &a 1\n", "t.yaml:2: ", "anchors"),
	    "an anchor");
	CHECK(is_refused(ID "partitions: *a\n", "t.yaml:2: ", "single"),
	    "an alias");
	CHECK(is_refused(ID "---\n" ID, "t.yaml:2: ", "second document"),
	    "a second document");
	CHECK(is_refused(ID "mq.dlq: \"a\\0b\"\n", "t.yaml:2: ", "NUL"),
	    "a NUL in a value");
	CHECK(is_refused(ID "# \xff\xfe\n", "t.yaml:2: ", ""),
	    "what is not UTF-8");
	CHECK(topic_settings_parse((struct slice){zeros, sizeof(zeros)},
	    "t.yaml", &settings, id) == -FAIL_CONFIG, "a page of zeros");
}

static void
test_nesting(void)
{
	struct buf deep = {0};

	buf_append_text(&deep, ID "partitions: ");
	for (int i = 0; i < 60000; i++)
		buf_append_byte(&deep, '[');
	CHECK(is_refused(buf_text(&deep), "t.yaml:2: ", ""),
	    "60,000 open brackets are refused at the first");
	buf_release(&deep);
}

/* Every flip of a bit is read or refused, never worse (see the sanitizers). */
static void
test_flips(void)
{
	char text[] = ID "partitions: 4\nmq.sync: \"never\"\n";
	bool is_good = true;

	for (size_t bit = 0; bit < 8 * (sizeof(text) - 1); bit++) {
		int code;

		text[bit / 8] ^= (char)(1 << bit % 8);
		code = topic_settings_parse(
		    (struct slice){text, sizeof(text) - 1}, "t.yaml",
		    &settings, id);
		is_good = is_good && (code == 0 || code == -FAIL_CONFIG);
		text[bit / 8] ^= (char)(1 << bit % 8);
	}
	CHECK(is_good, "a flipped bit is a value or an error of configuration");
}

static void
test_writing(void)
{
	struct buf first = {0}, second = {0};
	const char *const values[][2] = {
		{"partitions", "7"}, {"segment.bytes", "64K"},
		{"max.message.bytes", "1M"}, {"retention.ms", "36h"},
		{"retention.bytes", "10G"}, {"compression.type", "zstd"},
		{"mq.sync", "interval:250ms"}, {"mq.lease", "90s"},
		{"mq.max-attempts", "inf"}, {"mq.backoff", "1s..1m"},
		{"mq.dlq", "---"},
	};
	bool is_set = true, is_kept = true;

	topic_settings_default(&settings);
	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++)
		is_set = is_set && topic_settings_set(&settings, values[i][0],
		    values[i][1]) == 0;
	CHECK(is_set, "every key takes a value");
	topic_settings_format(&settings, id, &first);
	CHECK(parse(buf_text(&first)) == 0, "what is written can be read");
	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++)
		is_kept = is_kept && is_value(values[i][0], values[i][1]);
	CHECK(is_kept, "and says the same");
	topic_settings_format(&settings, id, &second);
	CHECK(slice_equal(buf_slice(&first), buf_slice(&second)),
	    "written again it is the same bytes");
	topic_settings_default(&settings);
	buf_clear(&first);
	topic_settings_format(&settings, id, &first);
	CHECK(strstr(buf_text(&first), "partitions: 1\n") &&
	    !strstr(buf_text(&first), "\nmq."), "defaults are not written");
	buf_release(&first);
	buf_release(&second);
}

static void
test_table(void)
{
	const struct setting_key *key = topic_setting_keys;
	bool is_good = true;

	topic_settings_default(&settings);
	for (; key->name; key++) {
		struct buf value = {0};

		topic_settings_get(&settings, key->name, &value);
		is_good = is_good && key->help && topic_settings_set(&settings,
		    key->name, buf_text(&value)) == 0;
		/* The default stands in the help: "(1G)". */
		if (value.size > 0)
			is_good = is_good && strstr(key->help,
			    buf_text(&value));
		buf_release(&value);
	}
	CHECK(is_good, "every default can be set, and stands in its help");
}

int
main(void)
{
	test_reading();
	test_units();
	test_refusals();
	test_damage();
	test_nesting();
	test_flips();
	test_writing();
	test_table();
	return unit_end();
}
