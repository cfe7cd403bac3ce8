/* Files: opening and making them; the one home of open flags. */
#include "base/fail.h"
#include "base/file.h"
#include "base/file_label.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef __linux__
#include <linux/openat2.h>
#include <sys/syscall.h>
#endif

enum { OPEN_TRIES = 100, MANY_FILES = 128 };

static bool
is_single_component(const char *name)
{
	return *name != 0 && strchr(name, '/') == NULL &&
	    strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

/* openat2 of Linux; -1 with ENOSYS elsewhere. */
static int
open_beneath(int dir, const char *name, int flags, mode_t mode)
{
#ifdef SYS_openat2
	struct open_how how = {
		.flags = (uint64_t)flags,
		.mode = mode,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
	};

	return (int)syscall(SYS_openat2, dir, name, &how, sizeof(how));
#else
	(void)dir, (void)name, (void)flags, (void)mode;
	errno = ENOSYS;
	return -1;
#endif
}

/* Many partitions need more descriptors than the usual soft limit of 1024.
 * Raised only then, for our children inherit it, and select(2) of theirs fails
 * above. */
static bool
raise_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 ||
	    limit.rlim_cur >= limit.rlim_max)
		return false;
	limit.rlim_cur = limit.rlim_max;
	return setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

int64_t
file_descriptors_max(void)
{
	struct rlimit limit;

	raise_limit();
	return getrlimit(RLIMIT_NOFILE, &limit) == 0 &&
	    limit.rlim_cur < INT32_MAX ? (int64_t)limit.rlim_cur : INT32_MAX;
}

static int
open_below(int dir, const char *name, int flags, mode_t mode)
{
	int fd;

	flags |= O_CLOEXEC | O_NOFOLLOW;
	do {
		fd = open_beneath(dir, name, flags, mode);
		/* An old kernel, or a sandbox that does not know the call. */
		if (fd < 0 && (errno == ENOSYS || errno == EPERM))
			fd = openat(dir, name, flags, mode);
	} while (fd < 0 &&
	    (errno == EINTR || (errno == EMFILE && raise_limit())));
	if (fd >= MANY_FILES)
		raise_limit();
	return fd;
}

static mode_t
mode_in(int dir, mode_t alone, mode_t shared)
{
	struct stat status;

	if (fstat(dir, &status) == 0 && status.st_mode & S_ISGID)
		return shared;
	return alone;
}

/* Makes the file; gives it its mode whatever the umask. */
static int
open_new(int dir, const char *name)
{
	mode_t mode = mode_in(dir, 0600, 0660);
	struct stat status;
	int fd = open_below(dir, name, O_RDWR | O_CREAT | O_EXCL, mode);

	if (fd < 0)
		return fd;
	if (fstat(fd, &status) == 0 && (status.st_mode & 0777) != mode &&
	    fchmod(fd, mode) != 0) {
		int error = errno;

		close(fd);
		unlinkat(dir, name, 0);
		errno = error;
		return -1;
	}
	return fd;
}

/* O_NONBLOCK: a FIFO planted in our place must not hang us. */
static int
open_old(int dir, const char *name, int access)
{
	return open_below(dir, name, access | O_NONBLOCK | O_NOCTTY, 0);
}

static int
open_as(int dir, const char *name, enum file_mode mode)
{
	if (mode == FILE_READ)
		return open_old(dir, name, O_RDONLY);
	if (mode == FILE_WRITE)
		return open_old(dir, name, O_RDWR);
	if (mode == FILE_EXCLUSIVE)
		return open_new(dir, name);
	/* Others may make and remove it between our two steps. */
	for (int i = 0; i < OPEN_TRIES; i++) {
		int fd = open_old(dir, name, O_RDWR);

		if (fd >= 0 || errno != ENOENT)
			return fd;
		fd = open_new(dir, name);
		if (fd >= 0 || errno != EEXIST)
			return fd;
	}
	return -1;
}

static int
fail_open(int dir, const char *name)
{
	int error = errno;
	struct file_label in = {"."};

	if (dir != AT_FDCWD)
		in = file_label(dir);
	if (error == ELOOP || error == EXDEV)
		return fail(FAIL_PERMISSION, "%s/%s: is a symbolic link",
		    in.text, name);
	/* What Linux says of a link where a directory is wanted. */
	if (error == ENOTDIR && dir != AT_FDCWD)
		return fail(FAIL_PERMISSION, "%s/%s: is a symbolic link or no "
		    "directory", in.text, name);
	if (error == EEXIST)
		return fail(FAIL_CREATE, "%s/%s: is there already", in.text,
		    name);
	if (dir == AT_FDCWD)
		return fail_errno("%s: open", name);
	return fail_errno("%s/%s: open", in.text, name);
}

int
file_open(int dir, const char *name, enum file_mode mode)
{
	struct stat status;
	int fd;

	if (!is_single_component(name))
		return fail(FAIL_USAGE, "'%s' is not a file name", name);
	fd = open_as(dir, name, mode);
	if (fd < 0)
		return fail_open(dir, name);
	if (fstat(fd, &status) != 0) {
		int result = fail_errno("%s/%s: stat", file_label(dir).text,
		    name);

		close(fd);
		return result;
	}
	if (!S_ISREG(status.st_mode)) {
		close(fd);
		return fail(FAIL_PERMISSION, "%s/%s: not a regular file",
		    file_label(dir).text, name);
	}
	if (status.st_nlink > 1) {
		close(fd);
		return fail(FAIL_PERMISSION, "%s/%s: has a second hard link",
		    file_label(dir).text, name);
	}
	return fd;
}

int
file_open_input(const char *path)
{
	int fd;

	do
		fd = open(path,
		    O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	while (fd < 0 && errno == EINTR);
	return fd < 0 ? fail_errno("%s", path) : fd;
}

int
file_open_output(const char *path)
{
	int fd;

	do
		fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC |
		        O_NOCTTY, 0666);
	while (fd < 0 && errno == EINTR);
	if (fd < 0 && errno == ENOENT)
		return fail(FAIL_CREATE, "%s: no such directory", path);
	return fd < 0 ? fail_errno("%s", path) : fd;
}

int
file_open_directory(int dir, const char *name)
{
	int fd;

	if (dir == AT_FDCWD) {
		do
			fd = openat(dir, name,
			    O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		while (fd < 0 && errno == EINTR);
	} else if (is_single_component(name)) {
		fd = open_below(dir, name, O_RDONLY | O_DIRECTORY, 0);
	} else {
		return fail(FAIL_USAGE, "'%s' is not a file name", name);
	}
	return fd < 0 ? fail_open(dir, name) : fd;
}

int
file_make_directory(int dir, const char *name)
{
	mode_t mode = mode_in(dir, 0700, 02770);
	int result = 1;
	int fd;

	if (dir != AT_FDCWD && !is_single_component(name))
		return fail(FAIL_USAGE, "'%s' is not a file name", name);
	if (mkdirat(dir, name, mode & 0777) != 0) {
		if (errno == EEXIST)
			return 0;
		return fail_errno("%s: make directory", name);
	}
	do
		fd = openat(dir, name,
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	while (fd < 0 && errno == EINTR);
	if (fd < 0)
		return fail_errno("%s: open new directory", name);
	if (fchmod(fd, mode) != 0) {
		result = fail_errno("%s: set mode", name);
		unlinkat(dir, name, AT_REMOVEDIR);
	}
	close(fd);
	return result;
}
