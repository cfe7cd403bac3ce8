/* What a recovery makes of a page that a power cut tore. */
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

int
main(void)
{
	topic_make();
	test_torn_records();
	return unit_end();
}
