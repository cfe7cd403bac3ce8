/* Bringing page and log together before an append, under the lock. */
#include "log/partition_internal.h"
#include "base/fail.h"
#include "base/file.h"

#include <string.h>

static bool
is_last_batch(const struct control_log *log, const unsigned char *bytes,
    size_t size)
{
	struct batch_header header;

	return batch_decode_header(bytes, size, &header) == 0 &&
	    log->last_batch + (int64_t)batch_size(&header) == log->length &&
	    header.base_offset + header.last_offset_delta + 1 == log->log_end &&
	    epochs_highest(log->epoch, header.leader_epoch) == log->epoch;
}

/* Looks at what follows the log's end: nothing, zeros, or something. */
static int
look_behind(const struct partition *partition)
{
	static const unsigned char zeros[BATCH_HEADER_SIZE];
	unsigned char bytes[BATCH_HEADER_SIZE];
	ssize_t got = file_read_at(partition->active, bytes, sizeof(bytes),
	    partition->control.log.length);

	if (got < 0)
		return (int)got;
	return memcmp(bytes, zeros, (size_t)got) == 0 ? FIT_EXACT : FIT_LONGER;
}

/* The same, after looking whether the batch that the page calls the last one
 * is there, and ends where and with the offset the page says. Most often one
 * read shows both. */
static int
look_around(const struct partition *partition)
{
	enum { NEAR = 4096 };
	static const unsigned char zeros[BATCH_HEADER_SIZE];
	const struct control_log *log = &partition->control.log;
	unsigned char bytes[NEAR + BATCH_HEADER_SIZE];
	size_t before = (size_t)(log->length - log->last_batch);
	size_t want = before <= NEAR ? before + BATCH_HEADER_SIZE
	                             : BATCH_HEADER_SIZE;
	ssize_t got = file_read_at(partition->active, bytes, want,
	    log->last_batch);
	int64_t size;

	if (got < 0)
		return (int)got;
	if (!is_last_batch(log, bytes, (size_t)got))
		return FIT_WRONG;
	if (before <= NEAR) {
		if ((size_t)got < before)
			return FIT_WRONG;
		return memcmp(bytes + before, zeros, (size_t)got - before) == 0
		    ? FIT_EXACT
		    : FIT_LONGER;
	}
	size = file_size(partition->active);
	if (size < log->length)
		return size < 0 ? (int)size : FIT_WRONG;
	return look_behind(partition);
}

int
partition_fit(struct partition *partition)
{
	const struct control_log *log = &partition->control.log;
	int rc = partition_open_active(partition, log->segment, log->stamp);

	if (rc == -FAIL_MISSING)
		return FIT_WRONG;
	if (rc < 0)
		return rc;
	if (log->length == 0)
		return log->log_end == log->segment ? look_behind(partition)
		                                    : FIT_WRONG;
	/* Where nobody wrote since we did, only what follows may be new. */
	if (partition->has_mine &&
	    memcmp(log, &partition->mine, sizeof(*log)) == 0)
		return look_behind(partition);
	return look_around(partition);
}

int
partition_store(struct partition *partition)
{
	int rc = control_write_log(partition->file, &partition->control.log);

	partition->has_mine = rc == 0;
	partition->mine = partition->control.log;
	return rc;
}

/* Batches behind the page's log end are complete or not: a killed producer's,
 * or the page is an old copy. Whole ones are kept, a torn one is cut. */
static int
extend(struct partition *partition)
{
	struct control_log *log = &partition->control.log;
	struct scan scan = {0};
	struct tail tail = {
		.byte = log->length,
		.offset = log->log_end,
		.last_batch = log->last_batch,
	};
	int64_t size = file_size(partition->active);
	int rc = (int)size;

	if (size < 0)
		return rc;
	scan.window.fd = partition->active;
	scan.window.end = size;
	rc = scan_tail(&scan, &tail);
	window_release(&scan.window);
	partition->active_size = size;
	/* Behind a bad range nothing is cut in place: a rebuild leaves it. */
	/* A killed producer leaves half a batch; a whole one that is damaged may
	 * have been acknowledged, if the page is an old copy. */
	if (rc == 0 && tail.is_torn && (tail.bad_ranges > 0 || !tail.is_partial))
		return partition_rebuild(partition);
	if (rc == 0 && tail.is_torn) {
		rc = file_truncate(partition->active, tail.byte);
		partition->active_size = tail.byte;
	}
	if (rc < 0)
		return rc;
	partition->is_longer |= tail.offset > log->log_end;
	log->length = tail.byte;
	log->log_end = tail.offset;
	log->last_batch = tail.last_batch;
	log->epoch = epochs_highest(log->epoch, tail.epoch);
	return 0;
}

