/* Topics: changing the configuration of one. */
#include "spool/topic.h"

#include "base/fail.h"
#include "base/file.h"
#include "base/futex.h"
#include "base/lock.h"

#include <string.h>

/* Sets in *to what differs between *from and *wanted. */
static int
merge(const struct topic_settings *from, const struct topic_settings *wanted,
    struct topic_settings *to)
{
	const struct setting_key *key = topic_setting_keys;
	struct buf old = {0}, new = {0};
	int code = 0;

	for (; key->name && code == 0; key++) {
		buf_clear(&old);
		buf_clear(&new);
		topic_settings_get(from, key->name, &old);
		topic_settings_get(wanted, key->name, &new);
		if (strcmp(buf_text(&old), buf_text(&new)) != 0)
			code = topic_settings_set(to, key->name,
			    buf_text(&new));
	}
	buf_release(&old);
	buf_release(&new);
	return code;
}

static int
grow(struct topic *topic, int64_t count)
{
	int have = topic_partition_count(topic);
	int code = 0;

	if (count < have)
		return fail(FAIL_CONFIG, "topic %s: has %d partitions, and "
		    "they may only grow", topic_name(topic), have);
	for (int i = have; i < count && code >= 0; i++)
		code = partition_create(topic_directory(topic), i);
	return code < 0 ? code : file_sync_directory(topic_directory(topic));
}

/* The partitions are durable before the file that counts them. */
static int
replace(struct topic *topic, const struct topic_settings *settings)
{
	struct buf text = {0};
	int code = grow(topic, settings->partitions);

	if (code < 0)
		return code;
	topic_settings_format(settings, topic_id(topic), &text);
	code = file_replace(topic_directory(topic), "topic.yaml",
	    buf_slice(&text));
	buf_release(&text);
	if (code >= 0 && topic_doorbell(topic))
		futex_ring(topic_doorbell(topic));
	return code;
}

/* Readers are to see only what is durable; what they saw before must not
 * vanish, even if we are killed behind the change: so all is synced before it,
 * and behind it what came in between. Who appends without a sync still, finds
 * out before it claims. */
static int
sync_all(struct topic *topic)
{
	int code = 0;

	for (int i = 0; i < topic_partition_count(topic) && code >= 0; i++) {
		struct partition *partition;

		code = topic_partition(topic, i, &partition);
		if (code >= 0)
			code = partition_sync(partition);
	}
	return code;
}

/* The topic is locked. */
static int
alter(struct topic *topic, const struct topic_settings *settings)
{
	struct topic_settings before = *topic_settings(topic);
	struct topic_settings merged;
	bool is_to_sync;
	int code = topic_refresh(topic);

	if (code < 0)
		return code;
	merged = *topic_settings(topic);
	is_to_sync = merged.sync != SYNC_ALWAYS;
	if ((code = merge(&before, settings, &merged)) < 0 ||
	    (code = topic_check_settings(topic_name(topic), &merged)) < 0)
		return code;
	is_to_sync = is_to_sync && merged.sync == SYNC_ALWAYS;
	if (is_to_sync && (code = sync_all(topic)) < 0)
		return code;
	if ((code = replace(topic, &merged)) < 0)
		return code;
	code = topic_refresh(topic);
	if (code >= 0 && is_to_sync)
		code = sync_all(topic);
	return code < 0 ? code : 0;
}

int
topic_alter(struct topic *topic, const struct topic_settings *settings)
{
	int code;

	if (is_spool_read_only(topic_spool(topic)))
		return fail(FAIL_PERMISSION, "topic %s: the spool is open "
		    "to read only", topic_name(topic));
	code = lock_directory(topic_directory(topic), -1);
	if (code < 0)
		return code;
	code = alter(topic, settings);
	/* Files vanish under us: then say why. */
	if (code == -FAIL_MISSING)
		code = topic_refresh(topic) < 0 ? -FAIL_MISSING : code;
	unlock_directory(topic_directory(topic));
	return code;
}
