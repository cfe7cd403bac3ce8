/* Kafka's keys and values, and ours. */
#include "server/settings.h"

#include "base/fail.h"

#include <stdlib.h>
#include <string.h>

const struct settings_fixed settings_fixed[] = {
	{"cleanup.policy", "delete"},
	{"message.timestamp.type", "CreateTime"},
	{"min.insync.replicas", "1"},
	{"unclean.leader.election.enable", "false"},
	{NULL, NULL},
};

/* What has no effect here: compaction, how Kafka syncs and lays out its files,
 * replication. Tools and frameworks set them on every topic they make. */
static const char *const without_effect[] = {
	"delete.retention.ms", "min.cleanable.dirty.ratio",
	"min.compaction.lag.ms", "max.compaction.lag.ms", "flush.ms",
	"flush.messages", "file.delete.delay.ms", "index.interval.bytes",
	"segment.index.bytes", "segment.jitter.ms", "segment.ms", "preallocate",
	"follower.replication.throttled.replicas",
	"leader.replication.throttled.replicas", NULL,
};

void
settings_format(const struct topic_settings *settings,
    const struct setting_key *key, struct buf *out)
{
	int64_t number;

	switch (key->type) {
	case SETTING_COUNT:
	case SETTING_SIZE:
	case SETTING_MILLISECONDS:
		memcpy(&number, (const char *)settings + key->offset,
		    sizeof number);
		buf_printf(out, "%lld", number == PARSE_INFINITE ? -1 :
		    (long long)number);
		break;
	case SETTING_CODEC:
		/* Batches are stored as their producers made them. */
		if (settings->compression == CODEC_NONE) {
			buf_append_text(out, "producer");
			break;
		}
		/* fall through */
	default:
		topic_settings_get(settings, key->name, out);
	}
}

static int
apply(struct topic_settings *settings, const char *name, const char *value)
{
	for (const struct settings_fixed *fixed = settings_fixed;
	    fixed->name != NULL; fixed++) {
		if (strcmp(fixed->name, name) != 0)
			continue;
		if (strcmp(fixed->value, value) == 0)
			return 0;
		return fail(FAIL_CONFIG, "%s: only %s is possible", name,
		    fixed->value);
	}
	for (const char *const *known = without_effect; *known != NULL; known++)
		if (strcmp(*known, name) == 0)
			return 0;
	if (strcmp(name, "compression.type") == 0 &&
	    (strcmp(value, "producer") == 0 ||
	    strcmp(value, "uncompressed") == 0))
		value = "none";
	if (strcmp(name, "partitions") == 0)
		return fail(FAIL_CONFIG, "unknown key '%s'", name);
	return topic_settings_set(settings, name, value);
}

int
settings_apply(struct topic_settings *settings, struct slice name,
    struct slice value)
{
	char *key = slice_copy(name), *text = slice_copy(value);
	int failed = 0;

	if (value.data != NULL)
		failed = apply(settings, key, text);
	free(key);
	free(text);
	return failed;
}