/* A segment behind the page's: somebody rolled and was killed, or the page is
 * old. Its name may not be durable yet; the segment before it is. */
static int
enter_newest(struct partition *partition, int64_t newest)
{
	struct control_log *log = &partition->control.log;
	int rc = file_sync_directory(partition->dir);

	if (rc == -FAIL_IO) /* as with any other sync, never a second time */
		return partition_stop(partition, "sync of a new segment");
	if (rc == 0)
		rc = partition_open_active(partition, newest, 0);
	if (rc < 0)
		return rc;
	partition->is_longer |= newest > log->log_end;
	log->segment = newest;
	log->log_end = newest;
	log->length = 0;
	log->last_batch = 0;
	return 0;
}

static int
follow_directory(struct partition *partition, const struct segment_list *list)
{
	struct control_log *log = &partition->control.log;
	int64_t newest = segment_list_newest(list);
	int rc;

	if (newest != log->segment) {
		if (newest < log->log_end)
			return FIT_WRONG;
		rc = enter_newest(partition, newest);
		if (rc < 0)
			return rc;
	}
	return partition_fit(partition);
}

/* The directory changed since the page was written. */
static int
refresh_directory(struct partition *partition)
{
	struct control_log *log = &partition->control.log;
	struct segment_list list = {0};
	struct epochs epochs;
	int rc = segment_list_read(&list, partition->dir);

	/* Names may be of other files than those we have open. */
	partition->seen_stamp = 0;
	if (rc == 0)
		rc = epochs_read(&epochs, partition->dir);
	if (rc == 0 && list.count == 0)
		rc = FIT_WRONG;
	else if (rc == 0)
		rc = follow_directory(partition, &list);
	segment_list_release(&list);
	if (rc < 0 || rc == FIT_WRONG)
		return rc;
	/* An old copy of the page knows only old epochs. */
	if (epochs_last(&epochs) > log->epoch)
		log->epoch = epochs_last(&epochs);
	log->stamp = partition_stamp(partition);
	return rc;
}

static int
settle_start(struct partition *partition, bool is_changed)
{
	int rc = 0;

	if (is_changed)
		rc = partition_take_start(partition);
	else if (!partition->has_start)
		rc = partition_verify_start(partition);
	partition->has_start = rc >= 0;
	return is_changed || rc < 0 ? rc : 0;
}

int
partition_refresh(struct partition *partition)
{
	struct control_log *log = &partition->control.log;
	struct control_log former;
	bool is_changed;
	int64_t stamp = file_directory_stamp(partition->dir);
	int rc;

	partition->is_longer = false;
	if (stamp < 0)
		return (int)stamp;
	rc = partition_load_at(partition, stamp);
	if (partition->options.read_only)
		return fail(FAIL_PERMISSION, "partition %d may only be read",
		    partition->number);
	if (rc < 0)
		return rc;
	if (rc == 0) {
		if (file_is_unlinked(partition->dir))
			return fail(FAIL_MISSING, "partition %d was removed",
			    partition->number);
		return partition_rebuild(partition);
	}
	/* A stopped log stays as it is until partition_recover. */
	if (partition->control.durable.is_stopped)
		return 0;
	former = *log;
	is_changed = log->stamp == 0 || log->stamp != stamp;
	if (is_changed) {
		if (file_is_unlinked(partition->dir))
			return fail(FAIL_MISSING, "partition %d was removed",
			    partition->number);
		rc = refresh_directory(partition);
	} else {
		rc = partition_fit(partition);
		/* A page that lacks a batch may lack a segment, too. */
		is_changed = rc == FIT_LONGER;
		if (is_changed)
			rc = refresh_directory(partition);
	}
	if (rc == FIT_WRONG)
		return partition_rebuild(partition);
	if (rc == FIT_LONGER)
		rc = extend(partition);
	if (rc == 0)
		rc = settle_start(partition, is_changed);
	if (rc == FIT_WRONG)
		return partition_rebuild(partition);
	if (rc == 0 && memcmp(log, &former, sizeof(former)) != 0)
		rc = partition_store(partition);
	if (rc == 0 && log->stamp == stamp)
		partition->seen_stamp = stamp;
	return rc;
}
