/* A partition: opening it, and what its processes agree on. */
#include "log/partition_internal.h"
#include "base/fail.h"
#include "base/file.h"
#include "base/lock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char control_name[] = "control";

static void
close_page(struct partition *partition)
{
	if (partition->words != NULL)
		file_unmap((char *)partition->words - CONTROL_WORDS_AT,
		    CONTROL_SIZE);
	partition->words = NULL;
	if (partition->file >= 0)
		close(partition->file);
	partition->file = -1;
	partition->has_mine = false;
	partition->seen_stamp = 0;
}

/* A page that may only be read makes the partition read-only. */
static int
open_page(struct partition *partition)
{
	int fd = -FAIL_PERMISSION;

	close_page(partition);
	if (!partition->options.read_only)
		fd = file_open(partition->dir, control_name, FILE_WRITE);
	if (fd == -FAIL_PERMISSION) {
		fd = file_open(partition->dir, control_name, FILE_READ);
		if (fd >= 0)
			partition->options.read_only = true;
	}
	if (fd == -FAIL_MISSING)
		return 0;
	if (fd < 0)
		return partition->options.read_only ? 0 : fd;
	partition->file = fd;
	return 1;
}

bool
partition_owns_page(const struct partition *partition,
    const struct control *page)
{
	const struct control_log *log = &page->log;

	return log->number == partition->number &&
	    memcmp(log->topic_id, partition->options.topic_id,
	        sizeof(log->topic_id)) == 0;
}

static int
load_open(struct partition *partition)
{
	struct control *page = &partition->old;
	int rc = control_read(partition->file, page);

	partition->has_old = false;
	if (rc != 1 || !partition_owns_page(partition, page))
		return rc < 0 ? rc : 0;
	partition->has_old = true;
	if (memcmp(&page->log.boot, &partition->boot,
	        sizeof(partition->boot)) != 0)
		return 0;
	partition->control = *page;
	partition->is_private = false;
	return 1;
}

int
partition_load(struct partition *partition)
{
	int rc;

	partition->has_old = false;
	if (partition->file < 0 || file_is_unlinked(partition->file)) {
		rc = open_page(partition);
		if (rc <= 0)
			return rc;
	}
	return load_open(partition);
}

int
partition_load_at(struct partition *partition, int64_t stamp)
{
	if (partition->seen_stamp == 0 || stamp != partition->seen_stamp)
		return partition_load(partition);
	return load_open(partition);
}

/* Without the lock: is the page what the directory and the log say? An append
 * under way makes it look wrong; the lock tells. */
static int
is_page_true(struct partition *partition)
{
	const struct control_log *log = &partition->control.log;
	struct segment_list list = {0};
	struct epochs epochs;
	int rc = partition_fit(partition);

	if (rc != FIT_EXACT)
		return rc < 0 ? rc : 0;
	rc = partition_verify_start(partition);
	if (rc != 0)
		return rc < 0 ? rc : 0;
	if (log->stamp != 0 &&
	    log->stamp == file_directory_stamp(partition->dir))
		return 1;
	rc = segment_list_read(&list, partition->dir);
	if (rc == 0)
		rc = epochs_read(&epochs, partition->dir);
	if (rc == 0)
		rc = segment_list_newest(&list) == log->segment &&
		    epochs_last(&epochs) <= log->epoch &&
		    segment_list_at(&list, 0) <= log->log_start;
	segment_list_release(&list);
	return rc;
}

int
partition_settle(struct partition *partition, int64_t patience_ms)
{
	bool is_longer;
	int rc = lock_directory(partition->dir, patience_ms);

	if (rc < 0)
		return rc;
	partition->has_start = false;
	rc = partition_refresh(partition);
	is_longer = partition->is_longer;
	partition_unlock(partition);
	if (rc == 0)
		partition->is_settled = true;
	/* What was found may have been acknowledged before an old page came
	 * back: nobody else would ever make it visible. */
	if (rc == 0 && is_longer && partition->options.sync == SYNC_ALWAYS &&
	    !partition->control.durable.is_stopped)
		rc = partition_sync(partition);
	return rc;
}

/* In the mode `always` nobody sees what is not durable. Who was to sync it may
 * have been killed; or he did, and a file system that was shut down gave back an
 * older page. If nobody syncs now, we do. */
static void
show_tail(struct partition *partition)
{
	const struct control *control = &partition->control;

	if (partition->options.sync == SYNC_ALWAYS &&
	    !partition->options.read_only && !control->durable.is_stopped &&
	    control->durable.end < control->log.log_end)
		(void)partition_commit(partition, control->log.log_end, 0);
}

