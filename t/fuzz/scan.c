/* Walking over a segment of any bytes, and finding the way behind bad ones. */
#include "fuzz.h"
#include "log/scan.h"

#include "base/file.h"

#include <sys/mman.h>

enum {
	FLAG_SEAL = 1,   /* give every batch the checksum that fits */
	FLAG_PLACE = 2,  /* and the offset that is next */
	FLAG_TORN = 4,   /* resync as behind a half-written batch */
	SIZE_LIMIT = 16 * 1024,
};

/* The segment, kept open: each input replaces the bytes. */
static struct scan scan = {.window.fd = -1};
static struct buf bytes;

static void
repair(int flags)
{
	unsigned char *at = bytes.data;
	size_t left = bytes.size;
	struct batch_header header;
	int64_t offset = 0;

	while (batch_decode_header(at, left, &header) == 0 &&
	    batch_size(&header) <= left) {
		if (flags & FLAG_PLACE)
			batch_set_position(at, offset, 0);
		if (flags & FLAG_SEAL)
			batch_seal(at, batch_size(&header));
		offset += (int64_t)header.last_offset_delta + 1;
		at += batch_size(&header);
		left -= batch_size(&header);
	}
}

static void
write_segment(struct slice content, int flags)
{
	if (scan.window.fd < 0)
		scan.window.fd = memfd_create("segment", MFD_CLOEXEC);
	buf_clear(&bytes);
	buf_append_slice(&bytes, content);
	if (bytes.size > 0)
		repair(flags);
	MUST(file_truncate(scan.window.fd, (off_t)bytes.size) == 0 &&
	    (bytes.size == 0 || file_write_at(scan.window.fd, bytes.data,
	        bytes.size, 0) == 0), "a segment");
	window_forget(&scan.window);
	scan.window.end = (int64_t)bytes.size;
}

/* What is said to be a batch lies in the segment and is intact. */
static void
check_batch(int64_t byte, const struct batch_header *header)
{
	const unsigned char *at = bytes.data + byte;
	struct batch_header other;

	MUST(byte >= 0 && byte + (int64_t)batch_size(header) <=
	    (int64_t)bytes.size, "a batch lies in its segment");
	MUST(batch_decode_header(at, bytes.size - (size_t)byte, &other) == 0 &&
	    other.base_offset == header->base_offset &&
	    is_batch_intact(at, &other), "and is intact");
}

static void
check_resync(int64_t byte, int64_t expected, bool is_torn)
{
	struct batch_header header, again;
	int64_t found = -1, other = -1;
	int rc = scan_resync(&scan, byte, expected, is_torn, &found, &header);

	MUST(rc == 0 || rc == 1, "a search has a result");
	if (rc == 0)
		return;
	check_batch(found, &header);
	MUST(found > byte && header.base_offset >= expected,
	    "it goes on, and up");
	MUST(scan_resync(&scan, byte, expected, is_torn, &other, &again) ==
	    1 && other == found, "always to the same place");
}

/* Batches one by one from byte on, to the end of the last intact one. */
static void
check_tail(struct tail *tail)
{
	int64_t end = scan_data_end(&scan, 0);
	struct tail again;

	MUST(scan_tail(&scan, tail) == 0, "any segment can be scanned");
	MUST(tail->byte >= 0 && tail->byte <= (int64_t)bytes.size &&
	    tail->last_batch >= 0 && tail->last_batch <= tail->byte,
	    "its end lies in it");
	MUST(tail->is_torn == (end > tail->byte),
	    "bytes behind the last batch are told");
	again = *tail;
	MUST(scan_tail(&scan, &again) == 0 && again.byte == tail->byte &&
	    again.offset == tail->offset && again.bad_ranges == 0,
	    "who begins at the end stays there");
}

/* Cut where its batches end, it is the same log without the rest. */
static void
check_cut(const struct tail *tail)
{
	struct tail again = {.byte = 0};

	if (tail->bad_ranges > 0)
		return;
	scan.window.end = tail->byte;
	window_forget(&scan.window);
	MUST(scan_tail(&scan, &again) == 0 && again.byte == tail->byte &&
	    again.offset == tail->offset && again.epoch == tail->epoch &&
	    !again.is_torn, "a cut loses nothing");
}

static void
check_walk(void)
{
	const unsigned char *batch;
	struct batch_header header, other;
	int64_t byte = 0, offset = 0;

	while (scan_batch(&scan, byte, offset, &header, &batch) == 1) {
		check_batch(byte, &header);
		MUST(memcmp(batch, bytes.data + byte, batch_size(&header)) ==
		    0, "its bytes are the segment's");
		MUST(scan_header(&scan, byte, offset, &other) == 1,
		    "an intact batch has a good header");
		byte += (int64_t)batch_size(&header);
		offset = header.base_offset + header.last_offset_delta + 1;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {data, size};
	int flags = take_byte(&input);
	int64_t byte = (int64_t)take_bytes(&input, 2);
	struct tail tail = {.byte = 0};

	if (input.left > SIZE_LIMIT)
		input.left = SIZE_LIMIT;
	write_segment((struct slice){input.at, input.left}, flags);
	check_walk();
	check_tail(&tail);
	if (byte < (int64_t)bytes.size)
		check_resync(byte, byte & 7, flags & FLAG_TORN);
	check_cut(&tail);
	return 0;
}
