/* Names that do not belong in a spool: leftovers of killed processes, foreign
 * files. */
#include "spool/check_names.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fail.h"
#include "base/file.h"
#include "base/lock.h"
#include "base/parse.h"
#include "log/aside.h"
#include "log/start.h"
#include "spool/positions_file.h"
#include "spool/producers_file.h"
#include "spool/topic.h"
#include "spool/tree.h"

enum { AGAIN_MS = 300, SEGMENT_DIGITS = 20 };

enum kind { KIND_OURS, KIND_LEFT_OVER, KIND_FOREIGN };

/* A directory, its path below the spool with a slash, what its names mean, and
 * what to do: report, or with none remove what is left over. */
struct place {
	int dir;
	const char *path;
	enum kind (*kind_of)(const struct place *place, const char *name);
	struct topic *topic; /* or NULL */
	void (*report)(const struct check_finding *finding, void *context);
	void *context;
	struct buf left_over; /* names, each with its NUL */
	int found;
};

static bool
is_one_of(const char *name, const char *const *names)
{
	while (*names && strcmp(*names, name) != 0)
		names++;
	return *names != NULL;
}

/* What file_replace leaves when it is killed: ".NAME.new". */
static enum kind
kind_of_other(const char *name)
{
	const char *dot = strrchr(name, '.');

	if (*name == '.' && dot > name && strcmp(dot, ".new") == 0)
		return KIND_LEFT_OVER;
	return KIND_FOREIGN;
}

/* The user may keep what he likes beside the topics. */
static enum kind
kind_in_spool(const struct place *place, const char *name)
{
	(void)place;
	return kind_of_other(name) == KIND_LEFT_OVER ? KIND_LEFT_OVER
						     : KIND_OURS;
}

static enum kind
kind_in_topics(const struct place *place, const char *name)
{
	if (strncmp(name, ".new+", 5) == 0)
		return is_topic_being_made(place->dir, name) ? KIND_OURS
		                                             : KIND_LEFT_OVER;
	if (strncmp(name, ".deleted+", 9) == 0)
		return KIND_LEFT_OVER;
	return is_name_valid(name) ? KIND_OURS : kind_of_other(name);
}

static int
visit_grown(const char *name, void *context)
{
	const int *dir = context;
	struct stat status;

	return strcmp(name, "00000000000000000000.log") != 0 ||
	    fstatat(*dir, name, &status, AT_SYMLINK_NOFOLLOW) != 0 ||
	    status.st_size != 0;
}

/* mq-topic alter makes a partition before topic.yaml counts it. If it is killed
 * in between, the next one goes on with it. */
static bool
is_grown(const struct place *place, const char *name)
{
	bool is_empty;
	int dir;

	if (name[strspn(name, "0123456789")] != 0)
		return false;
	dir = file_open_directory(place->dir, name);
	if (dir < 0)
		return false;
	is_empty = file_list(dir, visit_grown, &dir) == 0;
	close(dir);
	return is_empty;
}

static bool
is_counted(const struct topic *topic, const char *name)
{
	char number[16];

	for (int i = 0; i < topic_partition_count(topic); i++) {
		snprintf(number, sizeof(number), "%d", i);
		if (strcmp(name, number) == 0)
			return true;
	}
	return false;
}

static enum kind
kind_in_topic(const struct place *place, const char *name)
{
	static const char *const ours[] = {"topic.yaml", "doorbell", NULL};
	int changed;

	if (is_one_of(name, ours) || is_counted(place->topic, name) ||
	    is_grown(place, name))
		return KIND_OURS;
	/* It may have grown since it was opened, and be in use, or be gone. */
	changed = topic_refresh(place->topic);
	if (changed == -FAIL_MISSING ||
	    (changed == 1 && is_counted(place->topic, name)))
		return KIND_OURS;
	return kind_of_other(name);
}

static enum kind
kind_in_partition(const struct place *place, const char *name)
{
	static const char *const ours[] = {"control", "epochs", START_FILE,
	    POSITIONS_FILE, PRODUCERS_FILE, NULL};

	(void)place;
	if (strspn(name, "0123456789") == SEGMENT_DIGITS &&
	    strcmp(name + SEGMENT_DIGITS, ".log") == 0)
		return KIND_OURS;
	if (is_one_of(name, ours) || is_aside_name(name))
		return KIND_OURS;
	return kind_of_other(name);
}

