/* Appending to a partition. */
#include "log/partition_internal.h"
#include "base/fail.h"
#include "base/file.h"
#include "base/futex.h"
#include "base/lock.h"

#include <stdio.h>

enum { RESERVE_BELOW = 64 * 1024 };

struct appending {
	unsigned char *batches;
	size_t size;
	bool may_wait;
	int64_t offsets; /* that they take */
};

/* Walks over the batches that the caller hands in: bounds first, as their
 * bytes came from anywhere. Returns 0 and the offsets they take. */
static int
measure(const struct partition *partition, const unsigned char *batches,
    size_t size, int64_t *offsets)
{
	struct batch_header header;

	*offsets = 0;
	if (size == 0)
		return fail(FAIL_DATA, "no batch to append");
	while (size > 0) {
		int rc = batch_decode_header(batches, size, &header);

		if (rc == 0 && batch_size(&header) > size)
			rc = -FAIL_CORRUPT;
		if (rc < 0)
			return fail(FAIL_DATA, "not a whole record batch");
		if ((int64_t)batch_size(&header) > partition->options.max_bytes)
			return fail(FAIL_DATA,
			    "a batch of %zu bytes, %lld are allowed",
			    batch_size(&header),
			    (long long)partition->options.max_bytes);
		*offsets += (int64_t)header.last_offset_delta + 1;
		batches += batch_size(&header);
		size -= batch_size(&header);
	}
	return 0;
}

/* Sets the place of each batch. Returns where the last one begins. */
static size_t
place(unsigned char *batches, size_t size, int64_t offset, int32_t epoch)
{
	struct batch_header header;
	size_t at = 0, last = 0;

	while (at < size && batch_decode_header(batches + at, size - at,
	        &header) == 0) {
		batch_set_position(batches + at, offset, epoch);
		offset += (int64_t)header.last_offset_delta + 1;
		last = at;
		at += batch_size(&header);
	}
	return last;
}

/* Order of a roll: all in the old segment durable, its zeros cut, the new name
 * durable, the page. A crash in between leaves at most an empty newest
 * segment whose name is the log's end. */
int
partition_roll(struct partition *partition)
{
	struct control_log former = partition->control.log;
	int rc = partition_commit(partition, former.log_end, -1);

	if (rc < 0)
		return rc;
	/* What is not cut is zeros, and zeros end a segment. */
	(void)file_truncate(partition->active, former.length);
	rc = partition_start_segment(partition, former.log_end);
	if (rc == -FAIL_IO)
		return partition_stop(partition, "sync of a new segment");
	if (rc < 0)
		return rc;
	partition->control.log.stamp = partition_stamp(partition);
	rc = partition_store(partition);
	if (rc < 0)
		partition->control.log = former;
	return rc;
}

/* Half a batch must not stay: cut, or made zeros. Keeps the failure rc. */
static int
take_back(struct partition *partition, size_t size, int rc)
{
	int64_t length = partition->control.log.length;
	int64_t end = file_size(partition->active);
	char cause[512];

	partition->has_mine = false;
	snprintf(cause, sizeof(cause), "%s", fail_message());
	if (file_truncate(partition->active, length) < 0 && end > length) {
		if (end > length + (int64_t)size)
			end = length + (int64_t)size;
		(void)file_zero_at(partition->active, (size_t)(end - length),
		    length);
	}
	return fail((enum fail)-rc, "%s", cause);
}

static void
reserve(struct partition *partition, size_t size)
{
	const struct partition_options *options = &partition->options;
	int64_t end = partition->control.log.length + (int64_t)size;

	if (options->sync != SYNC_ALWAYS || size >= RESERVE_BELOW ||
	    partition->active_size >= end)
		return;
	partition->active_size = segment_reserve(partition->active, end,
	    options->segment_bytes);
}

