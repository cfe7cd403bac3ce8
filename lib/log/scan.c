/* Walking over the batches of one segment. */
#include "log/scan.h"
#include "base/fail.h"

#include <string.h>

enum { PIECE = 64 * 1024 };

static bool
is_zero(const unsigned char *data, size_t size)
{
	return size == 0 ||
	    (*data == 0 && memcmp(data, data + 1, size - 1) == 0);
}

static int
check_place(const struct scan *scan, int64_t byte, int64_t expected,
    const struct batch_header *header)
{
	if (header->base_offset != expected)
		return fail(FAIL_CORRUPT, "offset %lld where %lld is next",
		    (long long)header->base_offset, (long long)expected);
	if (header->leader_epoch < 0 || header->leader_epoch > SCAN_EPOCH_MAX)
		return fail(FAIL_CORRUPT, "no batch has epoch %d",
		    (int)header->leader_epoch);
	if (header->leader_epoch < scan->stale.epoch &&
	    header->base_offset >= scan->stale.from)
		return fail(FAIL_CORRUPT, "epoch %d, which was cut at or below "
		    "this offset", (int)header->leader_epoch);
	if (scan->limit > 0 &&
	    header->base_offset + header->last_offset_delta >= scan->limit)
		return fail(FAIL_CORRUPT, "offsets of the next segment");
	if ((int64_t)batch_size(header) > scan->window.end - byte)
		return fail(FAIL_CORRUPT, "a length beyond the end");
	return 1;
}

int
scan_header(struct scan *scan, int64_t byte, int64_t expected,
    struct batch_header *header)
{
	const unsigned char *bytes;
	ssize_t got = window_get(&scan->window, byte, BATCH_HEADER_SIZE,
	    &bytes);
	int rc;

	if (got < 0)
		return (int)got;
	if (got == 0 || is_zero(bytes, (size_t)got))
		return 0;
	rc = batch_decode_header(bytes, (size_t)got, header);
	if (rc < 0)
		return rc;
	return check_place(scan, byte, expected, header);
}

int
scan_batch(struct scan *scan, int64_t byte, int64_t expected,
    struct batch_header *header, const unsigned char **bytes)
{
	int rc = scan_header(scan, byte, expected, header);
	ssize_t got;

	if (rc <= 0)
		return rc;
	got = window_get(&scan->window, byte, batch_size(header), bytes);
	if (got < 0)
		return (int)got;
	if ((size_t)got < batch_size(header))
		return fail(FAIL_CORRUPT, "a length beyond the end");
	/* Read again: a file may change under us, what is checked may not. */
	rc = batch_decode_header(*bytes, (size_t)got, header);
	if (rc == 0 && (size_t)got < batch_size(header))
		rc = fail(FAIL_CORRUPT, "a length beyond the end");
	if (rc == 0)
		rc = check_place(scan, byte, expected, header);
	if (rc > 0 && !is_batch_intact(*bytes, header))
		return fail(FAIL_CORRUPT, "bad checksum");
	return rc;
}

int64_t
scan_data_end(struct scan *scan, int64_t byte)
{
	const unsigned char *bytes;
	int64_t end = byte;
	ssize_t got;

	while ((got = window_get(&scan->window, byte, PIECE, &bytes)) > 0) {
		if (!is_zero(bytes, (size_t)got)) {
			while (bytes[got - 1] == 0)
				got--;
			end = byte + got;
			byte = end;
			continue;
		}
		byte += got;
	}
	return got < 0 ? got : end;
}

/* Half a batch at the very end: its header is whole, it was to come here, and
 * no byte is behind the place where it was to end. */
static bool
is_half_written(struct scan *scan, struct tail *tail, int64_t data_end)
{
	enum { ZEROS_MAX = 64 }; /* that a batch may well end with */
	const unsigned char *bytes;
	struct batch_header header;
	ssize_t got = window_get(&scan->window, tail->byte, BATCH_HEADER_SIZE,
	    &bytes);
	int64_t end;

	tail->data_end = data_end;
	tail->is_partial = got < BATCH_HEADER_SIZE ||
	    data_end - tail->byte < BATCH_HEADER_SIZE;
	if (got < BATCH_HEADER_SIZE)
		return true;
	if (batch_decode_header(bytes, (size_t)got, &header) < 0 ||
	    header.base_offset != tail->offset)
		return false;
	end = tail->byte + (int64_t)batch_size(&header);
	tail->is_partial = end > data_end + ZEROS_MAX;
	return end >= data_end;
}

static void
note_hole(const struct tail *tail, int64_t end,
    const struct batch_header *next)
{
	struct hole hole = {
		.byte = tail->byte,
		.end = end,
		.offset = tail->offset,
		.next = next->base_offset,
		.epoch = next->leader_epoch,
	};

	if (tail->holes != NULL)
		buf_append(tail->holes, &hole, sizeof(hole));
}

/* The bytes at tail->byte are no batch. 1 if the scan goes on behind them. */
static int
pass_bad_range(struct scan *scan, struct tail *tail)
{
	struct batch_header header;
	int64_t data_end = scan_data_end(scan, tail->byte);
	int64_t found;
	int rc;

	if (data_end <= tail->byte)
		return data_end < 0 ? (int)data_end : 0;
	rc = scan_resync(scan, tail->byte, tail->offset,
	    is_half_written(scan, tail, data_end), &found, &header);
	if (rc < 0)
		return rc;
	if (rc == 0) {
		tail->is_torn = true;
		return 0;
	}
	tail->bad_ranges++;
	note_hole(tail, found, &header);
	tail->byte = found;
	tail->offset = header.base_offset;
	return 1;
}

int
scan_tail(struct scan *scan, struct tail *tail)
{
	const unsigned char *bytes;
	struct batch_header header;
	int rc;

	tail->epoch = -1;
	tail->bad_ranges = 0;
	tail->is_torn = false;
	for (;;) {
		rc = scan_batch(scan, tail->byte, tail->offset, &header,
		    &bytes);
		if (rc == 1) {
			if (header.leader_epoch > tail->epoch)
				tail->epoch = header.leader_epoch;
			tail->last_batch = tail->byte;
			tail->byte += (int64_t)batch_size(&header);
			tail->offset = header.base_offset +
			    header.last_offset_delta + 1;
			continue;
		}
		if (rc < 0 && rc != -FAIL_CORRUPT)
			return rc;
		rc = pass_bad_range(scan, tail);
		if (rc <= 0)
			return rc;
	}
}
