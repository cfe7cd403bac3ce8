/* Groups beside a control page that somebody has put back. */
#include "base/file.h"
#include "base/lock.h"
#include "world.h"

#include <fcntl.h>

enum { PAGE = 4096 };

static int
open_control(void)
{
	char path[400];

	snprintf(path, sizeof(path), "%s/topics/jobs/0/control", place_path);
	return open(path, O_RDWR);
}

/* Reads the page, or writes it over the one that is there. */
static void
copy_page(char page[PAGE], bool back)
{
	int fd = open_control();
	ssize_t size = back ? pwrite(fd, page, PAGE, 0)
	                    : pread(fd, page, PAGE, 0);

	world_must(size == PAGE ? 0 : fail(FAIL_IO, "control"));
	close(fd);
}

/* As world_take, while somebody keeps the lock of the partition. */
static int
take_locked_out(struct world *world)
{
	struct want want = {10, -1};
	char path[400];
	int dir, result;

	snprintf(path, sizeof(path), "%s/topics/jobs/0", place_path);
	dir = file_open_directory(AT_FDCWD, path);
	world_must(lock_directory(dir, -1));
	result = group_exchange(world->group, NULL, 0, &want, &world->lease,
	    &world->wake_ms);
	close(dir);
	return result;
}

static void
test_old_page(void)
{
	struct world one = world_open("jobs"), other = world_open("jobs");
	char page[PAGE];

	world_join(&one, "g");
	world_join(&other, "g");
	world_put(&other, 0, 5, NULL);
	CHECK(world_take(&one, 5) && world_accept(&one) == 0,
	    "a consumer settles what there is");
	world_put(&other, 0, 5, NULL);
	copy_page(page, false);
	world_put(&other, 0, 5, NULL);
	CHECK(world_take(&other, 10) && world_accept(&other) == 0,
	    "and another one what came then");
	copy_page(page, true);
	CHECK(take_locked_out(&one) == -FAIL_AGAIN,
	    "who cannot ask the log believes no old page");
	CHECK(!world_take(&one, 10),
	    "under an old page nothing settled is there again");
	world_put(&other, 0, 1, NULL);
	CHECK(world_take(&one, 10) && world_has(&one, 15, 15, 1),
	    "nor once it was mended");
	world_accept(&one);
	world_close(&other);
	world_close(&one);
}

int
main(void)
{
	struct spool *spool;

	place_make();
	spool = place_open(SPOOL_CREATE);
	world_make_topic(spool, "jobs", 1);
	spool_close(spool);
	test_old_page();
	return unit_end();
}
