/* Partitions whose files change between an append and its sync. */
#include "log/control.h"
#include "partition.h"

#include <sys/stat.h>
#include <sys/syscall.h>

enum { PAGE = 4096 };

static ino_t synced; /* the file that was synced last */

/* Stands for the one of the system. */
int
fdatasync(int fd)
{
	struct stat status;

	if (fstat(fd, &status) == 0)
		synced = status.st_ino;
	return (int)syscall(SYS_fdatasync, fd);
}

static ino_t
inode_of(int number, const char *file)
{
	struct stat status = {0};
	int fd = open_inside(number, file, O_RDONLY);

	fstat(fd, &status);
	close(fd);
	return status.st_ino;
}

/* Reads the page, or writes it over the one that is there. */
static bool
copy_page(int number, char page[PAGE], bool back)
{
	int fd = open_inside(number, "control", O_RDWR);
	ssize_t size = back ? pwrite(fd, page, PAGE, 0)
	                    : pread(fd, page, PAGE, 0);

	close(fd);
	return size == PAGE;
}

/* Appends without a wait. Returns the offset behind, or what failed. */
static int64_t
append(struct partition *partition, const char *value)
{
	struct buf batch = {0};
	int64_t first, last;
	int rc;

	make_batch(&batch, value, strlen(value), 1000, 1);
	rc = partition_append(partition, batch.data, batch.size, &first, &last);
	buf_release(&batch);
	return rc < 0 ? rc : last + 1;
}

static void
test_page_put_back(void)
{
	struct partition_options options = usual_options;
	struct partition *partition;
	char page[PAGE];

	options.segment_bytes = 100;
	partition = open_with(0, options);
	CHECK(put(partition, "a") == 0 && copy_page(0, page, false),
	    "a page is copied");
	CHECK(append(partition, "b") == 2, "the next append rolls");
	CHECK(copy_page(0, page, true), "the page is put back");
	synced = 0;
	CHECK(partition_wait(partition, 2, -1) == 0 &&
	        synced == inode_of(0, "00000000000000000001.log"),
	    "what was appended is synced, not what the page says");
	CHECK(put(partition, "c") == 2 && reads(partition, "a b c "),
	    "and stays");
	partition_close(partition);
}

/* As a file system gives it back that was shut down in the same boot; or the
 * producer was killed before he could write it. */
static void
test_page_without_end(void)
{
	struct partition *partition = open_usual(5);
	char page[PAGE];

	CHECK(put(partition, "a") == 0 && append(partition, "b") == 2 &&
	        copy_page(5, page, false),
	    "a page does not call an end durable");
	CHECK(reads(partition, "a "), "its producer does not show it");
	CHECK(partition_wait(partition, 2, -1) == 0 && copy_page(5, page, true),
	    "it is synced, and the page is put back");
	partition_close(partition);
	partition = open_usual(5);
	synced = 0;
	CHECK(reads(partition, "a b ") &&
	        synced == inode_of(5, "00000000000000000000.log"),
	    "a reader alone syncs it, and shows it");
	partition_close(partition);
}

/* The disk has lost what was appended behind durable_end, as a failed sync
 * told, and mq-fsck has cut it. */
static void
lose_tail(int number)
{
	struct partition *partition;
	struct control control;
	int fd = open_inside(number, "control", O_RDWR);

	control_read(fd, &control);
	control.durable.is_stopped = true;
	control_write_durable(fd, &control.durable);
	close(fd);
	fd = open_inside(number, "00000000000000000000.log", O_RDWR);
	CHECK(ftruncate(fd, control.durable.byte) == 0, "the tail is lost");
	close(fd);
	partition = open_usual(number);
	CHECK(partition_recover(partition) == 0, "the partition is recovered");
	CHECK(put(partition, "other") == 1, "others append there");
	partition_close(partition);
}

static void
test_cut_before_wait(void)
{
	struct partition *partition = open_usual(1);

	put(partition, "a");
	CHECK(append(partition, "b") == 2, "an append is not waited for");
	lose_tail(1);
	CHECK(partition_wait(partition, 2, -1) == -FAIL_IO,
	    "who waits is not told that others' messages are his");
	CHECK(put(partition, "c") == 2 && reads(partition, "a other c "),
	    "and may go on");
	partition_close(partition);
	partition = open_usual(2);
	put(partition, "a");
	append(partition, "b");
	lose_tail(2);
	CHECK(append(partition, "c") == -FAIL_IO,
	    "nor who appends more before he waits");
	partition_close(partition);
}

static void
test_page_deleted_before_wait(void)
{
	struct partition *partition = open_usual(3), *other;
	int fd = open_inside(3, ".", O_RDONLY);

	put(partition, "a");
	append(partition, "b");
	file_unlink(fd, "control");
	close(fd);
	other = open_usual(3);
	CHECK(put(other, "c") == 2 && partition_wait(partition, 2, -1) == 0,
	    "a rebuild that keeps all fails nobody");
	CHECK(append(partition, "d") == 4, "not even before the wait");
	partition_close(other);
	partition_close(partition);
}

/* A copy takes the place of the active segment. */
static void
test_segment_replaced(void)
{
	static const char name[] = "00000000000000000000.log";
	struct partition *partition = open_usual(4);
	struct buf bytes = {0};
	int dir = open_inside(4, ".", O_RDONLY);

	put(partition, "a");
	usleep(60000); /* until the directory's stamp is relied on */
	put(partition, "b");
	put(partition, "c");
	CHECK(file_read_all(dir, name, 1 << 20, &bytes) == 0 &&
	        file_replace(dir, name, buf_slice(&bytes)) == 0,
	    "the active segment is replaced by a copy");
	put(partition, "d");
	CHECK(reads(partition, "a b c d "), "appends go to the copy");
	buf_release(&bytes);
	close(dir);
	partition_close(partition);
}

int
main(void)
{
	topic_make();
	test_page_put_back();
	test_page_without_end();
	test_cut_before_wait();
	test_page_deleted_before_wait();
	test_segment_replaced();
	return unit_end();
}
