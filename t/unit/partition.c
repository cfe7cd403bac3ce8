/* Partitions: append and read, roll, hints, time, epochs, space. */
#include "partition.h"

#include "log/partition_internal.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

static void
test_append_and_read(void)
{
	struct partition *partition = open_usual(0);
	struct partition_state state;

	CHECK(reads(partition, ""), "a new partition is empty");
	CHECK(put(partition, "a") == 0 && put(partition, "b") == 1,
	    "offsets count from 0");
	CHECK(put_count(partition, "c", 3) == 2,
	    "a batch takes an offset for each record");
	CHECK(reads(partition, "a b c c c "), "what was put is read");
	CHECK(strcmp(read_from(partition, 3, NULL), "c c ") == 0,
	    "reading begins with the batch that holds the offset");
	CHECK(strcmp(read_from(partition, 99, NULL), "") == 0,
	    "nothing is read behind the end");
	CHECK(partition_state(partition, &state) == 0 && state.log_end == 5 &&
	        state.durable_end == 5 && state.high_watermark == 5 &&
	        state.log_start == 0 && !state.is_stopped,
	    "the state tells the ends");
	partition_close(partition);
	partition = open_usual(0);
	CHECK(reads(partition, "a b c c c ") && put(partition, "d") == 5 &&
	        reads(partition, "a b c c c d "),
	    "it goes on after it was closed");
	CHECK(findings(partition) == 0, "a check finds nothing");
	partition_close(partition);
}

static void
test_visibility(void)
{
	struct partition *partition = open_usual(1);
	struct partition_options options = usual_options;
	struct partition_reader *reader;
	struct batch_header header;
	struct position position;
	struct slice bytes;
	struct buf batch = {0};
	int64_t first, last;

	make_batch(&batch, "x", 1, 0, 1);
	partition_append(partition, batch.data, batch.size, &first, &last);
	CHECK(reads(partition, ""), "what is not durable is not visible");
	partition_reader_open(&reader, partition, 0, NULL);
	CHECK(partition_reader_next(reader, &bytes, &header, &position) == 0,
	    "a reader at the end has nothing");
	partition_wait(partition, last + 1, -1);
	CHECK(partition_reader_next(reader, &bytes, &header, &position) == 1 &&
	        position.offset == 0 && position.byte == 0,
	    "until a sync publishes it");
	partition_reader_close(reader);
	partition_close(partition);

	options.sync = SYNC_NEVER;
	partition = open_with(1, options);
	partition_append(partition, batch.data, batch.size, &first, &last);
	CHECK(partition_wait(partition, last + 1, -1) == 0 &&
	        reads(partition, "x x "),
	    "with mq.sync=never it is visible at once");
	CHECK(partition_sync(partition) == 0, "and synced on demand");
	partition_close(partition);
	buf_release(&batch);
}

/* Appends without waiting: the offset, or a failure. */
static int64_t
put_now(struct partition *partition, struct slice batch)
{
	struct buf copy = {0};
	struct partition_state state = {.log_end = -1};
	int failed;

	buf_append_slice(&copy, batch);
	failed = partition_append_now(partition, copy.data, copy.size, &state);
	buf_release(&copy);
	return failed < 0 ? failed : state.log_end - 1;
}

static void
test_append_now(void)
{
	struct partition_options options = usual_options;
	struct partition *partition = open_usual(17), *other;
	struct buf batch = {0};

	make_batch(&batch, "x", 1, 0, 1);
	CHECK(put_now(partition, buf_slice(&batch)) == -FAIL_AGAIN &&
	    reads(partition, ""), "what has to be synced has to wait");
	partition_close(partition);

	options.sync = SYNC_NEVER;
	options.segment_bytes = (int64_t)batch.size * 2;
	partition = open_with(17, options);
	other = open_with(17, options);
	CHECK(put_now(partition, buf_slice(&batch)) == 0 &&
	    reads(other, "x "), "what need not is appended");
	CHECK(partition_lock(other) == 0 &&
	    put_now(partition, buf_slice(&batch)) == -FAIL_AGAIN,
	    "but not while somebody holds the lock");
	partition_unlock(other);
	CHECK(put_now(partition, buf_slice(&batch)) == 1, "who gave it back");
	CHECK(put_now(partition, buf_slice(&batch)) == -FAIL_AGAIN &&
	    reads(partition, "x x "), "nor where a new segment is due");
	CHECK(put(partition, "y") == 2 &&
	    put_now(partition, buf_slice(&batch)) == 3 &&
	    reads(other, "x x y x "), "which somebody else begins");
	partition_close(other);
	partition_close(partition);
	buf_release(&batch);
}

