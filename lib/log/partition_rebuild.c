/* Rebuilding a partition's control page by a scan of its log. */
#include "log/partition_internal.h"
#include "base/fail.h"
#include "base/file.h"
#include "base/hash.h"
#include "log/aside.h"

#include <string.h>
#include <unistd.h>

/* What a rebuild finds out before it changes anything. */
struct survey {
	struct segment_list list;
	struct epochs epochs;
	struct tail tail;
	struct buf holes; /* struct hole */
	struct outage outage;
	int64_t bound; /* offsets below were given out, and had to survive */
	int64_t start; /* of the log */
	int32_t epoch; /* the new one */
};

static int
scan_active(struct partition *partition, struct survey *survey)
{
	struct scan scan = {0};
	int64_t size = file_size(partition->active);
	int rc;

	if (size < 0)
		return (int)size;
	buf_clear(&survey->holes);
	survey->tail = (struct tail){
		.offset = partition->active_base,
		.epoch = -1,
		.holes = &survey->holes,
	};
	scan.window.fd = partition->active;
	scan.window.end = size;
	scan.stale = survey->outage.stale;
	rc = scan_tail(&scan, &survey->tail);
	window_release(&scan.window);
	return rc;
}

/* What a failed sync left in the cache is not on the disk: all that can be
 * written is written, then the cache is dropped, and the disk is asked. */
static int
survey_log(struct partition *partition, struct survey *survey)
{
	int64_t newest = segment_list_newest(&survey->list);
	int rc;

	survey->tail = (struct tail){.epoch = -1};
	if (newest < 0)
		return 0;
	rc = partition_open_active(partition, newest, 0);
	if (rc == 0)
		rc = file_sync(partition->active);
	if (rc == 0)
		rc = file_drop_cache(partition->active, 0);
	if (rc == 0)
		rc = scan_active(partition, survey);
	if (rc == 0 && survey->holes.size > 0)
		rc = partition_heal(partition, &survey->epochs,
		    survey->outage.bound, &survey->holes);
	return rc > 0 ? scan_active(partition, survey) : rc;
}

int
partition_start_segment(struct partition *partition, int64_t base)
{
	struct control_log *log = &partition->control.log;
	char name[SEGMENT_NAME_SIZE];
	int fd = segment_open(partition->dir, base, FILE_EXCLUSIVE);
	int rc;

	if (fd < 0)
		return fd;
	rc = file_sync_directory(partition->dir);
	if (rc < 0) {
		close(fd);
		segment_format_name(name, base);
		unlinkat(partition->dir, name, 0);
		return rc;
	}
	if (partition->active >= 0)
		close(partition->active);
	partition->active = fd;
	partition->active_base = base;
	partition->active_size = 0;
	log->segment = base;
	log->log_end = base;
	log->length = 0;
	log->last_batch = 0;
	return 0;
}

static void
fill_page(struct partition *partition, const struct survey *survey,
    int32_t epoch)
{
	struct control *control = &partition->control;

	*control = (struct control){
		.log = {
			.number = partition->number,
			.epoch = epoch,
			.boot = partition->boot,
			.log_start = survey->start,
			.log_end = survey->tail.offset,
			.segment = partition->active_base,
			.length = survey->tail.byte,
			.last_batch = survey->tail.last_batch,
		},
		.durable = {
			.end = survey->tail.offset,
			.segment = partition->active_base,
			.byte = survey->tail.byte,
		},
	};
	memcpy(control->log.topic_id, partition->options.topic_id,
	    sizeof(control->log.topic_id));
	random_bytes(&control->log.generation,
	    sizeof(control->log.generation));
	control->durable.generation = control->log.generation;
}

/* What is cut may have been acknowledged, and be damaged now, where no page tells
 * otherwise; half a batch was not, if there is one. */
