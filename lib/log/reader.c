/* A reader's place in a partition: segments, what is visible, known places. */
#include "log/reader.h"
#include "base/fail.h"
#include "base/file.h"

#include <unistd.h>

static int
reader_open_segment(struct partition_reader *reader, int64_t base,
    int64_t limit)
{
	struct window *window = &reader->scan.window;
	int fd = segment_open(reader->partition->dir, base, FILE_READ);
	int64_t size;

	if (fd < 0)
		return fd;
	size = file_size(fd);
	if (size < 0) {
		close(fd);
		return (int)size;
	}
	if (window->fd >= 0)
		close(window->fd);
	window_forget(window);
	window->is_lenient = false;
	window->fd = fd;
	window->end = size;
	reader->segment = base;
	reader->limit = reader->scan.limit = limit;
	reader->at.byte = 0;
	reader->at.offset = base;
	reader->safe = reader->at;
	return 0;
}

/* A segment may be trimmed between the list and the open: look again. */
int
reader_enter(struct partition_reader *reader, int64_t offset)
{
	struct segment_list list = {0};
	int rc = -FAIL_MISSING;

	for (int i = 0; i < 10 && rc == -FAIL_MISSING; i++) {
		size_t index = 0;

		rc = segment_list_read(&list, reader->partition->dir);
		if (rc < 0)
			break;
		if (list.count == 0) {
			rc = fail(FAIL_MISSING, "partition %d has no segment",
			    reader->partition->number);
			break;
		}
		while (index + 1 < list.count &&
		    segment_list_at(&list, index + 1) <= offset)
			index++;
		rc = reader_open_segment(reader, segment_list_at(&list, index),
		    segment_list_after(&list, segment_list_at(&list, index)));
	}
	segment_list_release(&list);
	if (rc == 0 && reader->wanted < offset)
		reader->wanted = offset;
	return rc;
}

int
partition_reader_refresh(struct partition_reader *reader)
{
	struct partition *partition = reader->partition;
	const struct control_log *log = &partition->control.log;
	struct partition_state state;
	struct segment_list list = {0};
	int64_t size;
	int rc;

	partition_tell(partition, &state);
	/* Where the log was trimmed meanwhile, it begins later. */
	if (reader->wanted < state.log_start)
		reader->wanted = state.log_start;
	reader->visible = state.high_watermark;
	reader->log_end = state.log_end;
	window_forget(&reader->scan.window);
	reader->scan.stale = (struct stale){0};
	if (log->segment == reader->segment) {
		if (partition->is_private)
			reader->scan.stale = partition->stale;
		reader->limit = reader->scan.limit = INT64_MAX;
		reader->scan.window.end = log->length;
		return 0;
	}
	size = file_size(reader->scan.window.fd);
	if (size < 0)
		return (int)size;
	reader->scan.window.end = size;
	rc = segment_list_read(&list, partition->dir);
	if (rc == 0)
		reader->limit = reader->scan.limit =
		    segment_list_after(&list, reader->segment);
	segment_list_release(&list);
	return rc;
}

int
reader_update(struct partition_reader *reader)
{
	struct partition_state state;
	int rc = partition_state(reader->partition, &state);

	return rc < 0 ? rc : partition_reader_refresh(reader);
}

static bool
is_sync_awaited(const struct partition_reader *reader)
{
	const struct control *control = &reader->partition->control;

	return reader->partition->options.sync == SYNC_ALWAYS &&
	    control->durable.end != control->log.log_end;
}

/* True while a sync may still be under way: it takes no second. */
static bool
is_sync_young(struct partition_reader *reader)
{
	enum { SYNC_MS = 1000 };
	int64_t end = reader->partition->control.durable.end;
	int64_t now_ms = clock_boot_ms();

	if (reader->unsynced == end && reader->since_ms > 0)
		return now_ms - reader->since_ms < SYNC_MS;
	reader->unsynced = end;
	reader->since_ms = now_ms;
	return true;
}

int
reader_doubt(struct partition_reader *reader)
{
	struct partition_state state;

	if (is_sync_awaited(reader)) {
		if (is_sync_young(reader))
			return 0;
		reader->since_ms = 0;
		/* If it fails, what is visible can still be read. */
		(void)partition_state_checked(reader->partition, &state);
	}
	reader->partition->is_settled = false;
	return reader_update(reader);
}

/* A place that somebody claims to know: believed if an intact batch is there
 * that begins at or before the offset we look for. */
static bool
is_place_good(struct partition_reader *reader, int64_t byte, int64_t offset)
{
	const unsigned char *bytes;
	struct batch_header header;

	return scan_batch(&reader->scan, byte, offset, &header, &bytes) == 1;
}

static void
use_hint(struct partition_reader *reader, const struct position *hint)
{
	if (hint == NULL || hint->segment != reader->segment ||
	    hint->offset > reader->wanted ||
	    hint->offset < reader->at.offset ||
	    !is_place_good(reader, hint->byte, hint->offset))
		return;
	reader->at.byte = hint->byte;
	reader->at.offset = hint->offset;
	reader->at.timestamp = hint->timestamp;
}

/* The page knows places near the end, where most readers begin. */
static void
use_page(struct partition_reader *reader)
{
	const struct control *control = &reader->partition->control;
	const struct control_log *log = &control->log;
	const struct control_durable *durable = &control->durable;

	if (reader->segment != log->segment)
		return;
	if (reader->wanted >= log->log_end) {
		reader->at.byte = log->length;
		reader->at.offset = log->log_end;
	} else if (durable->segment == log->segment && durable->byte > 0 &&
	    reader->wanted >= durable->end &&
	    is_place_good(reader, durable->byte, durable->end)) {
		reader->at.byte = durable->byte;
		reader->at.offset = durable->end;
	} else if (log->length > 0) {
		const unsigned char *bytes;
		struct batch_header header;
		ssize_t got = window_get(&reader->scan.window, log->last_batch,
		    BATCH_HEADER_SIZE, &bytes);

		if (got < BATCH_HEADER_SIZE ||
		    batch_decode_header(bytes, (size_t)got, &header) < 0 ||
		    header.base_offset > reader->wanted ||
		    header.base_offset + header.last_offset_delta + 1 !=
		        log->log_end ||
		    !is_place_good(reader, log->last_batch,
		        header.base_offset))
			return;
		reader->at.byte = log->last_batch;
		reader->at.offset = header.base_offset;
	}
}

void
reader_approach(struct partition_reader *reader, const struct position *hint)
{
	int64_t start = reader->at.offset;

	if (hint != NULL && hint->offset == reader->wanted)
		use_hint(reader, hint);
	if (reader->at.offset == start)
		use_page(reader);
	if (reader->at.offset == start)
		use_hint(reader, hint);
	window_forget(&reader->scan.window);
	reader->safe = reader->at;
}