static int
note_left_over(const char *name, void *context)
{
	struct place *place = context;

	if (place->kind_of(place, name) == KIND_LEFT_OVER)
		buf_append(&place->left_over, name, strlen(name) + 1);
	return 0;
}

static bool
was_left_over(const struct place *place, const char *name)
{
	const char *names = (const char *)place->left_over.data;
	size_t at = 0;

	while (at < place->left_over.size && strcmp(names + at, name) != 0)
		at += strlen(names + at) + 1;
	return at < place->left_over.size;
}

static void
report_name(struct place *place, const char *name, enum kind kind)
{
	struct check_finding finding = {.byte = -1,
	    .first_offset = -1,
	    .last_offset = -1,
	    .is_mendable = kind == KIND_LEFT_OVER};
	struct buf path = {0};

	buf_printf(&path, "%s%s", place->path, name);
	finding.path = buf_text(&path);
	finding.text = kind == KIND_FOREIGN
			   ? "does not belong here"
			   : "left over by a process that was killed";
	place->report(&finding, place->context);
	buf_release(&path);
}

static int
visit_name(const char *name, void *context)
{
	struct place *place = context;
	enum kind kind = place->kind_of(place, name);

	if (kind == KIND_OURS ||
	    (kind == KIND_LEFT_OVER && !was_left_over(place, name)))
		return 0;
	place->found++;
	if (place->report)
		report_name(place, name, kind);
	else if (kind == KIND_LEFT_OVER)
		return tree_remove(place->dir, name);
	return 0;
}

/* What looks left over may be in use: it gets a moment to disappear. */
static int
visit_place(struct place *place)
{
	int result;

	result = file_list(place->dir, note_left_over, place);
	if (result >= 0 && place->left_over.size > 0)
		clock_sleep_ms(AGAIN_MS);
	if (result >= 0)
		result = file_list(place->dir, visit_name, place);
	buf_release(&place->left_over);
	return result;
}

/* A partition that cannot be opened is named by its own check. */
static int
visit_partition(struct place *place, struct topic *topic, int number)
{
	struct buf path = {0};
	int result;

	place->dir = partition_open_directory(topic_directory(topic), number);
	if (place->dir < 0)
		return 0;
	buf_printf(&path, "topics/%s/%d/", topic_name(topic), number);
	place->path = buf_text(&path);
	place->kind_of = kind_in_partition;
	result = visit_place(place);
	buf_release(&path);
	close(place->dir);
	return result;
}

static int
visit_topic(struct place *place, struct topic *topic)
{
	struct buf path = {0};
	int result;

	buf_printf(&path, "topics/%s/", topic_name(topic));
	place->dir = topic_directory(topic);
	place->path = buf_text(&path);
	place->kind_of = kind_in_topic;
	place->topic = topic;
	result = visit_place(place);
	for (int i = 0; i < topic_partition_count(topic) && result >= 0; i++)
		result = visit_partition(place, topic, i);
	buf_release(&path);
	return result < 0 ? result : place->found;
}

static int
visit_spool(struct place *place, struct spool *spool)
{
	int result;

	place->dir = spool_directory(spool);
	place->path = "";
	place->kind_of = kind_in_spool;
	result = visit_place(place);
	place->dir = spool_topics_directory(spool);
	if (result < 0 || place->dir < 0)
		return result < 0 ? result : place->found;
	place->path = "topics/";
	place->kind_of = kind_in_topics;
	result = visit_place(place);
	return result < 0 ? result : place->found;
}

int
check_names_topic(struct topic *topic,
    void (*report)(const struct check_finding *finding, void *context),
    void *context)
{
	struct place place = {.report = report, .context = context};

	return visit_topic(&place, topic);
}

int
check_names_spool(struct spool *spool,
    void (*report)(const struct check_finding *finding, void *context),
    void *context)
{
	struct place place = {.report = report, .context = context};

	return visit_spool(&place, spool);
}

int
check_names_mend_topic(struct topic *topic)
{
	struct place place = {0};

	return visit_topic(&place, topic);
}

int
check_names_mend_spool(struct spool *spool)
{
	struct place place = {0};

	return visit_spool(&place, spool);
}