static void
test_limits(void)
{
	struct partition_options options = usual_options;
	struct partition *partition;
	struct buf batch = {0};
	int64_t first, last;

	options.max_bytes = 200;
	partition = open_with(2, options);
	make_batch(&batch, "x", 1, 0, 1);
	make_batch(&batch, "y", 1, 0, 2);
	make_batch(&batch, "z", 1, 0, 1);
	CHECK(partition_append(partition, batch.data, batch.size, &first,
	          &last) == 0 &&
	        first == 0 && last == 3,
	    "several batches are appended in one step");
	partition_wait(partition, 4, -1);
	CHECK(reads(partition, "x y y z "), "and read one by one");
	CHECK(partition_append(partition, batch.data, batch.size - 1, &first,
	          &last) == -FAIL_DATA,
	    "half a batch is refused");
	buf_clear(&batch);
	make_batch(&batch, "0123456789", 10, 0, 20);
	CHECK(partition_append(partition, batch.data, batch.size, &first,
	          &last) == -FAIL_DATA &&
	        reads(partition, "x y y z "),
	    "a batch above the limit is refused");
	partition_close(partition);
	buf_release(&batch);
}

static void
test_roll(void)
{
	struct partition_options options = usual_options;
	struct partition *partition, *other;
	struct partition_reader *reader;
	struct batch_header header;
	struct position position;
	struct slice slice;
	int64_t bytes, segments;
	int seen = 0;
	static char big[8192];

	options.segment_bytes = 4096;
	partition = open_with(3, options);
	partition_reader_open(&reader, partition, 0, NULL);
	for (int i = 0; i < 200; i++) {
		put_count(partition, "abcdefghij", 2);
		seen += partition_reader_next(reader, &slice, &header,
		    &position);
	}
	CHECK(seen == 200, "a reader follows through rolls");
	partition_reader_close(reader);
	partition_usage(partition, &bytes, &segments);
	CHECK(segments >= 4 && bytes < 8 * 4096,
	    "a full segment is followed by a new one");
	memset(big, 'b', sizeof(big) - 1);
	CHECK(put(partition, big) == 400 && put(partition, "e") == 401,
	    "a batch bigger than a segment gets one of its own");
	other = open_with(3, options);
	CHECK(strncmp(read_from(other, 400, NULL), "bbbb", 4) == 0 &&
	        strcmp(read_from(other, 401, NULL), "e ") == 0,
	    "and is read");
	CHECK(put(other, "f") == 402 && put(partition, "g") == 403 &&
	        strcmp(read_from(partition, 401, NULL), "e f g ") == 0,
	    "two processes' appends follow each other");
	CHECK(findings(other) == 0, "nothing is wrong with any segment");
	partition_close(other);
	partition_close(partition);
}

static void
test_hints(void)
{
	struct partition *partition = open_usual(4);
	struct partition_reader *reader;
	struct batch_header header;
	struct position positions[60];
	int count = 0;

	for (int i = 0; i < 60; i++) {
		char value[12];

		snprintf(value, sizeof(value), "%d", i);
		put(partition, value);
	}
	partition_reader_open(&reader, partition, 0, NULL);
	while (partition_reader_skip(reader, &header, &positions[count]) == 1)
		count++;
	partition_reader_close(reader);
	CHECK(count == 60 && positions[42].offset == 42 &&
	        positions[42].timestamp == 1000,
	    "skipping walks over every batch");
	CHECK(strncmp(read_from(partition, 42, &positions[40]), "42 43", 5) ==
	        0,
	    "a hint before the offset is used");
	positions[40].byte += 3;
	CHECK(strncmp(read_from(partition, 42, &positions[40]), "42 43", 5) ==
	        0,
	    "a hint that is wrong is not");
	positions[40].byte = INT64_MAX - 3;
	CHECK(strncmp(read_from(partition, 42, &positions[40]), "42 43", 5) ==
	        0,
	    "nor one out of this world");
	CHECK(strncmp(read_from(partition, 42, &positions[50]), "42 43", 5) ==
	        0,
	    "nor one behind the offset");
	partition_close(partition);
}

static void
test_time(void)
{
	struct partition *partition = open_usual(5);
	struct buf batch = {0};
	int64_t first, last, offset;

	for (int i = 0; i < 10; i++) {
		buf_clear(&batch);
		make_batch(&batch, "x", 1, 1000 * i, 5);
		partition_append(partition, batch.data, batch.size, &first,
		    &last);
	}
	partition_sync(partition);
	CHECK(partition_find_time(partition, 3000, NULL, &offset) == 0 &&
	        offset == 15,
	    "the first record at a time is found");
	CHECK(partition_find_time(partition, 3002, NULL, &offset) == 0 &&
	        offset == 17,
	    "inside a batch too");
	CHECK(partition_find_time(partition, 3005, NULL, &offset) == 0 &&
	        offset == 20,
	    "or the one after it");
	CHECK(partition_find_time(partition, 99999, NULL, &offset) == 0 &&
	        offset == 50,
	    "or the end");
	partition_close(partition);
	buf_release(&batch);
}

