/* Partitions: whatever happens to their files, nothing is lost or made up. */
#include "log/control.h"
#include "partition.h"

#include <sys/stat.h>

static const char first_segment[] = "00000000000000000000.log";

static void
load(int number, const char *file, struct buf *content)
{
	int fd = open_inside(number, file, O_RDONLY);

	buf_clear(content);
	content->size = (size_t)read(fd, buf_reserve(content, 1 << 20),
	    1 << 20);
	close(fd);
}

/* Over what is there, as cp does. */
static void
store(int number, const char *file, const struct buf *content)
{
	int fd = open_inside(number, file, O_WRONLY | O_CREAT | O_TRUNC);

	if (write(fd, content->data, content->size) != (ssize_t)content->size)
		abort();
	close(fd);
}

static void
remove_file(int number, const char *file)
{
	char path[64];

	snprintf(path, sizeof(path), "%d/%s", number, file);
	unlinkat(topic_dir, path, 0);
}

/* Gives the directory a time long ago, and returns it as pages have it. */
static int64_t
stamp_directory(int number)
{
	struct timespec times[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
	int fd = open_inside(number, ".", O_RDONLY | O_DIRECTORY);

	if (futimens(fd, times) != 0)
		abort();
	close(fd);
	return INT64_C(1000) * 1000000000;
}

/* Bytes of batches in the first segment. */
static int64_t
log_length(int number)
{
	int fd = open_inside(number, "control", O_RDONLY);
	struct control control;

	if (control_read(fd, &control) != 1)
		abort();
	close(fd);
	return control.log.length;
}

static void
test_page_deleted(void)
{
	struct partition *partition = open_usual(0);

	put(partition, "a");
	remove_file(0, "control");
	CHECK(reads(partition, "a ") && put(partition, "b") == 1 &&
	        reads(partition, "a b "),
	    "a page deleted while in use is made again");
	partition_close(partition);
	remove_file(0, "control");
	partition = open_usual(0);
	CHECK(reads(partition, "a b ") && put(partition, "c") == 2,
	    "as is one deleted while nobody used it");
	partition_close(partition);
	remove_file(0, "control");
	remove_file(0, "epochs");
	partition = open_usual(0);
	CHECK(put(partition, "d") == 3 && reads(partition, "a b c d ") &&
	        findings(partition) == 0,
	    "even with the epochs");
	partition_close(partition);
}

static void
test_page_garbage(void)
{
	struct partition *partition = open_usual(1);
	struct buf garbage = {0};
	struct stat status;
	int bad = 0;

	put(partition, "a");
	for (int i = 0; i < 40; i++) {
		buf_clear(&garbage);
		for (int byte = 0; byte < 150 * i; byte++)
			buf_append_byte(&garbage, (unsigned char)(byte * i));
		store(1, "control", &garbage);
		bad += !reads(partition, "a ");
	}
	CHECK(bad == 0, "garbage of any length is no page");
	fstatat(topic_dir, "1/control", &status, 0);
	CHECK(status.st_size >= CONTROL_SIZE, "it is mended");
	buf_clear(&garbage);
	store(1, "control", &garbage);
	CHECK(put(partition, "b") == 1 && reads(partition, "a b "),
	    "a page cut to nothing by somebody kills no producer");
	partition_close(partition);
	buf_release(&garbage);
}

static void
test_page_bits(void)
{
	struct partition *partition = open_usual(2);
	struct buf page = {0};
	int bad = 0;

	put(partition, "a");
	put(partition, "b");
	partition_close(partition);
	for (int bit = 0; bit < 256 * 8; bit++) {
		load(2, "control", &page);
		page.data[bit / 8] ^= (unsigned char)(1 << bit % 8);
		store(2, "control", &page);
		partition = open_usual(2);
		bad += !reads(partition, "a b ");
		partition_close(partition);
	}
	CHECK(bad == 0, "no flipped bit of the page changes what is read");
	buf_release(&page);
}

static void
test_page_old(void)
{
	struct partition *partition = open_usual(3), *other;
	struct buf page = {0};

	put(partition, "a");
	load(3, "control", &page);
	put(partition, "b");
	put(partition, "c");
	store(3, "control", &page);
	CHECK(put(partition, "d") == 3 && reads(partition, "a b c d "),
	    "an old copy of the page does not overwrite the log");
	store(3, "control", &page);
	other = open_usual(3);
	CHECK(reads(other, "a b c d "),
	    "nor hide what was acknowledged from a new reader");
	store(3, "control", &page);
	CHECK(reads(partition, "a b c d "), "nor from an old one");
	CHECK(put(other, "e") == 4 && put(partition, "f") == 5 &&
	        reads(partition, "a b c d e f ") && findings(other) == 0,
	    "and is brought up to date");
	partition_close(other);
	partition_close(partition);
	buf_release(&page);
}

static void
test_page_old_rolled(void)
{
	struct partition_options options = usual_options;
	struct partition *partition;
	struct buf page = {0};
	char expected[1000] = "0 ";

	options.segment_bytes = 500;
	partition = open_with(4, options);
	put(partition, "0");
	load(4, "control", &page);
	for (int i = 1; i < 30; i++) {
		char value[12];

		snprintf(value, sizeof(value), "%d", i);
		put(partition, value);
		strcat(strcat(expected, value), " ");
	}
	store(4, "control", &page);
	CHECK(put(partition, "z") == 30, "an old page of an old segment too");
	strcat(expected, "z ");
	CHECK(reads(partition, expected) && findings(partition) == 0,
	    "and all segments are read");
	partition_close(partition);
	buf_release(&page);
}

/* Nor is the time of the directory believed where the page lacks batches. */
static void
test_page_old_stamped(void)
{
	struct partition_options options = usual_options;
	struct partition *partition;
	struct buf page = {0}, now = {0};
	struct control control, current;

	options.segment_bytes = 200;
	partition = open_with(18, options);
	put(partition, "a");
	load(18, "control", &page);
	for (const char *value = "bcde"; *value != 0; value++) {
		char text[] = {*value, 0};

		put(partition, text);
	}
	load(18, "control", &now);
	CHECK(control_decode(page.data, &control) &&
	    control_decode(now.data, &current) &&
	    current.log.segment > control.log.segment, "pages of two segments");
	control.log.stamp = stamp_directory(18);
	control_encode(page.data, &control);
	store(18, "control", &page);
	CHECK(put(partition, "f") == 5 && reads(partition, "a b c d e f ") &&
	    findings(partition) == 0,
	    "a page that lacks batches is not believed to know all segments");
	partition_close(partition);
	buf_release(&page);
	buf_release(&now);
}

static void
test_page_new(void)
{
	struct partition *partition = open_usual(5);
	struct buf page = {0}, segment = {0};

	put(partition, "a");
	load(5, first_segment, &segment);
	put(partition, "b");
	put(partition, "c");
	load(5, "control", &page);
	store(5, first_segment, &segment);
	CHECK(put(partition, "d") == 3,
	    "offsets that a page knows are not given out twice");
	CHECK(reads(partition, "a ! d "), "the missing ones are named");
	CHECK(findings(partition) == 1, "by the check too");
	partition_close(partition);
	buf_release(&page);
	buf_release(&segment);
}

static void
test_page_foreign(void)
{
	struct partition *partition = open_usual(6), *other = open_usual(7);
	struct partition_options options = usual_options;
	struct buf page = {0};

	put(partition, "a");
	put(other, "x");
	put(other, "y");
	load(7, "control", &page);
	store(6, "control", &page);
	CHECK(reads(partition, "a ") && put(partition, "b") == 1,
	    "the page of another partition is none");
	partition_close(partition);
	partition_close(other);
	options.topic_id[3] ^= 1;
	partition = open_with(6, options);
	CHECK(reads(partition, "a b "), "nor one of another topic");
	partition_close(partition);
	buf_release(&page);
}

/* The bytes that an append of this value would write at offset. */
static void
make_placed(struct buf *batch, const char *value, int64_t offset, int epoch)
{
	buf_clear(batch);
	make_batch(batch, value, strlen(value), 0, 1);
	batch_set_position(batch->data, offset, epoch);
}

static void
write_behind(int number, const struct buf *batch, size_t size)
{
	int fd = open_inside(number, first_segment, O_WRONLY);

	if (pwrite(fd, batch->data, size, log_length(number)) !=
	    (ssize_t)size)
		abort();
	close(fd);
}

static void
test_torn(void)
{
	struct partition *partition = open_usual(8);
	struct buf batch = {0};
	char expected[4000] = "";
	int64_t next = 0;
	int bad = 0;

	make_placed(&batch, "torn", 0, 1);
	/* The last byte is a zero, as what follows: without it all is there. */
	for (size_t size = 1; size < batch.size - 1; size++) {
		bad += put(partition, "a") != next++;
		strcat(expected, "a ");
		make_placed(&batch, "torn", next, 1);
		write_behind(8, &batch, size);
		if (size % 2) {
			partition_close(partition);
			partition = open_usual(8);
		}
		if (size % 3 == 0)
			remove_file(8, "control");
		bad += !reads(partition, expected);
	}
	CHECK(bad == 0, "a torn batch of any length is cut");
	CHECK(put(partition, "b") == next && findings(partition) == 0,
	    "and leaves nothing behind");
	partition_close(partition);
	buf_release(&batch);
}

static void
test_unpublished(void)
{
	struct partition *partition = open_usual(9);
	struct buf batch = {0};

	put(partition, "a");
	make_placed(&batch, "killed", 1, 1);
	write_behind(9, &batch, batch.size);
	CHECK(findings(partition) == 1, "a check sees an unpublished batch");
	CHECK(put(partition, "b") == 2 && reads(partition, "a killed b "),
	    "what a killed producer had written whole is kept");
	make_placed(&batch, "stale", 1, 1);
	write_behind(9, &batch, batch.size);
	CHECK(put(partition, "c") == 3 && reads(partition, "a killed b c "),
	    "a block of another place is not");
	partition_close(partition);
	buf_release(&batch);
}

/* A half-written message whose payload is a log itself. */
static void
test_torn_with_batches(void)
{
	struct partition *partition = open_usual(10);
	struct buf inner = {0}, outer = {0};
	int bad = 0;

	put(partition, "a");
	for (int i = 0; i < 3; i++) {
		make_batch(&inner, "fake", 4, 0, 1);
		batch_set_position(inner.data + inner.size -
		        inner.size / (size_t)(i + 1), 1 + i, 1);
	}
	make_batch(&outer, (const char *)inner.data, inner.size, 0, 1);
	batch_set_position(outer.data, 1, 1);
	for (size_t size = 62; size < outer.size - 1; size++) {
		write_behind(10, &outer, size);
		remove_file(10, "control");
		bad += !reads(partition, "a ");
	}
	CHECK(bad == 0, "batches inside a torn message are not messages");
	partition_close(partition);
	buf_release(&inner);
	buf_release(&outer);
}

static void
fill(struct partition *partition)
{
	static const char *const values[] = {"a", "b", "c", "d", "e"};

	for (int i = 0; i < 5; i++)
		put(partition, values[i]);
}

static void
flip(struct buf *segment, int number, size_t bit)
{
	segment->data[bit / 8] ^= (unsigned char)(1 << bit % 8);
	store(number, first_segment, segment);
	segment->data[bit / 8] ^= (unsigned char)(1 << bit % 8);
}

static bool
is_epoch_bit(size_t bit, size_t batch_size)
{
	return bit / 8 % batch_size >= 12 && bit / 8 % batch_size < 16;
}

/* The batch in the middle of five, or the last. */
static void
flip_batch(int number, int index, bool is_rebuilt, const char *expected,
    const char *sentence)
{
	struct partition *partition = open_usual(number);
	struct buf segment = {0};
	size_t batch;
	int bad = 0;

	fill(partition);
	partition_close(partition);
	load(number, first_segment, &segment);
	batch = (size_t)log_length(number) / 5;
	for (size_t bit = (size_t)index * batch * 8;
	     bit < (size_t)(index + 1) * batch * 8; bit++) {
		flip(&segment, number, bit);
		if (is_rebuilt)
			remove_file(number, "control");
		partition = open_usual(number);
		/* The epoch is no part of a message; a check looks at it. */
		if (!is_epoch_bit(bit, batch) ||
		    strcmp(read_from(partition, 0, NULL), "a b c d e ") != 0)
			bad += !reads(partition, expected);
		bad += partition_check(partition, print_finding, NULL) != 1;
		if (bad > 0)
			printf("# bit %zu of the batch\n",
			    bit - (size_t)index * batch * 8);
		partition_close(partition);
		if (bad > 3)
			break;
	}
	CHECK(bad == 0, sentence);
	buf_release(&segment);
}

static void
test_flips_all_segment(void)
{
	struct partition *partition = open_usual(11);
	struct buf segment = {0};
	struct partition_reader *reader;
	struct batch_header header;
	struct position position;
	int64_t length;
	int bad = 0;

	fill(partition);
	load(11, first_segment, &segment);
	length = log_length(11);
	for (size_t bit = 0; bit < (size_t)length * 8; bit += 3) {
		int rc, seen = 0;

		flip(&segment, 11, bit);
		partition_reader_open(&reader, partition, 0, NULL);
		while ((rc = partition_reader_skip(reader, &header,
		            &position)) != 0 && seen < 10)
			seen++;
		bad += rc != 0;
		partition_reader_close(reader);
		bad += strstr(read_from(partition, 4, NULL), "e") == NULL &&
		    bit < (size_t)length / 5 * 4 * 8;
	}
	CHECK(bad == 0, "a walk over damaged headers ends, and goes on behind");
	partition_close(partition);
	buf_release(&segment);
}

static void
test_last_durable_damaged(void)
{
	struct partition *partition = open_usual(12);
	struct buf segment = {0};
	size_t batch;

	fill(partition);
	load(12, first_segment, &segment);
	batch = (size_t)log_length(12) / 5;
	flip(&segment, 12, (4 * batch + 10) * 8);
	CHECK(put(partition, "f") == 5 && reads(partition, "a b c d ! f "),
	    "a damaged last batch is not cut, its offset not given out again");
	CHECK(findings(partition) == 1, "but named");
	partition_close(partition);
	buf_release(&segment);
}

/* Each length leads to where a later batch begins, or the last one ends. */
static bool
hides_none(struct partition *partition, struct buf *segment, int batch,
    int flipped)
{
	static const char *const values[] = {"a0", "b0", "c0", "d0", "e0"};
	const char *got;

	flip(segment, 14, (size_t)(128 * batch + 10) * 8 + (size_t)flipped);
	got = read_from(partition, 0, NULL);
	for (int i = 0; i < 5; i++)
		if (i != batch && strstr(got, values[i]) == NULL)
			return false;
	return true;
}

static void
test_length_leads_on(void)
{
	struct partition *partition = open_usual(14);
	struct buf segment = {0};
	char value[60];
	int bad = 0;

	for (int i = 0; i < 5; i++) {
		snprintf(value, sizeof(value), "%c%058d", 'a' + i, 0);
		put(partition, value);
	}
	load(14, first_segment, &segment);
	CHECK(log_length(14) == 5 * 128, "batches have the size to be tried");
	for (int i = 0; i < 4; i++)
		bad += !hides_none(partition, &segment, i, 15) +
		    !hides_none(partition, &segment, i, 0);
	CHECK(bad == 0, "a damaged length hides no other batch");
	partition_close(partition);
	buf_release(&segment);
}

/* A batch as the value of another one, with offsets that would fit. */
static void
put_nested(struct partition *partition, int64_t offset)
{
	struct buf inner = {0}, outer = {0};
	int64_t first, last;

	make_batch(&inner, "nested", 6, 1000, 1);
	batch_set_position(inner.data, offset + 1, 1);
	make_batch(&outer, (char *)inner.data, inner.size, 1000, 1);
	partition_append(partition, outer.data, outer.size, &first, &last);
	partition_wait(partition, last + 1, -1);
	buf_release(&inner);
	buf_release(&outer);
}

static void
test_nested_batch(void)
{
	struct partition *partition = open_usual(15);
	struct buf segment = {0};
	int64_t begin;
	int bad = 0;

	put(partition, "a");
	begin = log_length(15);
	put_nested(partition, 1);
	put(partition, "b");
	put_nested(partition, 3);
	load(15, first_segment, &segment);
	for (size_t bit = 0; bit < 21 * 8; bit++) {
		/* The epoch is no part of a message. */
		if (bit / 8 >= 12 && bit / 8 < 16)
			continue;
		flip(&segment, 15, (size_t)begin * 8 + bit);
		bad += strncmp(read_from(partition, 0, NULL), "a ! b ", 6) !=
		    0;
	}
	CHECK(bad == 0, "a batch in the payload of a damaged one is no message");
	partition_close(partition);
	buf_release(&segment);
}

/* As of a copy of another segment: its last batch is intact, and claims offsets
 * of the segments that follow. */
static void
claim_more(int number)
{
	struct buf segment = {0};
	struct batch_header header;
	unsigned char *at;
	size_t last = 0;

	load(number, first_segment, &segment);
	at = segment.data;
	for (size_t byte = 0; byte < segment.size &&
	    batch_decode_header(at + byte, segment.size - byte, &header) == 0;
	    byte += batch_size(&header))
		last = byte;
	at[last + 24] = 1; /* of the last offset delta: 65536 */
	batch_decode_header(at + last, segment.size - last, &header);
	batch_seal(at + last, batch_size(&header));
	store(number, first_segment, &segment);
	buf_release(&segment);
}

static void
test_claims_more(void)
{
	struct partition_options options = usual_options;
	struct partition *partition;

	options.segment_bytes = 200;
	partition = open_with(16, options);
	for (const char *value = "abcdef"; *value != 0; value++) {
		char text[] = {*value, 0};

		put(partition, text);
	}
	CHECK(reads(partition, "a b c d e f "), "segments of two batches");
	claim_more(16);
	CHECK(reads(partition, "a ! c d e f ") && findings(partition) == 1,
	    "a batch that claims offsets of the next segment hides none");
	partition_close(partition);
	partition = open_with(16, options);
	CHECK(put(partition, "g") == 6 && reads(partition, "a ! c d e f g "),
	    "nor does it later");
	partition_close(partition);
}

static void
mark_stopped(int number)
{
	int fd = open_inside(number, "control", O_RDWR);
	struct control control;

	if (control_read(fd, &control) != 1)
		abort();
	control.durable.is_stopped = true;
	control_write_durable(fd, &control.durable);
	close(fd);
}

static void
test_stopped(void)
{
	struct partition *partition = open_usual(13), *other;
	struct partition_state state;
	struct buf batch = {0};
	int64_t first, last, bytes, segments;

	put(partition, "a");
	make_batch(&batch, "b", 1, 0, 1);
	partition_append(partition, batch.data, batch.size, &first, &last);
	mark_stopped(13);
	CHECK(partition_wait(partition, last + 1, -1) == -FAIL_STOPPED,
	    "whoever waits for a stopped partition is told");
	CHECK(put(partition, "c") == -FAIL_STOPPED,
	    "a stopped partition takes nothing");
	other = open_usual(13);
	CHECK(put(other, "c") == -FAIL_STOPPED && reads(other, "a "),
	    "from nobody, but is read");
	CHECK(partition_state(other, &state) == 0 && state.is_stopped,
	    "its state says so");
	CHECK(findings(other) == 1, "and its check");
	CHECK(partition_recover(other) == 0 && reads(partition, "a b ") &&
	        put(partition, "c") == 2,
	    "a recovery lets it go on");
	partition_usage(other, &bytes, &segments);
	CHECK(segments == 2 && reads(other, "a b c ") && findings(other) == 0,
	    "in a new segment");
	mark_stopped(13);
	CHECK(partition_recover(other) == 0 && reads(other, "a b c "),
	    "with nothing to move too");
	partition_close(other);
	partition_close(partition);
	buf_release(&batch);
}

int
main(void)
{
	topic_make();
	test_page_deleted();
	test_page_garbage();
	test_page_bits();
	test_page_old();
	test_page_old_rolled();
	test_page_old_stamped();
	test_page_new();
	test_page_foreign();
	test_torn();
	test_unpublished();
	test_torn_with_batches();
	flip_batch(20, 2, false, "a b ! d e ",
	    "no flipped bit of a batch is delivered, the rest is");
	flip_batch(21, 2, true, "a b ! d e ",
	    "nor cut away when the page is rebuilt");
	flip_batch(22, 0, false, "! b c d e ", "the same for the first batch");
	flip_batch(23, 4, false, "a b c d ! ", "and the last");
	test_flips_all_segment();
	test_last_durable_damaged();
	test_length_leads_on();
	test_nested_batch();
	test_claims_more();
	test_stopped();
	return unit_end();
}