static int
keep_torn(struct partition *partition, int fd, const struct survey *survey)
{
	const struct tail *tail = &survey->tail;
	struct buf name = {0};
	int rc = 0;

	if (!partition->has_old || !tail->is_partial)
		rc = aside_keep(partition->dir, fd, tail->byte, tail->data_end,
		    tail->offset, survey->epoch, &name);
	buf_release(&name);
	return rc;
}

/* Where a bad batch came before the torn bytes, its length may reach into
 * them. Without them it would be the one that seems half written at the next
 * scan, and all behind it be cut: so a new segment is begun before the cut. */
static int
leave_damaged(struct partition *partition, struct survey *survey)
{
	struct survey former = *survey;
	int64_t base = partition->active_base, end = survey->tail.byte;
	int fd, rc;

	survey->tail = (struct tail){.offset = survey->tail.offset};
	rc = partition_start_segment(partition, survey->tail.offset);
	if (rc < 0)
		return rc;
	fd = segment_open(partition->dir, base, FILE_WRITE);
	if (fd < 0)
		return fd;
	rc = keep_torn(partition, fd, &former);
	if (rc == 0)
		rc = file_truncate(fd, end);
	close(fd);
	return rc;
}

/* Bytes behind the last batch are cut, unless they were durable once: those
 * are damaged, not torn. They stay, their offsets are not given out again, and
 * appends go to a new segment. */
static int
mend_end(struct partition *partition, struct survey *survey)
{
	int64_t lost = survey->bound - survey->tail.offset;
	bool is_short = lost > 0 && lost < PARTITION_AHEAD_MAX;
	int rc;

	if (survey->list.count == 0 || is_short) {
		int64_t base = is_short ? survey->bound : 0;

		rc = partition_start_segment(partition, base);
		if (rc < 0)
			return rc;
		survey->tail = (struct tail){.offset = base};
		rc = segment_list_read(&survey->list, partition->dir);
		if (rc == 0 && survey->list.count == 0)
			rc = fail(FAIL_MISSING, "partition %d was removed",
			    partition->number);
		return rc;
	}
	if (survey->tail.is_torn && survey->tail.bad_ranges > 0)
		return leave_damaged(partition, survey);
	if (!survey->tail.is_torn)
		return 0;
	rc = keep_torn(partition, partition->active, survey);
	return rc < 0 ? rc
	              : file_truncate(partition->active, survey->tail.byte);
}

/* What was trimmed was durable: a log that ends below has lost what was behind,
 * and offsets below a log start are never given out again. */
static int
survey_start(const struct partition *partition, struct survey *survey)
{
	int64_t end = survey->tail.offset, written;
	int rc = partition_read_start(partition, &written);

	if (written > end && written - end < PARTITION_AHEAD_MAX &&
	    written > survey->bound)
		survey->bound = written;
	return rc;
}

static int
rebuild_from(struct partition *partition, struct survey *survey)
{
	int32_t epoch = epochs_last(&survey->epochs);
	int64_t start;
	int rc;

	if (partition->has_old && partition->old.log.epoch > epoch)
		epoch = partition->old.log.epoch;
	epoch = epochs_highest(epoch, survey->tail.epoch);
	if (epoch >= SCAN_EPOCH_MAX)
		return fail(FAIL_SYSTEM, "partition %d: epochs are used up",
		    partition->number);
	survey->epoch = epoch + 1;
	start = survey->tail.offset;
	if (survey->bound > start && survey->bound - start < PARTITION_AHEAD_MAX)
		start = survey->bound;
	/* The epoch is durable before the log changes: whoever keeps state by
	 * offset learns of the cut before an offset is given out again. */
	rc = epochs_append(&survey->epochs, partition->dir, epoch + 1, start);
	if (rc == 0)
		rc = partition_make_page(partition);
	if (rc == 0)
		rc = mend_end(partition, survey);
	if (rc == 0)
		rc = partition_find_start(partition, &survey->list,
		    survey->tail.offset, &survey->start);
	if (rc < 0)
		return rc;
	fill_page(partition, survey, epoch + 1);
	partition->control.log.stamp = partition_stamp(partition);
	/* Before the records, whose boot is believed first. */
	rc = control_write_born(partition->file, &partition->control.log);
	if (rc == 0)
		rc = control_write(partition->file, &partition->control);
	/* Its name and this state of it survive a power cut, so that the next
	 * rebuild can tell one from a page that was deleted. */
	if (rc == 0)
		rc = file_sync(partition->file);
	if (rc == 0)
		rc = file_sync_directory(partition->dir);
	partition->has_mine = rc == 0;
	partition->mine = partition->control.log;
	partition->is_private = rc < 0 && partition->is_private;
	return rc;
}

