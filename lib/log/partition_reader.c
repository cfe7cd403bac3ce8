/* Reading a partition, while others append to it, roll and trim. */
#include "log/reader.h"
#include "base/fail.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* 1 if a batch has to be at the reader's place, 0 if none is yet. */
static int
reader_ready(struct partition_reader *reader)
{
	int rc = 0;

	if (reader->at.offset >= reader->visible) {
		rc = reader_update(reader);
		if (rc == 0 && reader->at.offset >= reader->visible)
			rc = reader_doubt(reader);
		if (rc < 0 || reader->at.offset >= reader->visible)
			return rc;
	}
	if (reader->at.offset >= reader->limit) {
		rc = reader_enter(reader, reader->at.offset);
		/* The new segment may be the active one. */
		if (rc == 0)
			rc = reader_update(reader);
	}
	return rc < 0 ? rc : 1;
}

static int64_t
last_offset(const struct batch_header *header)
{
	return header->base_offset + header->last_offset_delta;
}

/* Looks at the batch at hand, only its header if that will do. */
static int
reader_look(struct partition_reader *reader, bool is_whole,
    struct batch_header *header, const unsigned char **bytes)
{
	const struct place *at = &reader->at;
	int rc = scan_header(&reader->scan, at->byte, at->offset, header);

	if (rc != 1)
		return rc;
	if (last_offset(header) < reader->wanted)
		is_whole = false;
	if (is_whole || reader->is_careful || header->record_count == 0)
		rc = scan_batch(&reader->scan, at->byte, at->offset, header,
		    bytes);
	return rc;
}

static void
reader_pass(struct partition_reader *reader, const struct batch_header *header,
    bool is_checked)
{
	reader->at.byte += (int64_t)batch_size(header);
	reader->at.offset = last_offset(header) + 1;
	if (header->max_timestamp > reader->at.timestamp)
		reader->at.timestamp = header->max_timestamp;
	if (is_checked)
		reader->safe = reader->at;
	reader->has_doubted = false;
}

static int
fail_range(const struct partition_reader *reader, const struct place *from,
    const char *cause)
{
	char name[SEGMENT_NAME_SIZE];

	segment_format_name(name, reader->segment);
	return fail(FAIL_CORRUPT,
	    "partition %d: segment %s: bytes %lld to %lld (offsets %lld to "
	    "%lld) %s",
	    reader->partition->number, name, (long long)from->byte,
	    (long long)reader->at.byte, (long long)from->offset,
	    (long long)reader->at.offset - 1, cause);
}

/* Goes to the next intact batch of the segment, or to its end. */
static int
reader_resync(struct partition_reader *reader)
{
	struct window *window = &reader->scan.window;
	struct batch_header header;
	int64_t found;
	int rc = scan_resync(&reader->scan, reader->at.byte, reader->at.offset,
	    false, &found, &header);

	if (rc < 0)
		return rc;
	if (rc == 1 && header.base_offset < reader->limit) {
		reader->at.byte = found;
		reader->at.offset = header.base_offset;
	} else {
		int64_t next = reader->limit;

		if (next == INT64_MAX)
			next = reader->log_end;
		if (next > reader->at.offset)
			reader->at.offset = next;
		reader->at.byte = window->end;
	}
	reader->safe = reader->at;
	return 0;
}

/* No intact batch is where one has to be. Returns 0 if reading goes on, or
 * -FAIL_CORRUPT after passing the range. */
static int
reader_pass_bad(struct partition_reader *reader, int found)
{
	struct place from = reader->at;
	char cause[256];
	int rc;

	/* A header that was passed unchecked may have led us here. */
	if (from.byte != reader->safe.byte) {
		reader->at = reader->safe;
		reader->is_careful = true;
		return 0;
	}
	if (!reader->has_doubted && reader->limit == INT64_MAX) {
		reader->has_doubted = true;
		reader->partition->is_settled = false;
		reader->visible = 0;
		return 0;
	}
	snprintf(cause, sizeof(cause), "are damaged: %s",
	    found == 0 ? "no batch is there" : fail_message());
	if (reader->scan.window.has_gap)
		snprintf(cause, sizeof(cause), "cannot be read: %s",
		    strerror(EIO));
	rc = reader_resync(reader);
	reader->is_careful = false;
	reader->has_doubted = false;
	if (rc < 0 || reader->at.offset <= reader->wanted)
		return rc;
	return fail_range(reader, &from, cause);
}

/* The bytes could not be read. Returns 0 if reading goes on: what is sealed
 * will not be written any more, so nothing is missed but what is named. */
static int
reader_meet_error(struct partition_reader *reader, int error)
{
	struct window *window = &reader->scan.window;
	char message[512];
	int rc = 0;

	if (!reader->passes_errors || window->is_lenient)
		return error;
	snprintf(message, sizeof(message), "%s", fail_message());
	if (reader->limit == INT64_MAX)
		rc = reader_update(reader);
	if (rc < 0)
		return rc;
	window->is_lenient = reader->limit != INT64_MAX;
	return window->is_lenient ? 0 : fail((enum fail)-error, "%s", message);
}

