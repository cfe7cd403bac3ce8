/* Segments of any bytes: recovery, reading, appending behind them. */
#include "log.h"

enum {
	FLAG_SEAL = 1,    /* give every batch the checksum that fits */
	FLAG_PLACE = 2,   /* and the offset that is next */
	FLAG_SECOND = 4,  /* the bytes are two segments */
	FLAG_BASE = 8,    /* the first one does not begin at 0 */
	SYNC_SHIFT = 4,
	SIZE_MAX_BYTES = 16 * 1024,
};

/* Repairs what a fuzzer cannot guess, batch after batch. */
static int64_t
repair(unsigned char *bytes, size_t size, int64_t offset, int flags)
{
	struct batch_header header;

	while (batch_decode_header(bytes, size, &header) == 0 &&
	    batch_size(&header) <= size) {
		if (flags & FLAG_PLACE)
			batch_set_position(bytes, offset, 0);
		if (flags & FLAG_SEAL)
			batch_seal(bytes, batch_size(&header));
		offset += (int64_t)header.last_offset_delta + 1;
		bytes += batch_size(&header);
		size -= batch_size(&header);
	}
	return offset;
}

static void
write_segment(int64_t base, struct slice bytes, int flags, int64_t *end)
{
	struct buf copy = {0};
	char name[32];

	buf_append_slice(&copy, bytes);
	if (copy.size > 0)
		*end = repair(copy.data, copy.size, base, flags);
	snprintf(name, sizeof(name), "%020lld.log", (long long)base);
	log_write(name, buf_slice(&copy));
	buf_release(&copy);
}

static void
write_log(struct input *input, int flags)
{
	int64_t base = flags & FLAG_BASE ? (int64_t)take_bytes(input, 8) : 0;
	int64_t next = flags & FLAG_SECOND ? (int64_t)take_bytes(input, 2) : 0;
	size_t split = flags & FLAG_SECOND ? take_bytes(input, 2) : SIZE_MAX;
	int64_t end = 0;

	base &= INT64_MAX >> 1;
	if (input->left > SIZE_MAX_BYTES)
		input->left = SIZE_MAX_BYTES;
	if (split > input->left)
		split = input->left;
	end = base;
	write_segment(base, (struct slice){input->at, split}, flags, &end);
	if (!(flags & FLAG_SECOND))
		return;
	/* Where the first one ends, or anywhere behind its begin. */
	if (next == 0 || next > INT64_MAX - base)
		next = end - base;
	if (next > 0)
		write_segment(base + next, (struct slice){input->at + split,
		    input->left - split}, flags, &end);
}

/* Are the batches of part among those of all, in their order? */
static bool
is_part(struct slice part, struct slice all)
{
	const char *at = part.data, *from = all.data;
	struct batch_header header, other;

	while (part.size > 0 && all.size > 0) {
		batch_decode_header(at, part.size, &header);
		batch_decode_header(from, all.size, &other);
		if (batch_size(&header) == batch_size(&other) &&
		    memcmp(at, from, batch_size(&header)) == 0) {
			at += batch_size(&header);
			part.size -= batch_size(&header);
		}
		from += batch_size(&other);
		all.size -= batch_size(&other);
	}
	return part.size == 0;
}

/* All that was shown is shown. Where the log is damaged there may be more: what
 * lies behind the end of a segment that has one now is no longer believed. */
static void
expect(struct partition *partition, struct buf *batches, const char *sentence)
{
	struct shown shown = {0};

	show_from(partition, 0, &shown);
	MUST(is_part(buf_slice(batches), buf_slice(&shown.batches)) &&
	    (shown.batches.size == batches->size || shown.bad_ranges > 0),
	    sentence);
	buf_clear(batches);
	buf_append_slice(batches, buf_slice(&shown.batches));
	buf_release(&shown.batches);
}

/* A reader that begins at an offset shows all from there on. Where the log is
 * damaged it may show more: a place that the page knows is a batch for it, and
 * payload for who comes from a damaged batch before it. */
