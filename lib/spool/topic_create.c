/* Topics: making one, whole or not at all, and removing one. */
#include "spool/topic.h"

#include "base/clock.h"
#include "base/fail.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/lock.h"
#include "spool/doorbell.h"
#include "spool/tree.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* No topic's name has a '+'. */
#define NEW ".new+"
#define DELETED ".deleted+"

enum { CREATE_TRIES = 10, NAME_SIZE = 64, DAY_S = 24 * 60 * 60 };

static void
temporary_name(const char *prefix, char name[NAME_SIZE])
{
	unsigned char random[8];
	char hex[17];

	random_bytes(random, sizeof(random));
	hex_encode(random, sizeof(random), hex);
	snprintf(name, NAME_SIZE, "%s%s", prefix, hex);
}

bool
is_topic_being_made(int topics, const char *temporary)
{
	int dir = file_open_directory(topics, temporary);
	bool is_locked;

	if (dir < 0)
		return dir == -FAIL_MISSING;
	is_locked = lock_directory(dir, 0) == -FAIL_AGAIN;
	close(dir);
	return is_locked;
}

/* The wall clock may have jumped: a day old is not enough. */
static bool
is_left_over(int topics, const char *name)
{
	struct stat status;

	if (strncmp(name, DELETED, strlen(DELETED)) == 0)
		return true;
	return strncmp(name, NEW, strlen(NEW)) == 0 &&
	    fstatat(topics, name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
	    status.st_mtime + DAY_S < clock_wall_ms() / 1000 &&
	    !is_topic_being_made(topics, name);
}

static int
sweep_one(const char *name, void *context)
{
	const int *topics = context;

	if (is_left_over(*topics, name))
		tree_remove(*topics, name); /* if it fails, the next one's */
	return 0;
}

static int
fill_directory(int dir, const struct topic_settings *settings)
{
	struct doorbell doorbell = {.file = -1};
	struct buf text = {0};
	unsigned char id[16];
	int code = 0;

	for (int i = 0; i < settings->partitions && code >= 0; i++)
		code = partition_create(dir, i);
	if (code >= 0)
		code = doorbell_open(&doorbell, dir, true);
	doorbell_close(&doorbell);
	if (code < 0)
		return code;
	random_bytes(id, sizeof(id));
	topic_settings_format(settings, id, &text);
	code = file_replace(dir, "topic.yaml", buf_slice(&text));
	buf_release(&text);
	return code < 0 ? code : file_sync_directory(dir);
}

/* Returns its descriptor, with the lock that says that somebody is at work. */
static int
make_directory(int topics, const char *temporary,
    const struct topic_settings *settings)
{
	int code = file_make_directory(topics, temporary);
	int dir;

	if (code < 0)
		return code;
	dir = file_open_directory(topics, temporary);
	if (dir < 0)
		return dir;
	(void)lock_directory(dir, 0);
	code = fill_directory(dir, settings);
	if (code >= 0)
		return dir;
	close(dir);
	return code;
}

static int
check_writable(struct spool *spool, const char *name)
{
	int code = check_name(name, "topic");

	if (code < 0)
		return code;
	if (is_spool_read_only(spool))
		return fail(FAIL_PERMISSION, "topic %s: the spool is open "
		    "to read only", name);
	return 0;
}

int
topic_check_settings(const char *name, const struct topic_settings *settings)
{
	if (strcmp(settings->dead_letter_topic, name) == 0)
		return fail(FAIL_CONFIG, "topic %s: mq.dlq names the topic "
		    "itself", name);
	return 0;
}

/* Makes the topic's name durable, and tells others that all of it is, so that
 * none of them has to sync it at its first use. */
static int
settle(struct spool *spool, int dir, uint64_t stamp)
{
	struct doorbell doorbell;
	int code = spool_settle(spool);

	if (code < 0 || doorbell_open(&doorbell, dir, true) < 0)
		return code;
	doorbell_settle(&doorbell, stamp);
	doorbell_close(&doorbell);
	return 0;
}

int
topic_create(struct spool *spool, const char *name,
    const struct topic_settings *settings)
{
	int topics = spool_topics_directory(spool);
	char temporary[NAME_SIZE];
	struct stat status;
	uint64_t stamp = 0;
	int dir, code;

	if ((code = check_writable(spool, name)) < 0 ||
	    (code = topic_check_settings(name, settings)) < 0)
		return code;
	if (fstatat(topics, name, &status, AT_SYMLINK_NOFOLLOW) == 0)
		return fail(FAIL_CREATE, "topic %s: is there already", name);
	file_list(topics, sweep_one, &topics);
	temporary_name(NEW, temporary);
	code = dir = make_directory(topics, temporary, settings);
	/* As long as nobody else can replace topic.yaml. */
	if (dir >= 0)
		code = doorbell_stamp(dir, &stamp);
	if (code >= 0)
		code = file_rename(topics, temporary, name);
	if (code < 0)
		tree_remove(topics, temporary);
	else
		code = settle(spool, dir, stamp);
	if (dir >= 0)
		close(dir);
	return code == -FAIL_CREATE ? fail(FAIL_CREATE,
	    "topic %s: is there already", name) : code;
}

int
topic_open_or_create(struct topic **topic, struct spool *spool,
    const char *name)
{
	const struct spool_settings *settings = spool_settings(spool);
	int code = -FAIL_MISSING;

	/* Another process may create or delete it between our steps. */
	for (int i = 0; i < CREATE_TRIES && code == -FAIL_MISSING; i++) {
		code = topic_open(topic, spool, name);
		if (code != -FAIL_MISSING || is_spool_read_only(spool))
			return code;
		if (!settings->auto_create_topics)
			return fail(FAIL_MISSING, "topic %s: there is none, "
			    "and auto.create.topics is false", name);
		code = topic_create(spool, name, &settings->topic);
		if (code < 0 && code != -FAIL_CREATE)
			return code;
		code = -FAIL_MISSING;
	}
	return fail(FAIL_AGAIN, "topic %s: is deleted again and again", name);
}

/* Readers that sleep look up and find it gone. */
static void
ring(int dir)
{
	struct doorbell doorbell;

	if (doorbell_open(&doorbell, dir, true) < 0)
		return;
	doorbell_ring(&doorbell);
	doorbell_close(&doorbell);
}

int
topic_delete(struct spool *spool, const char *name)
{
	int topics = spool_topics_directory(spool);
	char temporary[NAME_SIZE];
	int dir, code;

	if ((code = check_writable(spool, name)) < 0)
		return code;
	dir = file_open_directory(topics, name);
	if (dir == -FAIL_MISSING)
		return fail(FAIL_MISSING, "topic %s: there is none in %s",
		    name, spool_path(spool));
	if (dir < 0)
		return dir;
	temporary_name(DELETED, temporary);
	code = file_rename(topics, name, temporary);
	if (code >= 0)
		code = file_sync_directory(topics);
	if (code >= 0)
		ring(dir);
	close(dir);
	return code < 0 ? code : tree_remove(topics, temporary);
}
