/* What a recovery makes of holes in a tail that was not synced. */
#include "log/aside.h"
#include "log/control.h"
#include "partition.h"

#include <sys/stat.h>

/* The segment, and where each batch of one value begins in it. */
struct made {
	int number;
	int file;
	int64_t ends[16];
};

static struct made
make(int number, const char *const *values)
{
	static const char segment[] = "00000000000000000000.log";
	struct made made = {.number = number};
	struct partition *partition = open_usual(number);
	struct control page;
	int fd;

	for (int i = 0; values[i] != NULL; i++) {
		put(partition, values[i]);
		fd = open_inside(number, "control", O_RDONLY);
		control_read(fd, &page);
		close(fd);
		made.ends[i + 1] = page.log.length;
	}
	partition_close(partition);
	made.file = open_inside(number, segment, O_RDWR);
	return made;
}

/* The machine stopped, and all up to durable_end was synced as far as the page
 * knows. */
static void
reboot(const struct made *made, int64_t durable_end)
{
	int fd = open_inside(made->number, "control", O_RDWR);
	struct control page;

	control_read(fd, &page);
	page.log.boot.bytes[0] ^= 1;
	page.durable.end = durable_end;
	page.durable.byte = made->ends[durable_end];
	page.durable.segment = 0;
	control_write(fd, &page);
	close(fd);
}

/* What was batch first to last never reached the disk. */
static void
lose(const struct made *made, int first, int last)
{
	file_zero_at(made->file,
	    (size_t)(made->ends[last + 1] - made->ends[first]),
	    made->ends[first]);
}

static int
count_aside(const char *name, void *context)
{
	*(int *)context += is_aside_name(name);
	return 0;
}

static int
aside_files(int number)
{
	int dir = open_inside(number, ".", O_RDONLY | O_DIRECTORY);
	int count = 0;

	file_list(dir, count_aside, &count);
	close(dir);
	return count;
}

static const char *const six[] = {"a", "b", "c", "d", "e", "f", NULL};

static void
test_hole(void)
{
	struct made made = make(0, six);
	struct partition *partition;
	const char *notice;

	lose(&made, 2, 3);
	reboot(&made, 1);
	partition = open_usual(0);
	CHECK(reads(partition, "a b e f "),
	    "what follows a hole that nobody was promised is read");
	CHECK(findings(partition) == 0, "and nothing is damaged");
	notice = partition_notice(partition);
	CHECK(notice != NULL && strstr(notice, "offsets 2 to 3") != NULL,
	    "what was lost is told");
	CHECK(partition_notice(partition) == NULL, "once");
	CHECK(aside_files(0) == 0, "of zeros nothing is kept");
	CHECK(put(partition, "g") == 6, "offsets go on");
	partition_close(partition);
	partition = open_usual(0);
	CHECK(reads(partition, "a b e f g ") && findings(partition) == 0 &&
	    partition_notice(partition) == NULL, "and it stays so");
	partition_close(partition);
	close(made.file);
}

static void
test_torn(void)
{
	struct made made = make(1, six);
	struct partition *partition;
	struct stat status = {0};

	/* Half of b is there, nothing of c; e is torn at its end. */
	file_zero_at(made.file, (size_t)(made.ends[3] - made.ends[1] - 20),
	    made.ends[1] + 20);
	file_zero_at(made.file, 3, made.ends[5] - 3);
	reboot(&made, 1);
	partition = open_usual(1);
	CHECK(reads(partition, "a d f ") && findings(partition) == 0,
	    "several holes are filled, torn batches are part of them");
	CHECK(aside_files(1) == 2, "what is left of them is kept");
	partition_close(partition);
	fstatat(topic_dir, "1/00000000000000000001-1.torn", &status, 0);
	CHECK(status.st_size > 0 && status.st_size <= 20,
	    "as far as it is not zeros");
	close(made.file);
}

/* Damage stays what it is. */
static bool
is_damage(int number, const char *expected)
{
	struct partition *partition = open_usual(number);
	bool good = reads(partition, expected) && findings(partition) > 0 &&
	    partition_notice(partition) == NULL && aside_files(number) == 0;

	partition_close(partition);
	return good;
}

static void
test_durable(void)
{
	struct made made = make(2, six);

	lose(&made, 2, 2);
	reboot(&made, 3);
	CHECK(is_damage(2, "a b ! d e f "),
	    "a hole below the durable end is damage");
	CHECK(is_damage(2, "a b ! d e f "), "for ever");
	close(made.file);

	made = make(3, six);
	lose(&made, 2, 2);
	reboot(&made, 2);
	file_write_at(made.file, "x", 1, made.ends[1] + 65);
	CHECK(is_damage(3, "a ! d e f "),
	    "and so is one that reaches down below it");
	close(made.file);
}