static int
write_batches(struct partition *partition, unsigned char *batches, size_t size,
    int64_t offsets)
{
	struct control_log *log = &partition->control.log;
	struct control_log former = *log;
	size_t last = place(batches, size, log->log_end, log->epoch);
	int rc;

	reserve(partition, size);
	rc = file_write_at(partition->active, batches, size, log->length);
	if (rc < 0)
		return rc == -FAIL_IO ? partition_stop(partition, "write")
		                      : take_back(partition, size, rc);
	log->last_batch = log->length + (int64_t)last;
	log->length += (int64_t)size;
	log->log_end += offsets;
	if (partition->active_size < log->length)
		partition->active_size = log->length;
	rc = partition_store(partition);
	if (rc < 0) {
		*log = former;
		return take_back(partition, size, rc);
	}
	return 0;
}

/* Under the lock. Nothing is appended if the log is not where it is expected
 * to be: 1. */
static int
append_locked(struct partition *partition, const struct appending *how,
    const struct partition_state *expected)
{
	const struct control_log *log = &partition->control.log;
	int rc = partition_refresh(partition);

	if (rc < 0)
		return rc;
	if (partition->control.durable.is_stopped)
		return partition_fail_stopped(partition);
	rc = partition_check_promise(partition, log->generation);
	if (rc < 0)
		return rc;
	if (expected->log_end >= 0 && (expected->log_end != log->log_end ||
	    expected->epoch != log->epoch))
		return 1;
	if (how->offsets > INT64_MAX - 1 - log->log_end)
		return fail(FAIL_SYSTEM, "partition %d: offsets are used up",
		    partition->number);
	if (log->length > 0 && log->length + (int64_t)how->size >
	        partition->options.segment_bytes) {
		rc = how->may_wait ? partition_roll(partition) : fail(FAIL_AGAIN,
		    "partition %d: a new segment is due", partition->number);
		if (rc < 0)
			return rc;
	}
	return write_batches(partition, how->batches, how->size,
	    how->offsets);
}

static int
append(struct partition *partition, struct appending *how,
    struct partition_state *state)
{
	int rc = measure(partition, how->batches, how->size, &how->offsets);

	if (rc == 0)
		rc = lock_directory(partition->dir, how->may_wait ? -1 : 0);
	if (rc < 0)
		return rc;
	rc = append_locked(partition, how, state);
	if (rc == 0)
		partition_promise(partition);
	partition_unlock(partition);
	partition_tell(partition, state);
	return rc;
}

static int
append_and_ring(struct partition *partition, struct appending *how,
    struct partition_state *state)
{
	int rc = append(partition, how, state);

	if (rc == 0 && partition->options.sync != SYNC_ALWAYS &&
	    partition->options.doorbell != NULL)
		futex_ring(partition->options.doorbell);
	return rc;
}

int
partition_append(struct partition *partition, void *batches, size_t size,
    int64_t *first_offset, int64_t *last_offset)
{
	struct appending how = {batches, size, true, 0};
	struct partition_state state = {.log_end = -1};
	int rc = append_and_ring(partition, &how, &state);

	if (rc < 0)
		return rc;
	*first_offset = state.log_end - how.offsets;
	*last_offset = state.log_end - 1;
	return 0;
}

int
partition_append_at(struct partition *partition, void *batches, size_t size,
    struct partition_state *state)
{
	struct appending how = {batches, size, true, 0};

	return append_and_ring(partition, &how, state);
}

int
partition_append_now(struct partition *partition, void *batches, size_t size,
    struct partition_state *state)
{
	struct appending how = {batches, size, false, 0};

	if (partition->options.sync == SYNC_ALWAYS)
		return fail(FAIL_AGAIN, "partition %d: has to be synced",
		    partition->number);
	return append(partition, &how, state);
}

int
partition_cut_since(struct partition *partition, int32_t since,
    int64_t *offset)
{
	struct epochs epochs;
	int rc = epochs_read(&epochs, partition->dir);

	*offset = rc < 0 ? 0 : epochs_cut(&epochs, since);
	return rc;
}
