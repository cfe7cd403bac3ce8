/* Files: names that cannot escape, whole writes, atomic replacement. */
#include "base/fail.h"
#include "base/file.h"
#include "scratch.h"
#include "unit.h"

#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <signal.h>

static mode_t
mode_of(int dir, const char *name)
{
	struct stat status;

	if (fstatat(dir, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
		return 0;
	return status.st_mode & 07777;
}

static void
test_open(int dir)
{
	int fd = file_open(dir, "new", FILE_READ);

	CHECK(fd == -FAIL_MISSING, "a missing file is missing");
	umask(0777);
	fd = file_open(dir, "new", FILE_CREATE);
	CHECK(fd >= 0 && mode_of(dir, "new") == 0600,
	    "a new file has mode 0600 whatever the umask");
	close(fd);
	umask(022);
	CHECK(file_open(dir, "new", FILE_EXCLUSIVE) == -FAIL_CREATE,
	    "an exclusive creation refuses a file that is there");
	CHECK(file_open(dir, "../x", FILE_CREATE) == -FAIL_USAGE &&
	        file_open(dir, "..", FILE_READ) == -FAIL_USAGE &&
	        file_open(dir, "", FILE_READ) == -FAIL_USAGE,
	    "a name is one component");
	symlinkat("new", dir, "link");
	CHECK(file_open(dir, "link", FILE_READ) == -FAIL_PERMISSION &&
	        strstr(fail_message(), "symbolic link") != NULL,
	    "a symbolic link is refused by name");
	mkfifoat(dir, "fifo", 0600);
	CHECK(file_open(dir, "fifo", FILE_READ) == -FAIL_PERMISSION &&
	        file_open(dir, "fifo", FILE_CREATE) == -FAIL_PERMISSION,
	    "a FIFO is refused and hangs nobody");
	linkat(dir, "new", dir, "second", 0);
	CHECK(file_open(dir, "new", FILE_WRITE) == -FAIL_PERMISSION,
	    "a file with a second hard link is refused");
	file_unlink(dir, "second");
}

static void
test_directories(int dir)
{
	int sub;

	umask(0777);
	CHECK(file_make_directory(dir, "sub") == 1 &&
	        mode_of(dir, "sub") == 0700,
	    "a new directory has mode 0700 whatever the umask");
	umask(022);
	CHECK(file_make_directory(dir, "sub") == 0,
	    "a directory that is there is no error");
	sub = file_open_directory(dir, "sub");
	CHECK(sub >= 0, "a directory opens below another");
	fchmod(sub, 02770);
	CHECK(file_make_directory(sub, "deep") == 1 &&
	        mode_of(sub, "deep") == 02770,
	    "a directory in a set-group-id one is shared");
	close(file_open(sub, "file", FILE_CREATE));
	CHECK(mode_of(sub, "file") == 0660,
	    "a file in a set-group-id directory is shared");
	CHECK(file_rename(dir, "sub", "new") == -FAIL_CREATE,
	    "a directory is never moved over something");
	file_unlink(sub, "file");
	file_unlink(sub, "deep");
	close(sub);
	CHECK(file_unlink(dir, "sub") == 0 && file_unlink(dir, "sub") == 0,
	    "removing what is gone is no error");
}

static void
test_bytes(int dir)
{
	int fd = file_open(dir, "bytes", FILE_CREATE);
	struct rlimit limit = {4096, RLIM_INFINITY};
	char data[8192];
	void *map;

	memset(data, 'x', sizeof(data));
	CHECK(file_write_at(fd, data, 100, 50) == 0 &&
	        file_read_at(fd, data, sizeof(data), 0) == 150 &&
	        data[0] == 0 && data[149] == 'x',
	    "a read stops at the end of the file");
	CHECK(file_zero_at(fd, 3000000, 0) == 0 && file_size(fd) == 3000000,
	    "zeros are written");
	CHECK(file_truncate(fd, 10) == 0 && file_size(fd) == 10,
	    "a file is cut");
	CHECK(file_map(fd, 4096, true, &map) == -FAIL_CORRUPT,
	    "a short file is not mapped");
	CHECK(file_sync(fd) == 0 && file_sync_directory(dir) == 0,
	    "files and directories are synced");
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &limit);
	CHECK(file_write_at(fd, data, sizeof(data), 0) == -FAIL_AGAIN &&
	        file_size(fd) == 4096,
	    "a full disk says try again");
	limit.rlim_cur = RLIM_INFINITY;
	setrlimit(RLIMIT_FSIZE, &limit);
	CHECK(!file_is_unlinked(fd), "a file that is there");
	file_unlink(dir, "bytes");
	CHECK(file_is_unlinked(fd), "a file whose name is gone");
	close(fd);
}

static int
count_names(const char *name, void *context)
{
	(void)name;
	++*(int *)context;
	return 0;
}

static void
test_replace(int dir)
{
	struct buf content = {0};
	int64_t stamp = file_directory_stamp(dir);
	int before = 0, after = 0;

	CHECK(file_replace(dir, "yaml", slice_of("one")) == 0 &&
	        file_read_all(dir, "yaml", 3, &content) == 0 &&
	        strcmp(buf_text(&content), "one") == 0,
	    "a replaced file has the new content");
	CHECK(file_directory_stamp(dir) != stamp,
	    "a directory's stamp changes with its entries");
	CHECK(file_read_all(dir, "yaml", 2, &content) == -FAIL_DATA &&
	        content.size == 3,
	    "a file that is too large is refused");
	mkdirat(dir, "taken", 0700);
	file_list(dir, count_names, &before);
	close(file_open(dir, ".yaml.new", FILE_EXCLUSIVE));
	CHECK(file_replace(dir, "yaml", slice_of("three")) == 0 &&
	    file_open(dir, ".yaml.new", FILE_READ) == -FAIL_MISSING,
	    "a replacement takes away what a killed one left behind");
	CHECK(file_replace(dir, "taken", slice_of("x")) < 0,
	    "a replacement that cannot be renamed fails");
	file_list(dir, count_names, &after);
	CHECK(before == after, "a failed replacement leaves nothing behind");
	buf_release(&content);
}

int
main(void)
{
	int dir = scratch_make();
	const char *kind;

	test_open(dir);
	test_directories(dir);
	test_bytes(dir);
	test_replace(dir);
	CHECK(file_is_network(dir, &kind) == 0, "a local file system");
	CHECK(file_open_directory(AT_FDCWD, "/nowhere/at/all") ==
	        -FAIL_MISSING,
	    "a missing directory is missing");
	close(dir);
	return unit_end();
}