static void
check_offset(struct partition *partition, const struct shown *all,
    int64_t offset)
{
	const unsigned char *at = all->batches.data;
	size_t left = all->batches.size;
	struct shown shown = {0};
	struct batch_header header;

	while (left > 0 && batch_decode_header(at, left, &header) == 0 &&
	    header.base_offset + header.last_offset_delta < offset) {
		at += batch_size(&header);
		left -= batch_size(&header);
	}
	show_from(partition, offset, &shown);
	MUST(is_part((struct slice){at, left}, buf_slice(&shown.batches)),
	    "a reader shows all from its offset on");
	MUST(shown.batches.size == left || all->bad_ranges > 0, "and no more");
	buf_release(&shown.batches);
}

static void
ignore_finding(const struct partition_finding *finding, void *context)
{
	(void)context;
	MUST(finding->text != NULL && finding->byte >= 0,
	    "a finding says what and where");
}

static void
check_read_only(int sync, struct buf *batches, int64_t offset)
{
	struct partition *partition = log_open(sync, true);
	struct shown shown = {0};

	if (partition == NULL)
		return;
	log_state(partition);
	show_from(partition, 0, &shown);
	buf_append_slice(batches, buf_slice(&shown.batches));
	check_offset(partition, &shown, offset);
	MUST(partition_check(partition, ignore_finding, NULL) >= 0,
	    "any log can be checked");
	buf_release(&shown.batches);
	partition_close(partition);
}

/* Does a end as b does from its byte `from` on? */
static bool
has_end(const struct buf *a, const struct buf *b, size_t from)
{
	size_t size = b->size - from;

	return size == 0 || (a->size >= size &&
	    memcmp(a->data + a->size - size, b->data + from, size) == 0);
}

/* What is appended comes last. Where a log has two damaged places, it may make
 * the second chain of batches the longer one: the first, which is short, then
 * counts as payload of what is damaged before it. */
static void
check_append(struct partition *partition, struct buf *batches)
{
	struct partition_state state = log_state(partition);
	size_t before = batches->size;
	int64_t first = log_append(partition, batches);
	struct shown shown = {0};

	MUST(first == state.log_end || first == -FAIL_SYSTEM,
	    "the next offset is the log's end");
	show_from(partition, 0, &shown);
	MUST(is_part(buf_slice(&shown.batches), buf_slice(batches)) &&
	    has_end(&shown.batches, batches, before),
	    "what is appended is shown");
	MUST(shown.batches.size == batches->size || shown.bad_ranges > 0,
	    "and follows what was there");
	if (shown.batches.size != batches->size) {
		buf_clear(batches);
		buf_append_slice(batches, buf_slice(&shown.batches));
	}
	buf_release(&shown.batches);
}

static void
check_recovery(int sync, struct buf *batches)
{
	struct partition *partition = log_open(sync, false);

	if (partition == NULL)
		return;
	expect(partition, batches, "recovery keeps what a reader saw");
	check_append(partition, batches);
	partition_close(partition);
	file_unlink(log_dir, "control");
	partition = log_open(sync, false);
	if (partition == NULL)
		return;
	expect(partition, batches, "nothing is lost with the page");
	if (partition_recover(partition) == 0)
		expect(partition, batches, "nor by a recovery");
	MUST(partition_check(partition, ignore_finding, NULL) >= 0,
	    "any log can be checked");
	check_append(partition, batches);
	partition_close(partition);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {data, size};
	int flags = take_byte(&input);
	int64_t offset = (int64_t)take_bytes(&input, 2);
	struct buf batches = {0};

	if (topic_dir < 0) {
		log_make();
		files_made();
	}
	if (!files_restore())
		log_clear();
	write_log(&input, flags);
	check_read_only(flags >> SYNC_SHIFT, &batches, offset);
	check_recovery(flags >> SYNC_SHIFT, &batches);
	buf_release(&batches);
	return 0;
}