static void
reader_tell(const struct partition_reader *reader, struct position *position)
{
	*position = (struct position){
		.offset = reader->at.offset,
		.segment = reader->segment,
		.byte = reader->at.byte,
		.timestamp = reader->at.timestamp,
	};
}

static int
reader_step(struct partition_reader *reader, bool is_whole,
    struct batch_header *header, const unsigned char **bytes,
    struct position *position)
{
	for (;;) {
		int rc = reader_ready(reader);

		if (rc <= 0)
			return rc;
		rc = reader_look(reader, is_whole, header, bytes);
		if (rc == 1 && last_offset(header) >= reader->visible) {
			reader->visible = 0;
			return 0;
		}
		if (rc == 1) {
			bool is_shown = header->record_count > 0 &&
			    last_offset(header) >= reader->wanted;

			reader_tell(reader, position);
			reader_pass(reader, header,
			    is_shown || reader->is_careful);
			if (is_shown)
				return 1;
			continue;
		}
		if (rc == 0 || rc == -FAIL_CORRUPT)
			rc = reader_pass_bad(reader, rc);
		else if (rc == -FAIL_IO)
			rc = reader_meet_error(reader, rc);
		reader_tell(reader, position);
		if (rc < 0)
			return rc;
	}
}

int
partition_reader_next(struct partition_reader *reader, struct slice *bytes,
    struct batch_header *header, struct position *position)
{
	const unsigned char *data = NULL;
	int rc;

	reader->scan.window.fill = 0;
	rc = reader_step(reader, true, header, &data, position);
	if (rc == 1)
		*bytes = (struct slice){data, batch_size(header)};
	return rc;
}

int
partition_reader_skip(struct partition_reader *reader,
    struct batch_header *header, struct position *position)
{
	enum { BIG = 32 * 1024, FILL_BIG = 512, FILL_SMALL = 64 * 1024 };
	const unsigned char *data;
	int rc;

	rc = reader_step(reader, false, header, &data, position);
	if (rc == 1)
		reader->scan.window.fill = batch_size(header) > BIG
		    ? FILL_BIG
		    : FILL_SMALL;
	return rc;
}

int
partition_reader_extent(struct partition_reader *reader, int64_t max_bytes,
    struct partition_extent *extent)
{
	struct batch_header header;
	struct position position;
	int rc = partition_reader_skip(reader, &header, &position);

	if (rc != 1)
		return rc;
	*extent = (struct partition_extent){
		.file = reader->scan.window.fd,
		.segment = position.segment,
		.byte = position.byte,
		.size = (int64_t)batch_size(&header),
		.offset = header.base_offset,
		.next = last_offset(&header) + 1,
	};
	/* The next call looks whether more has become visible. */
	while (reader->at.offset < reader->limit &&
	    reader->at.offset < reader->visible) {
		struct place at = reader->at, safe = reader->safe;

		rc = partition_reader_skip(reader, &header, &position);
		if (rc == 1 && position.segment == extent->segment &&
		    position.byte == extent->byte + extent->size &&
		    extent->size + (int64_t)batch_size(&header) <= max_bytes) {
			extent->size += (int64_t)batch_size(&header);
			extent->next = last_offset(&header) + 1;
			continue;
		}
		/* The next call meets it again. */
		if (rc != 0) {
			reader->at = at;
			reader->safe = safe;
		}
		break;
	}
	extent->bytes = window_peek(&reader->scan.window, extent->byte,
	    (size_t)extent->size);
	return 1;
}

int
partition_reader_open(struct partition_reader **out,
    struct partition *partition, int64_t offset, const struct position *hint)
{
	struct partition_reader *reader = memory_alloc(sizeof(*reader));
	int rc;

	*out = NULL;
	reader->partition = partition;
	reader->scan.window.fd = -1;
	reader->at.timestamp = -1;
	reader->wanted = offset < 0 ? 0 : offset;
	rc = partition_current(partition);
	if (reader->wanted < partition->control.log.log_start)
		reader->wanted = partition->control.log.log_start;
	if (rc == 0)
		rc = reader_enter(reader, reader->wanted);
	if (rc == 0)
		rc = reader_update(reader);
	if (rc < 0) {
		partition_reader_close(reader);
		return rc;
	}
	reader_approach(reader, hint);
	*out = reader;
	return 0;
}

int64_t
partition_reader_start(const struct partition_reader *reader)
{
	return reader->wanted;
}

void
partition_reader_rest(struct partition_reader *reader)
{
	window_release(&reader->scan.window);
}

void
partition_reader_pass_errors(struct partition_reader *reader)
{
	reader->passes_errors = true;
}

void
partition_reader_close(struct partition_reader *reader)
{
	if (reader == NULL)
		return;
	if (reader->scan.window.fd >= 0)
		close(reader->scan.window.fd);
	window_release(&reader->scan.window);
	free(reader);
}
