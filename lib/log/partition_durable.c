/* Durability of a partition: group commit, and the stop after a failed sync. */
#include "log/partition_internal.h"
#include "base/commit.h"
#include "base/fail.h"
#include "base/file.h"
#include "base/futex.h"

#include <string.h>
#include <unistd.h>

int
partition_fail_stopped(const struct partition *partition)
{
	char name[SEGMENT_NAME_SIZE];

	segment_format_name(name, partition->control.log.segment);
	return fail(FAIL_STOPPED,
	    "partition %d: segment %s could not be synced; nothing more is "
	    "taken until mq-fsck -y has recovered it",
	    partition->number, name);
}

int
partition_stop(struct partition *partition, const char *what)
{
	struct control now;
	char cause[256] = "";

	strncat(cause, fail_message(), sizeof(cause) - 1);
	if (control_read(partition->file, &now) == 1) {
		now.durable.is_stopped = true;
		(void)control_write_durable(partition->file, &now.durable);
		partition->control.durable.is_stopped = true;
	}
	return fail(FAIL_STOPPED, "partition %d is stopped: %s: %s",
	    partition->number, what, cause);
}

/* The page: 1 if it still is the one we know, 0 if not. Negative if it cannot
 * be read: then nobody can be told that something is durable, and no reader
 * would see it. */
static int
read_page(struct partition *partition, struct control *control)
{
	const struct control_log *log = &control->log;
	int rc = control_read(partition->file, control);

	return rc != 1 ? rc : log->number == partition->number &&
	    memcmp(log->topic_id, partition->options.topic_id,
	        sizeof(log->topic_id)) == 0 &&
	    memcmp(&log->boot, &partition->boot, sizeof(log->boot)) == 0;
}

/* The durable end of another rebuild says nothing of the log that we know. */
static void
take_durable(struct partition *partition, const struct control *page)
{
	if (page->log.generation == partition->control.log.generation)
		partition->control.durable = page->durable;
}

static int
look(struct partition *partition)
{
	int rc = read_page(partition, &partition->look);

	partition->has_look = rc == 1;
	if (partition->has_look)
		take_durable(partition, &partition->look);
	return rc;
}

static bool
is_served(const struct control_durable *durable, int64_t target)
{
	return !durable->is_syncing || target <= durable->syncing_end;
}

/* Who is served by the sync that runs, or by the next if none does, sleeps on
 * its word; who came too late for it on the other one, so that its end does not
 * wake him for nothing. */
static uint32_t *
choose_word(void *context, int64_t target, uint32_t *seen)
{
	struct partition *partition = context;
	const struct control *control = &partition->look;
	static uint32_t none;
	uint64_t number;

	partition->is_look_new = look(partition) == 1;
	if (!partition->is_look_new || partition->words == NULL) {
		/* What cannot be read cannot be waited for. */
		clock_sleep_ms(1);
		*seen = 1;
		return &none;
	}
	number = control->durable.count + 1;
	if (!is_served(&control->durable, target))
		number++;
	*seen = control->words[number % CONTROL_WORDS];
	return partition->words + number % CONTROL_WORDS;
}

/* All whom our sync served, and one of the others, who syncs next. */
static void
ring_words(void *context)
{
	struct partition *partition = context;
	uint64_t number = partition->look.durable.count;

	if (partition->words == NULL)
		return;
	futex_ring(partition->words + number % CONTROL_WORDS);
	if (partition->is_published)
		futex_ring_one(partition->words + (number + 1) % CONTROL_WORDS);
	else
		futex_ring(partition->words + (number + 1) % CONTROL_WORDS);
	partition->is_published = false;
}

/* One read of the page serves for the word and for this. */
static int
is_durable(void *context, int64_t target)
{
	struct partition *partition = context;

	if (!partition->is_look_new) {
		int rc = look(partition);

		if (rc != 1)
			return rc;
	}
	partition->is_look_new = false;
	if (partition->look.durable.end >= target)
		return 1;
	if (partition->look.durable.is_stopped)
		return partition_fail_stopped(partition);
	return 0;
}

/* Somebody was killed while he synced: if his sync failed, the kernel has told
 * him and nobody else, and ours succeeds. So the disk is asked what it has. */
static int
check_disk(int fd, const struct control *control)
{
	struct scan scan = {0};
	const struct control_log *log = &control->log;
	struct tail tail = {.offset = log->segment};
	int rc;

	if (control->durable.segment == log->segment) {
		tail.byte = control->durable.byte;
		tail.offset = control->durable.end;
	}
	scan.window.fd = fd;
	scan.window.end = log->length;
	rc = file_drop_cache(fd, tail.byte);
	if (rc == 0)
		rc = scan_tail(&scan, &tail);
	window_release(&scan.window);
	if (rc == 0 && (tail.byte != log->length || tail.bad_ranges > 0))
		rc = fail(FAIL_IO, "an earlier sync has lost bytes");
	return rc;
}