static void
test_no_power_cut(void)
{
	struct made made = make(4, six);
	int dir;

	lose(&made, 2, 2);
	CHECK(is_damage(4, "a b ! d e f "),
	    "a hole without a power cut is damage");
	dir = open_inside(4, ".", O_RDONLY | O_DIRECTORY);
	file_unlink(dir, "control");
	close(dir);
	CHECK(is_damage(4, "a b ! d e f "),
	    "and stays it if the control page is deleted");
	close(made.file);
}

/* A file system that was shut down and mounted again, without a boot. */
static void
test_remounted(void)
{
	struct made made = make(9, six);
	struct partition *partition;

	reboot(&made, 4);
	reboot(&made, 4); /* the boot is as it was */
	file_truncate(made.file, made.ends[4]);
	partition = open_usual(9);
	CHECK(reads(partition, "a b c d ") && findings(partition) == 0,
	    "an end that nobody was promised is no damage");
	CHECK(put(partition, "e") == 4, "its offsets are given out");
	partition_close(partition);
	close(made.file);

	made = make(10, six);
	file_truncate(made.file, made.ends[4]);
	partition = open_usual(10);
	CHECK(put(partition, "g") == 6 && findings(partition) > 0,
	    "one that somebody was is, and stays it");
	partition_close(partition);
	close(made.file);
}

/* The page was being written when the power went. */
static void
test_torn_page(void)
{
	struct made made = make(5, six);
	int fd = open_inside(5, "control", O_RDWR);
	struct partition *partition;

	lose(&made, 2, 2);
	reboot(&made, 2);
	file_write_at(fd, "torn", 4, 60);
	partition = open_usual(5);
	CHECK(reads(partition, "a b d e f ") && findings(partition) == 0,
	    "half of the page is enough to tell what was durable");
	partition_close(partition);
	close(made.file);

	made = make(6, six);
	lose(&made, 1, 1);
	reboot(&made, 2);
	close(fd);
	fd = open_inside(6, "control", O_RDWR);
	file_write_at(fd, "torn", 4, 60);
	CHECK(is_damage(6, "a ! c d e f "), "or that something was");
	close(fd);
	close(made.file);
}

/* A filler was half written when the power went again. */
static void
test_killed(void)
{
	struct made made = make(7, six);
	struct partition *partition;
	size_t size = (size_t)(made.ends[4] - made.ends[2]);
	int dir = open_inside(7, ".", O_RDONLY | O_DIRECTORY);

	file_write_at(made.file, "garbage", 7, made.ends[2] + 80);
	file_write_at(made.file, "garbage", 7, made.ends[3]);
	reboot(&made, 1);
	partition_close(open_usual(7));
	CHECK(aside_files(7) == 1, "a copy is kept");
	file_zero_at(made.file, size - 30, made.ends[2] + 30);
	reboot(&made, 1);
	file_unlink(dir, "epochs"); /* it was not reached */
	close(dir);
	partition = open_usual(7);
	CHECK(reads(partition, "a b e f ") && findings(partition) == 0,
	    "a healing that was cut off is done again");
	partition_close(partition);
	close(made.file);
}

/* Holes may be larger than a batch should be, as with mq.sync=never. */
static void
test_large(void)
{
	enum { SIZE = 3 * 1024 * 1024, COUNT = 20 };
	struct partition_options options = usual_options;
	struct made made = {.number = 8};
	struct partition *partition;
	struct stat status;
	char *value = memory_alloc(SIZE / COUNT);
	int fd;

	options.segment_bytes = 64 * 1024 * 1024;
	options.sync = SYNC_NEVER;
	memset(value, 'x', SIZE / COUNT - 1);
	partition = open_with(8, options);
	for (int i = 0; i < COUNT; i++)
		put_count(partition, value, 3);
	put(partition, "end");
	partition_close(partition);
	fd = open_inside(8, "00000000000000000000.log", O_RDWR);
	fstat(fd, &status);
	file_zero_at(fd, (size_t)status.st_size - 100, 0);
	made.ends[0] = 0;
	reboot(&made, 0);
	partition = open_with(8, options);
	CHECK(reads(partition, "end ") && findings(partition) == 0,
	    "a large hole is filled");
	CHECK(put(partition, "more") == 3 * COUNT + 1, "with all its offsets");
	partition_close(partition);
	free(value);
	close(fd);
}

int
main(void)
{
	topic_make();
	test_hole();
	test_torn();
	test_durable();
	test_no_power_cut();
	test_torn_page();
	test_remounted();
	test_killed();
	test_large();
	return unit_end();
}