int
partition_rebuild(struct partition *partition)
{
	struct survey survey = {.bound = partition_bound(partition)};
	int rc = segment_list_read(&survey.list, partition->dir);

	if (rc == 0)
		rc = epochs_read(&survey.epochs, partition->dir);
	if (rc == 0)
		rc = partition_find_outage(partition, &survey.epochs,
		    &survey.outage);
	if (rc == 0)
		rc = survey_log(partition, &survey);
	if (rc == 0)
		rc = survey_start(partition, &survey);
	if (rc == 0)
		rc = rebuild_from(partition, &survey);
	if (rc == 0)
		partition_sweep(partition, &survey.list);
	segment_list_release(&survey.list);
	buf_release(&survey.holes);
	return rc;
}

/* Goes on where the scan before ended, if nothing rolled since. */
static void
begin_private(struct partition *partition, int64_t segment)
{
	struct control_log *log = &partition->control.log;

	if (partition->is_private && log->segment == segment)
		return;
	partition->control = (struct control){
		.log = {.segment = segment, .log_end = segment},
	};
	partition->is_private = true;
}

static int
scan_private(struct partition *partition, const struct segment_list *list,
    const struct epochs *epochs)
{
	struct control_log *log = &partition->control.log;
	struct scan scan = {0};
	struct outage outage;
	struct tail tail;
	int fd = segment_open(partition->dir, segment_list_newest(list),
	    FILE_READ);
	int64_t size;
	int rc;

	if (fd < 0)
		return fd;
	begin_private(partition, segment_list_newest(list));
	tail = (struct tail){
		.byte = log->length,
		.offset = log->log_end,
		.last_batch = log->last_batch,
	};
	size = file_size(fd);
	rc = size < 0 ? (int)size : partition_find_outage(partition, epochs,
	    &outage);
	scan.window.fd = fd;
	scan.window.end = size;
	if (rc == 0) {
		partition->stale = scan.stale = outage.stale;
		rc = scan_tail(&scan, &tail);
	}
	window_release(&scan.window);
	close(fd);
	if (rc == 0)
		rc = partition_find_start(partition, list, tail.offset,
		    &log->log_start);
	log->log_end = tail.offset;
	log->length = tail.byte;
	log->last_batch = tail.last_batch;
	log->epoch = epochs_highest(log->epoch, tail.epoch);
	partition->control.durable.end = tail.offset;
	partition->control.durable.segment = log->segment;
	partition->control.durable.byte = log->length;
	return rc;
}

int
partition_scan_private(struct partition *partition)
{
	struct segment_list list = {0};
	struct epochs epochs;
	int rc = segment_list_read(&list, partition->dir);

	if (rc == 0)
		rc = epochs_read(&epochs, partition->dir);
	if (rc == 0 && list.count == 0) {
		partition->control = (struct control){0};
		partition->is_private = true;
	} else if (rc == 0) {
		rc = scan_private(partition, &list, &epochs);
	}
	segment_list_release(&list);
	if (rc == 0)
		partition->control.log.epoch = epochs_highest(
		    epochs_last(&epochs), partition->control.log.epoch);
	return rc;
}
