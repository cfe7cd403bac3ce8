/* What a recovery makes of a page that a power cut tore, and of a segment that
 * begins with zeros. */
#include "log/aside.h"
#include "log/control.h"
#include "partition.h"

#include <sys/stat.h>

enum { BATCH = 69 }; /* bytes of one with a record of one byte */

static const char segment_name[] = "00000000000000000000.log";

static void
make(int number, enum sync_mode sync, const char *values)
{
	struct partition_options options = usual_options;
	struct partition *partition;
	char value[2] = "";

	options.sync = sync;
	partition = open_with(number, options);
	for (; *values != 0; values++) {
		value[0] = *values;
		put(partition, value);
	}
	partition_close(partition);
}

static struct partition *
open_mode(int number, enum sync_mode sync)
{
	struct partition_options options = usual_options;

	options.sync = sync;
	return open_with(number, options);
}

/* As the page is after a boot, durable up to some offset. */
static void
reboot(int number, int64_t durable_end)
{
	int fd = open_inside(number, "control", O_RDWR);
	struct control page;

	control_read(fd, &page);
	page.log.boot.bytes[0] ^= 1;
	page.durable.end = durable_end;
	page.durable.byte = durable_end * BATCH;
	page.durable.segment = 0;
	control_write_born(fd, &page.log);
	control_write(fd, &page);
	close(fd);
}

static void
tear(int number, int64_t byte)
{
	int fd = open_inside(number, "control", O_RDWR);

	file_write_at(fd, "torn", 4, byte);
	close(fd);
}

/* Batches first to last, counted from 0, are zeros. */
static void
lose(int number, int first, int last)
{
	int fd = open_inside(number, segment_name, O_RDWR);

	file_zero_at(fd, (size_t)(last + 1 - first) * BATCH, first * BATCH);
	close(fd);
}

static bool
is_clean(int number, enum sync_mode sync, const char *expected)
{
	struct partition *partition = open_mode(number, sync);
	bool good = reads(partition, expected) && findings(partition) == 0;

	partition_close(partition);
	return good;
}

/* Damage stays damage. */
static bool
is_damaged(int number, enum sync_mode sync, const char *expected)
{
	struct partition *partition = open_mode(number, sync);
	bool good = reads(partition, expected) && findings(partition) > 0;

	partition_close(partition);
	return good;
}

/* Both records were being written when the power went. */
static void
test_torn_records(void)
{
	make(0, SYNC_INTERVAL, "abcdef");
	lose(0, 2, 3);
	reboot(0, 6);
	tear(0, 60);
	tear(0, 210);
	CHECK(is_clean(0, SYNC_INTERVAL, "a b e f "),
	    "a hole is filled though both records are torn");

	make(1, SYNC_INTERVAL, "abcdef");
	lose(1, 2, 3);
	reboot(1, 6);
	tear(1, 60);
	tear(1, 210);
	tear(1, CONTROL_BORN_AT + 10);
	CHECK(is_damaged(1, SYNC_INTERVAL, "a b ! e f "),
	    "not where nothing of the page is whole");

	make(2, SYNC_INTERVAL, "abcdef");
	lose(2, 2, 3);
	tear(2, 60);
	tear(2, 210);
	CHECK(is_damaged(2, SYNC_INTERVAL, "a b ! e f "),
	    "nor without another boot");

	make(3, SYNC_INTERVAL, "ab");
	reboot(3, 2);
	make(3, SYNC_INTERVAL, "cdef");
	lose(3, 0, 0);
	lose(3, 3, 3);
	reboot(3, 6);
	tear(3, 60);
	tear(3, 210);
	CHECK(is_damaged(3, SYNC_INTERVAL, "! b c e f "),
	    "what the last recovery had found was durable");
}

static void
note_mendable(const struct partition_finding *finding, void *context)
{
	print_finding(finding, NULL);
	*(bool *)context &= finding->is_mendable;
}

/* Says a check before anybody has recovered it that this will be mended? */
static bool
is_mendable(int number, enum sync_mode sync, int count)
{
	struct partition_options options = usual_options;
	struct partition *partition;
	bool good = true;

	options.sync = sync;
	options.read_only = true;
	partition = open_with(number, options);
	good &= partition_check(partition, note_mendable, &good) == count;
	partition_close(partition);
	return good;
}

static bool
goes_on(int number, int64_t offset, const char *expected)
{
	struct partition *partition = open_mode(number, SYNC_NEVER);
	bool good = put(partition, "g") == offset &&
	    reads(partition, expected) && findings(partition) == 0;

	partition_close(partition);
	return good;
}

/* The first pages of a segment have not reached the disk. */
static void
test_zeros(void)
{
	int fd;

	make(4, SYNC_NEVER, "abcdef");
	lose(4, 0, 2);
	reboot(4, 0);
	CHECK(is_mendable(4, SYNC_NEVER, 1),
	    "a hole after a power cut is a finding that will be mended");
	CHECK(is_clean(4, SYNC_NEVER, "d e f ") &&
	    goes_on(4, 6, "d e f g "), "and it is");

	make(5, SYNC_NEVER, "abcdef");
	lose(5, 0, 5);
	reboot(5, 0);
	CHECK(is_mendable(5, SYNC_NEVER, 0) &&
	    is_clean(5, SYNC_NEVER, "") && goes_on(5, 0, "g "),
	    "zeros alone are an empty log");

	make(6, SYNC_NEVER, "abcdef");
	lose(6, 0, 4);
	fd = open_inside(6, segment_name, O_RDWR);
	file_zero_at(fd, 30, 5 * BATCH);
	close(fd);
	reboot(6, 0);
	CHECK(is_mendable(6, SYNC_NEVER, 0) &&
	    is_clean(6, SYNC_NEVER, "") && goes_on(6, 0, "g "),
	    "and so are zeros and half a batch");

	make(7, SYNC_ALWAYS, "abcdef");
	lose(7, 0, 2);
	reboot(7, 5);
	CHECK(!is_mendable(7, SYNC_ALWAYS, 1) &&
	    is_damaged(7, SYNC_ALWAYS, "! d e f "),
	    "what was durable is damaged, and not called mendable");
}

int
main(void)
{
	topic_make();
	test_torn_records();
	test_zeros();
	return unit_end();
}