static void
test_epochs(void)
{
	struct partition *partition = open_usual(6);
	struct partition_state state;
	int64_t offset;
	int32_t epoch;

	put(partition, "a");
	partition_state(partition, &state);
	epoch = state.epoch;
	CHECK(partition_cut_since(partition, epoch, &offset) == 0 &&
	        offset == INT64_MAX,
	    "no recovery, nothing to cut");
	CHECK(partition_recover(partition) == 0 &&
	        partition_state(partition, &state) == 0 &&
	        state.epoch == epoch + 1,
	    "a recovery raises the epoch");
	CHECK(partition_cut_since(partition, epoch, &offset) == 0 &&
	        offset == 1,
	    "and says from where on offsets are given out anew");
	put(partition, "b");
	partition_recover(partition);
	CHECK(partition_cut_since(partition, epoch, &offset) == 0 &&
	        offset == 1 &&
	        partition_cut_since(partition, epoch + 1, &offset) == 0 &&
	        offset == 2,
	    "the lowest start counts");
	CHECK(put(partition, "c") == 2 && reads(partition, "a b c ") &&
	        findings(partition) == 0,
	    "batches of several epochs are read");
	partition_close(partition);
}

static void
limit_files(rlim_t size)
{
	struct rlimit limit;

	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = size;
	setrlimit(RLIMIT_FSIZE, &limit);
}

/* A limit on file sizes stands in for a full disk: EFBIG after a part. */
static void
test_full_disk(void)
{
	struct partition *partition = open_usual(7);
	struct buf batch = {0};
	int64_t first, last;
	static char big[300 * 1024];

	signal(SIGXFSZ, SIG_IGN);
	put(partition, "a");
	memset(big, 'b', sizeof(big) - 1);
	make_batch(&batch, big, sizeof(big) - 1, 0, 1);
	limit_files(100 * 1024);
	CHECK(partition_append(partition, batch.data, batch.size, &first,
	          &last) == -FAIL_AGAIN,
	    "a full disk is 'try again'");
	CHECK(put(partition, "c") == 1, "what still fits is taken");
	limit_files(RLIM_INFINITY);
	CHECK(reads(partition, "a c ") && findings(partition) == 0,
	    "nothing of the refused batch stays");
	CHECK(partition_append(partition, batch.data, batch.size, &first,
	          &last) == 0 &&
	        first == 2 && partition_wait(partition, 3, -1) == 0,
	    "with space it goes on");
	partition_close(partition);
	buf_release(&batch);
}

static void
test_full_disk_new_page(void)
{
	struct partition *partition = open_usual(8);
	bool is_read;
	int64_t rc;

	put(partition, "a");
	partition_close(partition);
	unlinkat(topic_dir, "8/control", 0);
	unlinkat(topic_dir, "8/epochs", 0);
	limit_files(0);
	partition = open_usual(8);
	is_read = partition != NULL && reads(partition, "a ");
	rc = put(partition, "b");
	limit_files(RLIM_INFINITY); /* of our own output too */
	CHECK(is_read, "a full disk does not keep readers out, page or not");
	CHECK(rc == -FAIL_AGAIN, "but producers");
	CHECK(put(partition, "b") == 1 && reads(partition, "a b "),
	    "until there is space");
	partition_close(partition);
}

static void
test_read_only(void)
{
	struct partition_options options = usual_options;
	struct partition *writer = open_usual(9), *partition;

	options.read_only = true;
	put(writer, "a");
	partition = open_with(9, options);
	CHECK(reads(partition, "a "), "a read-only partition is read");
	CHECK(put(partition, "b") == -FAIL_PERMISSION, "and not written");
	put(writer, "b");
	CHECK(reads(partition, "a b "), "it sees what others put");
	partition_close(partition);
	partition_close(writer);
	unlinkat(topic_dir, "9/control", 0);
	partition = open_with(9, options);
	CHECK(reads(partition, "a b "), "without a control page too");
	CHECK(open_inside(9, "control", O_RDONLY) < 0,
	    "which is not made");
	CHECK(findings(partition) == 0, "and checked");
	writer = open_usual(9);
	put(writer, "c");
	CHECK(reads(partition, "a b c "), "until there is one");
	partition_close(writer);
	partition_close(partition);
}

static void
test_removed(void)
{
	struct partition *partition = open_usual(10);

	put(partition, "a");
	unlinkat(topic_dir, "10/control", 0);
	unlinkat(topic_dir, "10/epochs", 0);
	unlinkat(topic_dir, "10/00000000000000000000.log", 0);
	unlinkat(topic_dir, "10", AT_REMOVEDIR);
	CHECK(put(partition, "b") == -FAIL_MISSING,
	    "a removed partition takes nothing more");
	partition_close(partition);
	CHECK(partition_open(&partition, topic_dir, 10, &usual_options) ==
	        -FAIL_MISSING,
	    "and is not opened");
}

int
main(void)
{
	topic_make();
	test_append_and_read();
	test_visibility();
	test_append_now();
	test_limits();
	test_roll();
	test_hints();
	test_time();
	test_epochs();
	test_full_disk();
	test_full_disk_new_page();
	test_read_only();
	test_removed();
	return unit_end();
}
