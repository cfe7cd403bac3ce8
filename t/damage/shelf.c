/* The files of a directory, kept in memory to be put back after each damage. */
#include "shelf.h"
#include "base/fail.h"
#include "base/file.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX = 16 * 1024 * 1024 };

static int
load(const char *name, void *context)
{
	struct shelf *shelf = context;
	struct stat status;

	if (fstatat(shelf->dir, name, &status, AT_SYMLINK_NOFOLLOW) != 0 ||
	    !S_ISREG(status.st_mode))
		return 0;
	if (shelf->count == SHELF_MAX)
		return fail(FAIL_BUG, "too many files");
	snprintf(shelf->list[shelf->count].name,
	    sizeof(shelf->list->name), "%s", name);
	return file_read_all(shelf->dir, name, FILE_MAX,
	    &shelf->list[shelf->count++].bytes);
}

int
shelf_load(struct shelf *shelf, int dir)
{
	*shelf = (struct shelf){.dir = dir};
	return file_list(dir, load, shelf);
}

void
shelf_release(struct shelf *shelf)
{
	for (int i = 0; i < shelf->count; i++)
		buf_release(&shelf->list[i].bytes);
	shelf->count = 0;
}

int
shelf_find(const struct shelf *shelf, const char *name)
{
	for (int i = 0; i < shelf->count; i++) {
		if (strcmp(shelf->list[i].name, name) == 0)
			return i;
	}
	return -1;
}

int
shelf_put(const struct shelf *shelf, int index, struct slice bytes)
{
	int fd = openat(shelf->dir, shelf->list[index].name,
	    O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	int rc;

	if (fd < 0)
		return fail_errno("%s", shelf->list[index].name);
	rc = file_write_at(fd, bytes.data, bytes.size, 0);
	if (rc == 0 && file_size(fd) != (int64_t)bytes.size)
		rc = file_truncate(fd, (off_t)bytes.size);
	close(fd);
	return rc;
}

static int
remove_stranger(const char *name, void *context)
{
	const struct shelf *shelf = context;
	struct stat status;

	if (shelf_find(shelf, name) >= 0)
		return 0;
	if (fstatat(shelf->dir, name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISDIR(status.st_mode))
		return 0;
	return unlinkat(shelf->dir, name, 0) == 0 ? 0 : fail_errno("%s", name);
}

int
shelf_restore(const struct shelf *shelf, int but)
{
	int rc = file_list(shelf->dir, remove_stranger, (void *)shelf);

	for (int i = 0; rc == 0 && i < shelf->count; i++) {
		if (i != but)
			rc = shelf_put(shelf, i,
			    buf_slice(&shelf->list[i].bytes));
	}
	return rc;
}

int
shelf_check(const struct shelf *shelf, int index)
{
	const struct buf *bytes = &shelf->list[index].bytes;
	struct buf now = {0};
	int rc = file_read_all(shelf->dir, shelf->list[index].name, FILE_MAX,
	    &now);

	if (rc >= 0 || rc == -FAIL_MISSING)
		rc = !slice_equal(buf_slice(bytes), buf_slice(&now));
	buf_release(&now);
	return rc;
}
