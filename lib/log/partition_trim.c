/* Trimming a partition: the log start moves up, what is below goes. */
#include "log/partition_internal.h"
#include "base/fail.h"
#include "base/file.h"
#include "base/futex.h"
#include "log/start.h"

/* Where the log cannot be read up to a start that somebody wrote, nothing of it
 * is left. One that is absurd is not believed. */
static int64_t
choose_start(const struct segment_list *list, int64_t written, int64_t log_end)
{
	int64_t first = list->count == 0 ? 0 : segment_list_at(list, 0);

	if (written > log_end)
		written = written - log_end < PARTITION_AHEAD_MAX ? log_end : 0;
	return written > first ? written : first;
}

int
partition_read_start(const struct partition *partition, int64_t *written)
{
	int rc = start_read(partition->dir, written);

	return rc == -FAIL_CORRUPT ? 0 : rc;
}

int
partition_find_start(const struct partition *partition,
    const struct segment_list *list, int64_t log_end, int64_t *start)
{
	int64_t written;
	int rc = partition_read_start(partition, &written);

	*start = choose_start(list, written, log_end);
	return rc;
}

/* Most often the file says what the page does, or there is none and the page
 * says 0: then no directory is read. */
int
partition_verify_start(struct partition *partition)
{
	struct control_log *log = &partition->control.log;
	struct segment_list list = {0};
	int64_t written;
	int rc = partition_read_start(partition, &written);

	if (rc < 0 || written == log->log_start)
		return rc;
	rc = segment_list_read(&list, partition->dir);
	if (rc == 0) {
		int64_t start = choose_start(&list, written, log->log_end);

		rc = start != log->log_start;
		log->log_start = start;
	}
	segment_list_release(&list);
	return rc;
}

void
partition_sweep(struct partition *partition, const struct segment_list *list)
{
	char name[SEGMENT_NAME_SIZE];

	for (size_t i = 0; i + 1 < list->count && segment_list_at(list, i + 1) <=
	         partition->control.log.log_start; i++) {
		segment_format_name(name, segment_list_at(list, i));
		if (file_unlink(partition->dir, name) < 0)
			break;
	}
}

static int
sweep_directory(struct partition *partition)
{
	struct segment_list list = {0};
	int rc = segment_list_read(&list, partition->dir);

	if (rc == 0)
		partition_sweep(partition, &list);
	segment_list_release(&list);
	return rc;
}

int
partition_take_start(struct partition *partition)
{
	struct control_log *log = &partition->control.log;
	struct segment_list list = {0};
	int64_t written;
	int rc = segment_list_read(&list, partition->dir);

	if (rc == 0)
		rc = partition_read_start(partition, &written);
	if (rc == 0) {
		log->log_start = choose_start(&list, written, log->log_end);
		partition_sweep(partition, &list);
		if (written > log->log_end &&
		    written - log->log_end < PARTITION_AHEAD_MAX)
			rc = FIT_WRONG;
	}
	segment_list_release(&list);
	return rc;
}

/* 1 if the oldest segment was wholly below offset, and is durably gone. */
static int
remove_oldest(struct partition *partition, int64_t offset)
{
	struct segment_list list = {0};
	char name[SEGMENT_NAME_SIZE];
	int rc = segment_list_read(&list, partition->dir);

	if (rc == 0 && list.count > 1 && segment_list_at(&list, 1) <= offset) {
		segment_format_name(name, segment_list_at(&list, 0));
		rc = file_unlink(partition->dir, name);
		if (rc == 0)
			rc = file_sync_directory(partition->dir);
		rc = rc < 0 ? rc : 1;
	}
	segment_list_release(&list);
	return rc;
}

/* On a full disk there is no room to write it down. But the oldest segment
 * alone can go without: the name of the next one says as much. */
static int
write_start(struct partition *partition, int64_t offset)
{
	int rc = start_write(partition->dir, offset);

	if (rc != -FAIL_AGAIN || remove_oldest(partition, offset) != 1)
		return rc;
	rc = start_write(partition->dir, offset);
	if (rc < 0 && partition_take_start(partition) == 0)
		(void)partition_store(partition);
	return rc;
}

/* Order: what is to go is durable, so that a power cut does not take more than
 * the start says; the start is; the page tells readers; the files go. Whoever
 * is killed in between leaves files below the start, which the next one who
 * takes the lock removes. */
static int
trim(struct partition *partition, int64_t offset)
{
	struct control_log *log = &partition->control.log;
	int rc = 0;

	if (partition->control.durable.end < offset)
		rc = partition_commit(partition, log->log_end, -1);
	if (rc == 0)
		rc = write_start(partition, offset);
	if (rc < 0)
		return rc;
	log->log_start = offset;
	/* So that the newest segment can go too. */
	if (offset == log->log_end && log->length > 0)
		rc = partition_roll(partition);
	if (rc < 0 && rc != -FAIL_AGAIN)
		return rc;
	log->stamp = partition_stamp(partition);
	rc = partition_store(partition);
	return rc < 0 ? rc : sweep_directory(partition);
}

static int
trim_locked(struct partition *partition, int64_t offset)
{
	const struct control *control = &partition->control;
	int rc = partition_refresh(partition);

	if (rc < 0)
		return rc;
	if (control->durable.is_stopped)
		return partition_fail_stopped(partition);
	if (offset > control->log.log_end)
		return fail(FAIL_DATA, "partition %d: offset %lld is beyond the "
		    "end of the log, %lld", partition->number,
		    (long long)offset, (long long)control->log.log_end);
	return offset <= control->log.log_start ? 0 : trim(partition, offset);
}

int
partition_trim(struct partition *partition, int64_t offset, int64_t *log_start)
{
	int rc = partition_lock(partition);

	if (rc < 0)
		return rc;
	rc = trim_locked(partition, offset);
	*log_start = partition->control.log.log_start;
	partition_unlock(partition);
	/* Who waits for what has gone looks again. */
	if (rc == 0 && partition->options.doorbell != NULL)
		futex_ring(partition->options.doorbell);
	return rc;
}