static int
sync_segment(struct partition *partition, const struct control *control)
{
	bool was_syncing = control->durable.is_syncing;
	int rc = partition_open_active(partition, control->log.segment,
	    control->log.stamp);

	if (rc < 0)
		return rc;
	rc = file_sync(partition->active);
	if (rc == 0 && was_syncing)
		rc = check_disk(partition->active, control);
	if (rc < 0)
		return partition_stop(partition, "sync");
	return 0;
}

/* A rebuild meanwhile has made all durable by itself. */
static int
publish(struct partition *partition, const struct control *synced)
{
	struct control now;
	int rc = read_page(partition, &now);

	if (rc != 1 || now.durable.generation != synced->log.generation ||
	    now.durable.is_stopped)
		return rc < 0 ? rc : 0;
	now.durable.is_syncing = false;
	now.durable.count++;
	now.durable.end = synced->log.log_end;
	now.durable.segment = synced->log.segment;
	now.durable.byte = synced->log.length;
	partition->look.durable = now.durable;
	take_durable(partition, &now);
	rc = control_write_durable(partition->file, &now.durable);
	partition->is_published = rc == 0;
	if (rc == 0 && partition->options.doorbell != NULL)
		futex_ring(partition->options.doorbell);
	return rc;
}

/* Without a page that knows of what we wrote: it is in the segment that we have
 * open, or before it. */
static int
sync_ours(struct partition *partition)
{
	int rc = partition->active < 0 ? 0 : file_sync(partition->active);

	return rc < 0 ? partition_stop(partition, "sync") : 0;
}

/* With the sync role, right after is_durable has looked. Segments before the
 * active one were synced when it began. */
static int
sync_written(void *context)
{
	struct partition *partition = context;
	struct control control = partition->look;
	struct control_durable mark;
	int rc;

	if (!partition->has_look || control.log.log_end < partition->target)
		return sync_ours(partition);
	mark = control.durable;
	mark.is_syncing = true;
	mark.syncing_end = control.log.log_end;
	rc = control_write_durable(partition->file, &mark);
	if (rc == 0)
		rc = sync_segment(partition, &control);
	if (rc == 0)
		rc = publish(partition, &control);
	return rc;
}

static int
map_words(struct partition *partition)
{
	void *map;
	int rc;

	if (partition->words != NULL)
		return 0;
	rc = file_map(partition->file, CONTROL_SIZE, true, &map);
	if (rc == 0)
		partition->words = (uint32_t *)((char *)map +
		    CONTROL_WORDS_AT);
	return rc;
}

int
partition_commit(struct partition *partition, int64_t end, int64_t timeout_ms)
{
	const struct commit_ops ops = {
		.is_durable = is_durable,
		.sync = sync_written,
		.context = partition,
		.choose = choose_word,
		.ring = ring_words,
		.role_file = partition->file,
	};

	/* Without a page: nobody to share with. */
	if (partition->file < 0)
		return sync_ours(partition);
	/* Without its words nobody is woken, and looks again in time. */
	(void)map_words(partition);
	partition->target = end;
	return commit_wait(&ops, end, timeout_ms);
}

void
partition_promise(struct partition *partition)
{
	const struct control_log *log = &partition->control.log;

	if (partition->options.sync != SYNC_ALWAYS)
		return;
	partition->unwaited.end = log->log_end;
	partition->unwaited.generation = log->generation;
	partition->unwaited.epoch = log->epoch;
}

int
partition_check_promise(struct partition *partition, uint64_t generation)
{
	int64_t end = partition->unwaited.end, cut;
	int rc;

	if (end == 0 || generation == partition->unwaited.generation)
		return 0;
	rc = partition_cut_since(partition, partition->unwaited.epoch, &cut);
	if (rc < 0 || cut >= end)
		return rc;
	partition->unwaited.end = 0;
	return fail(FAIL_IO, "partition %d: a recovery has cut the log at "
	    "offset %lld, and with it what was appended up to %lld",
	    partition->number, (long long)cut, (long long)end - 1);
}

int
partition_wait(struct partition *partition, int64_t end, int64_t timeout_ms)
{
	int rc;

	if (partition->options.sync != SYNC_ALWAYS)
		return 0;
	rc = partition_commit(partition, end, timeout_ms);
	if (rc == 0 && partition->has_look)
		rc = partition_check_promise(partition,
		    partition->look.log.generation);
	if (rc == 0 && end >= partition->unwaited.end)
		partition->unwaited.end = 0;
	return rc;
}

int
partition_sync(struct partition *partition)
{
	int rc;

	if (partition->options.read_only)
		return fail(FAIL_PERMISSION, "partition %d may only be read",
		    partition->number);
	rc = partition_load(partition);
	if (rc == 0)
		return partition_settle(partition, -1); /* a rebuild syncs */
	if (rc < 0)
		return rc;
	return partition_commit(partition, partition->control.log.log_end, -1);
}
