/* Recovery on demand, and the way out of a stop. */
#include "log/partition_internal.h"
#include "base/fail.h"
#include "base/file.h"
#include "base/futex.h"
#include "log/start.h"

#include <unistd.h>

static const char temporary_name[] = ".recover.new";

/* Copies the intact batches from tail on; what the disk cannot give back was
 * never acknowledged. */
static int
copy_batches(struct scan *scan, struct tail *tail, int to)
{
	const unsigned char *bytes;
	struct batch_header header;
	int64_t at = 0;

	while (scan_batch(scan, tail->byte, tail->offset, &header, &bytes) ==
	    1) {
		int rc = file_write_at(to, bytes, batch_size(&header), at);

		if (rc < 0)
			return rc;
		at += (int64_t)batch_size(&header);
		tail->byte += (int64_t)batch_size(&header);
		tail->offset = header.base_offset + header.last_offset_delta +
		    1;
	}
	return 0;
}

static int
write_copy(struct partition *partition, int from, struct tail tail)
{
	struct scan scan = {0};
	int64_t size = file_size(from);
	int rc = file_unlink(partition->dir, temporary_name);
	int to;

	if (rc < 0 || size < 0)
		return rc < 0 ? rc : (int)size;
	to = file_open(partition->dir, temporary_name, FILE_EXCLUSIVE);
	if (to < 0)
		return to;
	scan.window.fd = from;
	scan.window.end = size;
	rc = file_drop_cache(from, tail.byte);
	if (rc == 0)
		rc = copy_batches(&scan, &tail, to);
	if (rc == 0)
		rc = file_sync(to);
	window_release(&scan.window);
	close(to);
	return rc;
}

/* Does a walk over the batches come by the place where the page says that what
 * the disk has ends? Nothing is cut at any other. */
static int
has_place(int fd, int64_t segment, const struct control_durable *durable)
{
	struct scan scan = {0};
	struct batch_header header;
	int64_t byte = 0, offset = segment;
	int rc = 1;

	scan.window.fd = fd;
	scan.window.end = durable->byte;
	while (byte < durable->byte) {
		rc = scan_header(&scan, byte, offset, &header);
		if (rc == 0 || rc == -FAIL_CORRUPT)
			rc = scan_resync(&scan, byte, offset, false, &byte,
			    &header);
		if (rc != 1)
			break;
		byte += (int64_t)batch_size(&header);
		offset = header.base_offset + header.last_offset_delta + 1;
	}
	window_release(&scan.window);
	return rc < 0 ? rc : rc == 1 && byte == durable->byte &&
	    offset == durable->end;
}

/* The file whose sync failed gets no more bytes: what the disk has of its tail
 * moves to a new segment. Order: the copy durable, its name, then the old
 * tail is cut; until then both hold the same bytes. The stop mark stays in the
 * page, so that a crash in between begins again. */
static int
move_tail(struct partition *partition)
{
	const struct control *control = &partition->control;
	int64_t segment = control->log.segment;
	struct tail tail = {.offset = segment};
	char name[SEGMENT_NAME_SIZE];
	int from = segment_open(partition->dir, segment, FILE_WRITE);
	int rc;

	if (from < 0) /* a page that names no file is not true */
		return from == -FAIL_MISSING ? 0 : from;
	rc = 1;
	if (control->durable.segment == segment) {
		tail.byte = control->durable.byte;
		tail.offset = control->durable.end;
		rc = has_place(from, segment, &control->durable);
	}
	if (rc <= 0) {
		close(from);
		return rc;
	}
	segment_format_name(name, tail.offset);
	rc = write_copy(partition, from, tail);
	if (rc == 0)
		rc = file_rename(partition->dir, temporary_name, name);
	if (rc == 0)
		rc = file_sync_directory(partition->dir);
	if (rc == 0 && tail.byte > 0)
		rc = file_truncate(from, tail.byte);
	close(from);
	return rc;
}

/* A recovery that got as far as the new name must not copy once more: the old
 * tail may be cut already. */
static int
leave_stop(struct partition *partition)
{
	const struct control *control = &partition->control;
	struct segment_list list = {0};
	int64_t newest;
	int fd;
	int rc = segment_list_read(&list, partition->dir);

	newest = segment_list_newest(&list);
	segment_list_release(&list);
	if (rc < 0 || newest <= control->log.segment)
		return rc < 0 ? rc : move_tail(partition);
	if (control->durable.segment != control->log.segment ||
	    control->durable.end != newest)
		return 0;
	fd = segment_open(partition->dir, control->log.segment, FILE_WRITE);
	if (fd < 0)
		return fd;
	rc = has_place(fd, control->log.segment, &control->durable);
	if (rc == 1)
		rc = file_truncate(fd, control->durable.byte);
	close(fd);
	return rc;
}

static int
drop_caches(struct partition *partition)
{
	struct segment_list list = {0};
	int rc = segment_list_read(&list, partition->dir);

	for (size_t i = 0; rc == 0 && i < list.count; i++) {
		int fd = segment_open(partition->dir,
		    segment_list_at(&list, i), FILE_READ);

		if (fd < 0) {
			rc = fd;
			break;
		}
		rc = file_drop_cache(fd, 0);
		close(fd);
	}
	segment_list_release(&list);
	return rc;
}

static int
forget_bad_start(struct partition *partition)
{
	int64_t written;
	int rc = start_read(partition->dir, &written);

	return rc == -FAIL_CORRUPT ? file_unlink(partition->dir, START_FILE)
	                           : rc;
}

int
partition_recover(struct partition *partition)
{
	int rc;

	if (partition->options.read_only)
		return fail(FAIL_PERMISSION, "partition %d may only be read",
		    partition->number);
	rc = partition_lock(partition);
	if (rc < 0)
		return rc;
	rc = partition_load(partition);
	if (rc == 1 && partition->control.durable.is_stopped)
		rc = leave_stop(partition);
	if (rc >= 0)
		rc = forget_bad_start(partition);
	if (rc >= 0)
		rc = drop_caches(partition);
	if (rc == 0)
		rc = partition_rebuild(partition);
	partition_unlock(partition);
	if (rc == 0 && partition->options.doorbell != NULL)
		futex_ring(partition->options.doorbell);
	return rc;
}
