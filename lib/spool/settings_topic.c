/* The text of topic.yaml: a topic's id and settings. */
#include "spool/settings.h"

#include "base/fail.h"
#include "base/hash.h"
#include "spool/yaml.h"

#include <string.h>

struct document {
	struct topic_settings *settings;
	unsigned char *id;
	bool has_id;
};

static int
take_entry(const struct yaml_entry *entry, void *context)
{
	struct document *document = context;

	if (entry->section[0] || strcmp(entry->key, "id") != 0 || !entry->value)
		return topic_settings_set(document->settings, entry->key,
		    entry->value);
	if (hex_decode(entry->value, document->id, 16) < 0)
		return fail(FAIL_CONFIG, "id: '%s' is not 32 hexadecimal "
		    "digits", entry->value);
	document->has_id = true;
	return 0;
}

int
topic_settings_parse(struct slice text, const char *path,
    struct topic_settings *settings, unsigned char id[16])
{
	struct document document = {.settings = settings, .id = id};
	int code;

	topic_settings_default(settings);
	code = yaml_read(text, path, take_entry, &document);
	if (code < 0)
		return code;
	if (!document.has_id)
		return fail(FAIL_CONFIG, "%s:1: the topic's id is missing",
		    path);
	return 0;
}

/* Topic names may look like other YAML ("-", "..."), so they are quoted. */
static void
format_entry(const struct setting_key *key, const char *value, struct buf *out)
{
	const char *quote = key->type == SETTING_TOPIC ? "\"" : "";

	buf_printf(out, "%s: %s%s%s\n", key->name, quote, value, quote);
}

void
topic_settings_format(const struct topic_settings *settings,
    const unsigned char id[16], struct buf *out)
{
	const struct setting_key *key = topic_setting_keys;
	struct topic_settings defaults;
	struct buf value = {0}, usual = {0};
	char hex[33];

	topic_settings_default(&defaults);
	hex_encode(id, 16, hex);
	buf_printf(out, "# mq topic, see mq.yaml(5)\nid: %s\n", hex);
	for (; key->name; key++) {
		buf_clear(&value);
		buf_clear(&usual);
		topic_settings_get(settings, key->name, &value);
		topic_settings_get(&defaults, key->name, &usual);
		if (key == topic_setting_keys ||
		    strcmp(buf_text(&value), buf_text(&usual)) != 0)
			format_entry(key, buf_text(&value), out);
	}
	buf_release(&value);
	buf_release(&usual);
}
