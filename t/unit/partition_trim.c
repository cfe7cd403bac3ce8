/* Trimming a partition: what is below the log start is gone for good, and
 * nothing else. */
#include "base/clock.h"
#include "log/start.h"
#include "partition.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

static const char first_segment[] = "00000000000000000000.log";

static int64_t
trim(struct partition *partition, int64_t offset)
{
	int64_t start = -1;
	int rc = partition_trim(partition, offset, &start);

	return rc < 0 ? rc : start;
}

static int64_t
start_of(struct partition *partition)
{
	struct partition_state state;

	return partition_state(partition, &state) < 0 ? -1 : state.log_start;
}

static int64_t
segments_of(struct partition *partition)
{
	int64_t bytes, segments;

	partition_usage(partition, &bytes, &segments);
	return segments;
}

static bool
is_there(int number, const char *file)
{
	char path[64];
	struct stat status;

	snprintf(path, sizeof(path), "%d/%s", number, file);
	return fstatat(topic_dir, path, &status, 0) == 0;
}

static void
remove_file(int number, const char *file)
{
	char path[64];

	snprintf(path, sizeof(path), "%d/%s", number, file);
	unlinkat(topic_dir, path, 0);
}

/* A partition with small segments, holding "0" to "99". */
static struct partition *
open_hundred(int number)
{
	struct partition_options options = usual_options;
	struct partition *partition;

	options.segment_bytes = 1024;
	partition = open_with(number, options);
	for (int i = 0; i < 100; i++) {
		char value[12];

		snprintf(value, sizeof(value), "%d", i);
		put(partition, value);
	}
	return partition;
}

static void
test_inside_a_segment(void)
{
	struct partition *partition = open_usual(0);

	put(partition, "a");
	put_count(partition, "b", 3);
	put(partition, "c");
	CHECK(trim(partition, 2) == 2 && start_of(partition) == 2 &&
	        reads(partition, "b b c "),
	    "a trim inside a batch hides the records below it");
	CHECK(trim(partition, 1) == 2 && reads(partition, "b b c "),
	    "a log start never goes back");
	CHECK(trim(partition, 6) == -FAIL_DATA && start_of(partition) == 2,
	    "nothing is trimmed beyond the end");
	CHECK(put(partition, "d") == 5 && reads(partition, "b b c d "),
	    "appends go on");
	partition_close(partition);
	partition = open_usual(0);
	CHECK(start_of(partition) == 2 && reads(partition, "b b c d ") &&
	        findings(partition) == 0,
	    "it is remembered");
	partition_close(partition);
	remove_file(0, "control");
	partition = open_usual(0);
	CHECK(start_of(partition) == 2 && reads(partition, "b b c d ") &&
	        put(partition, "e") == 6 && findings(partition) == 0,
	    "even without the control page");
	partition_close(partition);
}

static void
test_segments(void)
{
	struct partition *partition = open_hundred(1);
	int64_t before = segments_of(partition);
	struct partition_reader *reader;
	struct batch_header header;
	struct position position;
	struct slice bytes;

	partition_reader_open(&reader, partition, 3, NULL);
	CHECK(partition_reader_next(reader, &bytes, &header, &position) == 1 &&
	        position.offset == 3, "a reader is in the first segment");
	CHECK(before > 5 && trim(partition, 50) == 50 &&
	        !is_there(1, first_segment) && segments_of(partition) < before,
	    "segments wholly below the log start are removed");
	CHECK(strncmp(read_from(partition, 0, NULL), "50 51 52 ", 9) == 0 &&
	        strncmp(read_from(partition, 60, NULL), "60 61 ", 6) == 0,
	    "reading begins at the log start");
	while (partition_reader_next(reader, &bytes, &header, &position) == 1)
		if (position.segment > 0)
			break;
	CHECK(position.segment > 0 && position.offset == 50,
	    "a reader that stood in what is gone goes on at the log start");
	partition_reader_close(reader);
	CHECK(trim(partition, 100) == 100 && segments_of(partition) == 1 &&
	        reads(partition, ""),
	    "all can be trimmed, the newest segment too");
	CHECK(put(partition, "x") == 100 && reads(partition, "x ") &&
	        findings(partition) == 0,
	    "offsets go on behind that");
	partition_close(partition);
	remove_file(1, "control");
	partition = open_usual(1);
	CHECK(start_of(partition) == 100 && reads(partition, "x "),
	    "and stay where they are");
	partition_close(partition);
}

