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

/* The page, if it still is the one we know. */
static bool
read_page(struct partition *partition, struct control *control)
{
	const struct control_log *log = &control->log;

	return control_read(partition->file, control) == 1 &&
	    log->number == partition->number &&
	    memcmp(log->topic_id, partition->options.topic_id,
	        sizeof(log->topic_id)) == 0 &&
	    memcmp(&log->boot, &partition->boot, sizeof(log->boot)) == 0;
}

static bool
look(struct partition *partition)
{
	partition->has_look = read_page(partition, &partition->look);
	if (partition->has_look)
		partition->control.durable = partition->look.durable;
	return partition->has_look;
}

static uint32_t
read_word(void *context)
{
	struct partition *partition = context;

	partition->is_look_new = look(partition);
	if (partition->is_look_new)
		return partition->look.word;
	clock_sleep_ms(1); /* a word that cannot be read cannot be waited for */
	return 0;
}

/* One read of the page serves for the word and for this. */
static int
is_durable(void *context, int64_t target)
{
	struct partition *partition = context;

	if (!partition->is_look_new && !look(partition))
		return 0;
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
	struct scan scan = {.max_epoch = EPOCH_ANY};
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
	int rc;

	if (!read_page(partition, &now) ||
	    now.durable.generation != synced->log.generation ||
	    now.durable.is_stopped)
		return 0;
	now.durable.is_syncing = false;
	now.durable.end = synced->log.log_end;
	now.durable.segment = synced->log.segment;
	now.durable.byte = synced->log.length;
	partition->control.durable = now.durable;
	rc = control_write_durable(partition->file, &now.durable);
	if (rc == 0 && partition->options.doorbell != NULL)
		futex_ring(partition->options.doorbell);
	return rc;
}

/* With the sync role, right after is_durable has looked. Segments before the
 * active one were synced when it began. Without a valid page we sync what we
 * wrote ourselves. */
static int
sync_written(void *context)
{
	struct partition *partition = context;
	struct control control = partition->look;
	int rc;

	if (!partition->has_look)
		return partition->active < 0 ? 0
		                             : file_sync(partition->active);
	if (!control.durable.is_syncing) {
		struct control_durable mark = control.durable;

		mark.is_syncing = true;
		rc = control_write_durable(partition->file, &mark);
		if (rc < 0)
			return rc;
	}
	rc = sync_segment(partition, &control);
	if (rc == 0)
		rc = publish(partition, &control);
	return rc;
}

static int
map_word(struct partition *partition)
{
	void *map;
	int rc;

	if (partition->word != NULL)
		return 0;
	rc = file_map(partition->file, CONTROL_SIZE, true, &map);
	if (rc == 0)
		partition->word = (uint32_t *)((char *)map + CONTROL_WORD_AT);
	return rc;
}

int
partition_commit(struct partition *partition, int64_t end, int64_t timeout_ms)
{
	struct commit_ops ops = {
		.is_durable = is_durable,
		.sync = sync_written,
		.context = partition,
		.read_word = read_word,
		.role_file = partition->file,
	};

	/* Without a page: nobody to share with. */
	if (partition->file < 0 || map_word(partition) < 0)
		return partition->active < 0 ? 0
		                             : file_sync(partition->active);
	ops.word = partition->word;
	return commit_wait(&ops, end, timeout_ms);
}

int
partition_wait(struct partition *partition, int64_t end, int64_t timeout_ms)
{
	if (partition->options.sync != SYNC_ALWAYS)
		return 0;
	return partition_commit(partition, end, timeout_ms);
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
		return partition_settle(partition); /* a rebuild syncs */
	if (rc < 0)
		return rc;
	return partition_commit(partition, partition->control.log.log_end, -1);
}
