/* Configuration: topic.yaml and mq.yaml, one table of keys each. */
#ifndef SPOOL_SETTINGS_H
#define SPOOL_SETTINGS_H

#include "base/parse.h"
#include "log/partition.h"
#include <stddef.h>

enum { SETTINGS_FILE_MAX = 64 * 1024 }; /* bytes of a topic.yaml or mq.yaml */

/* Everything topic.yaml may say; the table in settings.c has key, type,
 * default, range and help, and mq.yaml(5) is checked against it. */
struct topic_settings {
	int64_t partitions;
	int64_t segment_bytes;     /* segment.bytes */
	int64_t max_message_bytes; /* max.message.bytes: of a whole batch */
	int64_t retention_ms;      /* retention.ms */
	int64_t retention_bytes;   /* retention.bytes */
	enum codec compression;    /* compression.type */
	enum sync_mode sync;       /* mq.sync */
	int64_t sync_interval_ms;
	int64_t lease_ms;          /* mq.lease */
	int64_t max_attempts;      /* mq.max-attempts */
	int64_t backoff_low_ms;    /* mq.backoff */
	int64_t backoff_high_ms;
	char dead_letter_topic[256]; /* mq.dlq; "" is NAME.dead */
};

/* Everything mq.yaml may say: the spool's own keys, and under "topic:" the
 * defaults of new topics. */
struct spool_settings {
	bool auto_create_topics;     /* auto.create.topics: true */
	struct topic_settings topic; /* topic: */
};

enum setting_type {
	SETTING_BOOL,         /* bool: true or false */
	SETTING_COUNT,        /* int64_t */
	SETTING_SIZE,         /* int64_t bytes: 64K 1M 1G */
	SETTING_DURATION,     /* int64_t ms; bare numbers are seconds */
	SETTING_MILLISECONDS, /* as that, bare numbers are ms (Kafka's *.ms) */
	SETTING_CODEC,        /* enum codec */
	SETTING_TOPIC,        /* char[256]: the name of a topic, or "" */
	SETTING_SYNC,         /* topic_settings.sync, .sync_interval_ms */
	SETTING_BACKOFF,      /* topic_settings.backoff_low_ms, _high_ms */
};

/* One key: completion, mq.yaml(5), parser and writer come from its row. */
struct setting_key {
	const char *name;
	const char *help;     /* one line, with the default */
	const char *complete; /* choices "a|b|c", or NULL */
	enum setting_type type;
	size_t offset;        /* of the member; unused by the last two types */
	int64_t min;
	int64_t max;          /* PARSE_INFINITE: "inf", Kafka's -1, is allowed */
};

/* The keys of topic.yaml, and those of mq.yaml outside its "topic:"; each
 * table ends with a zero entry. */
extern const struct setting_key topic_setting_keys[];
extern const struct setting_key spool_setting_keys[];

/* One key of a table, by name, set from text or appended as text. settings is
 * the struct that the table describes. -FAIL_CONFIG as below. */
int setting_set(const struct setting_key *keys, void *settings,
    const char *name, const char *value);
int setting_get(const struct setting_key *keys, const void *settings,
    const char *name, struct buf *out);

void topic_settings_default(struct topic_settings *settings);

/* Sets one key from text (mq-topic -X key=value). -FAIL_CONFIG names the
 * key or the value and what is allowed. */
int topic_settings_set(struct topic_settings *settings, const char *key,
    const char *value);

/* Appends the value of a key as topic.yaml writes it. */
int topic_settings_get(const struct topic_settings *settings, const char *key,
    struct buf *out);

/* Reads topic.yaml's text (id and settings). Unknown keys, doubled keys and
 * bad values are refused with "path:LINE: ...": -FAIL_CONFIG. */
int topic_settings_parse(struct slice text, const char *path,
    struct topic_settings *settings, unsigned char id[16]);

/* Writes all of topic.yaml, readable, one key a line; only what differs from
 * the defaults, and id and partitions always. */
void topic_settings_format(const struct topic_settings *settings,
    const unsigned char id[16], struct buf *out);

/* Loads the layers: built in, /etc/mq/mq.yaml, $XDG_CONFIG_HOME/mq/mq.yaml (or
 * ~/.config), SPOOL/mq.yaml. Missing files are no error; spool_dir -1 is a
 * spool that is not there. */
int spool_settings_load(int spool_dir, const char *spool_path,
    struct spool_settings *settings);

/* One line a key, "key<TAB>value<TAB>origin" (file, or "default"): mq config.
 * Keys of "topic:" are written topic.KEY. */
int spool_settings_list(int spool_dir, const char *spool_path, struct buf *out);

#endif