/* A trim that was killed when its start was durable. */
static void
test_killed(void)
{
	struct partition *partition = open_hundred(2), *other;
	char path[] = "2";
	int dir = openat(topic_dir, path, O_RDONLY | O_DIRECTORY);

	other = open_with(2, usual_options);
	CHECK(start_of(other) == 0 && start_write(dir, 40) == 0,
	    "a trim is killed before anybody else knows");
	close(dir);
	partition_close(partition);
	partition = open_usual(2);
	CHECK(start_of(partition) == 40 && is_there(2, first_segment) == false,
	    "who comes next finishes it");
	CHECK(put(other, "x") == 100 && start_of(other) == 40 &&
	        findings(other) == 0,
	    "who was there finds out when he appends");
	partition_close(other);
	partition_close(partition);
}

/* A backup, or a file system that went back, brings a segment again. */
static void
test_resurrected(void)
{
	struct partition *partition = open_hundred(3);

	renameat(topic_dir, "3/00000000000000000000.log", topic_dir, "3/kept");
	trim(partition, 50);
	renameat(topic_dir, "3/kept", topic_dir, "3/00000000000000000000.log");
	partition_close(partition);
	partition = open_usual(3);
	CHECK(start_of(partition) == 50 &&
	        strncmp(read_from(partition, 0, NULL), "50 51 ", 6) == 0,
	    "a segment that comes back is not read");
	CHECK(put(partition, "x") == 100 && !is_there(3, first_segment) &&
	        findings(partition) == 0,
	    "and is removed");
	partition_close(partition);
}

static void
test_lost_tail(void)
{
	struct partition *partition = open_usual(4);

	for (int i = 0; i < 10; i++)
		put(partition, "a");
	trim(partition, 7);
	partition_close(partition);
	remove_file(4, "control");
	if (ftruncate(open_inside(4, first_segment, O_RDWR), 300) != 0)
		abort();
	partition = open_usual(4);
	CHECK(start_of(partition) == 7 && put(partition, "b") == 7 &&
	        reads(partition, "b "),
	    "offsets below the log start are not given out again");
	partition_close(partition);
}

static void
test_damaged_start(void)
{
	struct partition *partition = open_usual(5);
	int fd;

	for (int i = 0; i < 10; i++)
		put(partition, "a");
	trim(partition, 7);
	partition_close(partition);
	fd = open_inside(5, START_FILE, O_RDWR);
	CHECK(pwrite(fd, "9", 1, 0) == 1, "a bit flips");
	close(fd);
	remove_file(5, "control");
	partition = open_usual(5);
	CHECK(start_of(partition) == 0 && findings(partition) == 1,
	    "a damaged start hides nothing, and is named");
	CHECK(partition_recover(partition) == 0 && findings(partition) == 0 &&
	        !is_there(5, START_FILE),
	    "a recovery forgets it");
	CHECK(trim(partition, 8) == 8 && reads(partition, "a a "),
	    "and it can be trimmed again");
	partition_close(partition);
}

static void
test_modes(void)
{
	struct partition_options options = usual_options;
	struct partition *partition;
	struct partition_state state;

	options.sync = SYNC_NEVER;
	partition = open_with(6, options);
	for (int i = 0; i < 5; i++)
		put(partition, "a");
	CHECK(partition_state(partition, &state) == 0 &&
	        state.durable_end == 0, "nothing was synced");
	CHECK(trim(partition, 3) == 3 &&
	        partition_state(partition, &state) == 0 &&
	        state.durable_end == 5,
	    "what is trimmed was durable first");
	partition_close(partition);
}

/* There is no room for the file that says where the log starts. */
static void
test_full_disk(void)
{
	struct partition *partition = open_hundred(7);
	struct rlimit none = {0, RLIM_INFINITY};
	struct rlimit all = {RLIM_INFINITY, RLIM_INFINITY};
	int64_t before, rc;

	/* The page gets a stamp, so that the trim begins with no write. */
	for (int i = 0; i < 2; i++) {
		clock_sleep_ms(60);
		put(partition, "x");
	}
	before = segments_of(partition);
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &none);
	rc = trim(partition, 50);
	setrlimit(RLIMIT_FSIZE, &all); /* of our own output too */
	CHECK(rc == -FAIL_AGAIN && segments_of(partition) == before - 1 &&
	        !is_there(7, first_segment),
	    "on a full disk the oldest segment makes room");
	partition_close(partition);
	partition = open_usual(7);
	CHECK(start_of(partition) > 0 && start_of(partition) < 50 &&
	        findings(partition) == 0,
	    "the log begins with the next one then");
	CHECK(trim(partition, 50) == 50 && findings(partition) == 0,
	    "and is trimmed as soon as there is space");
	partition_close(partition);
}

int
main(void)
{
	topic_make();
	test_full_disk();
	test_inside_a_segment();
	test_segments();
	test_killed();
	test_resurrected();
	test_lost_tail();
	test_damaged_start();
	test_modes();
	return unit_end();
}
