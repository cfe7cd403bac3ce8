/* Topics: opening one, following its changes, its partitions. */
#include "spool/topic.h"

#include "base/fail.h"
#include "base/file.h"
#include "base/hash.h"
#include "spool/doorbell.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_NAME "topic.yaml"

enum { LOAD_TRIES = 100 };

/*
 * Invariants: partitions has `slots` pointers, NULL where none was opened yet;
 * slots may exceed settings.partitions. stamp is that of the file from which
 * settings came, and its name is durable if we may write.
 */
struct topic {
	struct spool *spool;
	char *name;
	int directory;
	dev_t device; /* of the directory, as its inode */
	ino_t inode;
	struct doorbell doorbell;
	unsigned char id[16];
	struct topic_settings settings;
	uint64_t stamp;
	struct partition **partitions;
	int slots;
};

/* The descriptor keeps the inode from being used again, so an equal number
 * means: still the same directory. */
static int
check_place(const struct topic *topic)
{
	struct stat named;
	bool is_there = fstatat(spool_topics_directory(topic->spool), topic->name,
	    &named, AT_SYMLINK_NOFOLLOW) == 0;
	if (!is_there && errno != ENOENT)
		return fail_errno("topic %s: stat", topic->name);
	if (!is_there || named.st_dev != topic->device ||
	    named.st_ino != topic->inode)
		return fail(FAIL_MISSING, "topic %s: was deleted",
		    topic->name);
	return 0;
}

static int
stamp_of(const struct topic *topic, uint64_t *stamp)
{
	int code = doorbell_stamp(topic->directory, stamp);

	return code < 0 ? fail((enum fail)-code, "topic %s: %s", topic->name,
	    fail_message()) : 0;
}

static int
parse_file(const struct topic *topic, struct topic_settings *settings,
    unsigned char id[16])
{
	struct buf path = {0}, text = {0};
	int code = file_read_all(topic->directory, FILE_NAME,
	    SETTINGS_FILE_MAX, &text);

	buf_printf(&path, "%s/topics/%s/" FILE_NAME, spool_path(topic->spool),
	    topic->name);
	if (code == -FAIL_DATA)
		code = fail(FAIL_CONFIG, "%s", fail_message());
	if (code >= 0)
		code = topic_settings_parse(buf_slice(&text), buf_text(&path),
		    settings, id);
	buf_release(&path);
	buf_release(&text);
	return code;
}

/* Without topic.yaml it is a topic that is being deleted, or none. */
static int
fail_load(const struct topic *topic)
{
	int code = check_place(topic);

	if (code < 0)
		return code;
	return fail(FAIL_CONFIG, "%s/topics/%s/" FILE_NAME ": there is none",
	    spool_path(topic->spool), topic->name);
}

/* Reads again if the file was replaced meanwhile. */
static int
load(const struct topic *topic, struct topic_settings *settings,
    unsigned char id[16], uint64_t *stamp)
{
	uint64_t after;
	int code;

	for (int i = 0; i < LOAD_TRIES; i++) {
		code = stamp_of(topic, stamp);
		if (code == -FAIL_MISSING)
			return fail_load(topic);
		if (code == 0)
			code = parse_file(topic, settings, id);
		if (code >= 0)
			code = stamp_of(topic, &after);
		if (code < 0 && code != -FAIL_MISSING)
			return code;
		if (code == 0 && after == *stamp)
			return 0;
	}
	return fail(FAIL_AGAIN, "topic %s: " FILE_NAME " changes all the time",
	    topic->name);
}

/* See doorbell.h: what we see may not be durable yet. */
static int
settle(struct topic *topic)
{
	int code;

	if (is_spool_read_only(topic->spool) ||
	    is_doorbell_settled(&topic->doorbell, topic->stamp))
		return 0;
	if ((code = file_sync_directory(topic->directory)) < 0)
		return code;
	if ((code = spool_settle(topic->spool)) < 0)
		return code;
	doorbell_settle(&topic->doorbell, topic->stamp);
	return 0;
}

static int
open_directory(struct topic *topic)
{
	int topics = spool_topics_directory(topic->spool);
	struct stat status;
	int code;

	if ((code = check_name(topic->name, "topic")) < 0)
		return code;
	code = topics < 0 ? -FAIL_MISSING
	    : file_open_directory(topics, topic->name);
	if (code == -FAIL_MISSING)
		return fail(FAIL_MISSING, "topic %s: there is none in %s",
		    topic->name, spool_path(topic->spool));
	topic->directory = code;
	if (code < 0)
		return code;
	if (fstat(code, &status) != 0)
		return fail_errno("topic %s: stat", topic->name);
	topic->device = status.st_dev;
	topic->inode = status.st_ino;
	return 0;
}

static int
open_all(struct topic *topic)
{
	int code;

	if ((code = open_directory(topic)) < 0)
		return code;
	code = load(topic, &topic->settings, topic->id, &topic->stamp);
	if (code < 0)
		return code;
	code = doorbell_open(&topic->doorbell, topic->directory,
	    !is_spool_read_only(topic->spool));
	if (code < 0)
		return code;
	return settle(topic);
}