int
partition_current(struct partition *partition)
{
	/* A stopped producer may keep the lock; readers do without. */
	enum { RETRY_MS = 1000, PATIENCE_MS = 200 };
	bool has_page;
	int rc = partition_load(partition);

	if (rc == 1 && partition->options.read_only) {
		rc = partition_verify_start(partition);
		return rc < 0 ? rc : 0;
	}
	/* A page that cannot be made is not tried for at every look. */
	if (rc == 0 && (partition->options.read_only ||
	        (partition->is_private && clock_boot_ms() -
	            partition->private_ms < RETRY_MS)))
		return partition_scan_private(partition);
	has_page = rc == 1;
	if (has_page && !partition->is_settled)
		rc = is_page_true(partition);
	if (rc == 1) {
		if (!partition->is_settled)
			show_tail(partition);
		partition->is_settled = true;
		return 0;
	}
	if (rc >= 0)
		rc = partition_settle(partition, PATIENCE_MS);
	if (rc == 0)
		show_tail(partition);
	if (rc == -FAIL_AGAIN && has_page)
		return 0;
	if (rc == -FAIL_AGAIN || rc == -FAIL_PERMISSION || rc == -FAIL_IO) {
		partition->private_ms = clock_boot_ms();
		rc = partition_scan_private(partition);
	}
	return rc;
}

int
partition_make_page(struct partition *partition)
{
	int fd;

	if (partition->file >= 0)
		return 0;
	fd = file_open(partition->dir, control_name, FILE_CREATE);
	if (fd < 0)
		return fd;
	partition->file = fd;
	return 0;
}

int
partition_open_directory(int topic_dir, int number)
{
	char name[16];

	snprintf(name, sizeof(name), "%d", number);
	return file_open_directory(topic_dir, name);
}

int
partition_open(struct partition **out, int topic_dir, int number,
    const struct partition_options *options)
{
	struct partition *partition = memory_alloc(sizeof(*partition));
	int rc;

	*out = NULL;
	*partition = (struct partition){
		.options = *options,
		.number = number,
		.file = -1,
		.active = -1,
		.boot = clock_boot_id(),
	};
	rc = partition->dir = partition_open_directory(topic_dir, number);
	if (rc >= 0)
		rc = partition_load(partition);
	if (rc == 0)
		rc = partition_current(partition);
	if (rc < 0) {
		partition_close(partition);
		return rc;
	}
	*out = partition;
	return 0;
}

void
partition_configure(struct partition *partition,
    const struct partition_options *options)
{
	partition->options.sync = options->sync;
	partition->options.segment_bytes = options->segment_bytes;
	partition->options.max_bytes = options->max_bytes;
}

void
partition_close(struct partition *partition)
{
	if (partition == NULL)
		return;
	close_page(partition);
	if (partition->active >= 0)
		close(partition->active);
	if (partition->dir >= 0)
		close(partition->dir);
	buf_release(&partition->notice);
	buf_release(&partition->notice_given);
	free(partition);
}

int
partition_create(int topic_dir, int number)
{
	struct segment_list list = {0};
	char name[16];
	int dir, fd, rc;

	snprintf(name, sizeof(name), "%d", number);
	rc = file_make_directory(topic_dir, name);
	if (rc < 0)
		return rc;
	dir = partition_open_directory(topic_dir, number);
	if (dir < 0)
		return dir;
	rc = segment_list_read(&list, dir);
	if (rc == 0 && list.count == 0) {
		rc = fd = segment_open(dir, 0, FILE_CREATE);
		if (fd >= 0) {
			close(fd);
			rc = file_sync_directory(dir);
		}
	}
	segment_list_release(&list);
	close(dir);
	return rc;
}

int
partition_usage(struct partition *partition, int64_t *bytes, int64_t *segments)
{
	struct segment_list list = {0};
	int rc = segment_list_read(&list, partition->dir);

	*bytes = *segments = 0;
	for (size_t i = 0; rc == 0 && i < list.count; i++) {
		int fd = segment_open(partition->dir,
		    segment_list_at(&list, i), FILE_READ);
		int64_t size;

		if (fd < 0) {
			/* Trimmed meanwhile. */
			rc = fd == -FAIL_MISSING ? 0 : fd;
			continue;
		}
		size = file_size(fd);
		close(fd);
		if (size < 0)
			rc = (int)size;
		*bytes += size;
		(*segments)++;
	}
	segment_list_release(&list);
	return rc;
}

int
partition_lock(struct partition *partition)
{
	return lock_directory(partition->dir, -1);
}

void
partition_unlock(struct partition *partition)
{
	unlock_directory(partition->dir);
}

int
partition_open_active(struct partition *partition, int64_t base,
    int64_t stamp)
{
	enum file_mode mode = partition->options.read_only ? FILE_READ
	                                                   : FILE_WRITE;
	int fd;

	/* A recovery may have put another file in its place. */
	if (partition->active >= 0 && partition->active_base == base &&
	    ((stamp != 0 && stamp == partition->seen_stamp) ||
	        !file_is_unlinked(partition->active)))
		return 0;
	fd = segment_open(partition->dir, base, mode);
	if (fd < 0)
		return fd;
	if (partition->active >= 0)
		close(partition->active);
	partition->active = fd;
	partition->active_base = base;
	partition->active_size = 0;
	partition->has_mine = false;
	return 0;
}

int64_t
partition_stamp(const struct partition *partition)
{
	enum { TICK_MS = 50 };
	int64_t stamp = file_directory_stamp(partition->dir);
	int64_t age_ms = clock_wall_ms() - stamp / 1000000;

	/* Kernels step the clock of files every few milliseconds: one more
	 * entry within the step leaves the stamp as it is. */
	return stamp < 0 || (age_ms > -TICK_MS && age_ms < TICK_MS) ? 0
	                                                            : stamp;
}