int
topic_open(struct topic **topic, struct spool *spool, const char *name)
{
	struct topic *made = memory_alloc(sizeof(*made));
	int code;

	made->spool = spool;
	made->name = memory_copy_text(name);
	made->directory = made->doorbell.file = -1;
	code = open_all(made);
	if (code < 0) {
		topic_close(made);
		made = NULL;
	}
	*topic = made;
	return code;
}

void
topic_close(struct topic *topic)
{
	if (!topic)
		return;
	for (int i = 0; i < topic->slots; i++)
		partition_close(topic->partitions[i]);
	doorbell_close(&topic->doorbell);
	if (topic->directory >= 0)
		close(topic->directory);
	free(topic->partitions);
	free(topic->name);
	free(topic);
}

static struct partition_options
options_of(const struct topic *topic)
{
	struct partition_options options = {
		.sync = topic->settings.sync,
		.segment_bytes = topic->settings.segment_bytes,
		.max_bytes = topic->settings.max_message_bytes,
		.doorbell = topic->doorbell.word,
		.read_only = is_spool_read_only(topic->spool),
	};

	memcpy(options.topic_id, topic->id, sizeof(options.topic_id));
	return options;
}

static int
take_changes(struct topic *topic)
{
	struct topic_settings settings;
	struct partition_options options;
	unsigned char id[16];
	uint64_t stamp;
	int code = load(topic, &settings, id, &stamp);

	if (code < 0)
		return code;
	if (memcmp(id, topic->id, sizeof(id)) != 0)
		return fail(FAIL_MISSING, "topic %s: another topic has this "
		    "name now", topic->name);
	topic->settings = settings;
	topic->stamp = stamp;
	if ((code = settle(topic)) < 0)
		return code;
	options = options_of(topic);
	for (int i = 0; i < topic->slots; i++)
		if (topic->partitions[i])
			partition_configure(topic->partitions[i], &options);
	return 1;
}

int
topic_refresh(struct topic *topic)
{
	uint64_t stamp;
	int code;

	if ((code = check_place(topic)) < 0)
		return code;
	if ((code = doorbell_refresh(&topic->doorbell, topic->directory)) < 0)
		return code;
	if ((code = stamp_of(topic, &stamp)) < 0)
		return code;
	return stamp == topic->stamp ? 0 : take_changes(topic);
}

const char *
topic_name(const struct topic *topic)
{
	return topic->name;
}

const unsigned char *
topic_id(const struct topic *topic)
{
	return topic->id;
}

const struct topic_settings *
topic_settings(const struct topic *topic)
{
	return &topic->settings;
}

int
topic_partition_count(const struct topic *topic)
{
	return (int)topic->settings.partitions;
}

struct spool *
topic_spool(const struct topic *topic)
{
	return topic->spool;
}

int
topic_directory(const struct topic *topic)
{
	return topic->directory;
}

static void
grow_slots(struct topic *topic, int count)
{
	struct partition **more;

	if (count <= topic->slots)
		return;
	more = memory_alloc((size_t)count * sizeof(*more));
	if (topic->slots > 0)
		memcpy(more, topic->partitions,
		    (size_t)topic->slots * sizeof(*more));
	free(topic->partitions);
	topic->partitions = more;
	topic->slots = count;
}

static void
tell_notice(const struct topic *topic, struct partition *partition)
{
	const char *text = partition_notice(partition);

	if (text)
		spool_tell(topic->spool, topic->name, text);
}

bool
is_topic_partition_open(const struct topic *topic, int number)
{
	return number >= 0 && number < topic->slots &&
	    topic->partitions[number] != NULL;
}

int
topic_partition(struct topic *topic, int number, struct partition **partition)
{
	int count = topic_partition_count(topic);
	int code = 0;

	*partition = NULL;
	if (number < 0 || number >= count)
		return fail(FAIL_MISSING, "topic %s: no partition %d, it has "
		    "%d", topic->name, number, count);
	grow_slots(topic, count);
	if (!topic->partitions[number]) {
		struct partition_options options = options_of(topic);

		code = partition_open(&topic->partitions[number],
		    topic->directory, number, &options);
		if (code >= 0)
			tell_notice(topic, topic->partitions[number]);
	}
	*partition = code < 0 ? NULL : topic->partitions[number];
	return code < 0 ? code : 0;
}

int
topic_wait(struct topic *topic, struct partition *partition, int64_t end)
{
	int code;

	/* The mode may have changed: it may promise more now. */
	do {
		code = partition_wait(partition, end, -1);
		if (code >= 0)
			code = topic_refresh(topic);
	} while (code > 0);
	if (code == 0 && topic->settings.sync == SYNC_INTERVAL)
		code = partition_sync(partition);
	return code;
}

uint32_t *
topic_doorbell(struct topic *topic)
{
	return topic->doorbell.word;
}

uint32_t
topic_doorbell_value(const struct topic *topic)
{
	return doorbell_value(&topic->doorbell);
}

int
topic_partition_of_key(const struct topic *topic, struct slice key)
{
	uint32_t hash = hash_murmur2(key.data, key.size) & 0x7fffffff;

	return (int)(hash % (uint32_t)topic_partition_count(topic));
}
