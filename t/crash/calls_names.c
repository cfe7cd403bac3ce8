/* Calls on names: opening, making, renaming, removing. */
#include "calls.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int
refuse(int error)
{
	errno = error;
	return -1;
}

static void
trace_name(enum trace_op op, const struct disk_place *place, int file)
{
	struct trace_record record = {
		.op = (uint16_t)op,
		.file = (uint64_t)file + 1,
		.dir = (uint64_t)place->parent + 1,
	};

	trace_add(record, place->name, NULL, NULL);
}

static int
open_found(struct disk_place *place, int flags, bool is_traced)
{
	struct disk_file *file;

	if (place->file < 0) {
		if (!(flags & O_CREAT))
			return refuse(ENOENT);
		place->file = disk_make(place, false);
		if (is_traced)
			trace_name(TRACE_CREATE, place, place->file);
		return disk_fd_open(place->file, flags);
	}
	file = disk_file(place->file);
	if (flags & O_CREAT && flags & O_EXCL)
		return refuse(EEXIST);
	if (file->is_directory && (flags & O_ACCMODE) != O_RDONLY)
		return refuse(EISDIR);
	if (!file->is_directory && flags & O_DIRECTORY)
		return refuse(ENOTDIR);
	if (flags & O_TRUNC) {
		disk_set_size(file, 0);
		if (is_traced)
			trace_add((struct trace_record){.op = TRACE_TRUNCATE,
			    .file = (uint64_t)place->file + 1}, NULL, NULL,
			    NULL);
	}
	return disk_fd_open(place->file, flags);
}

static int
open_any(int dir, const char *path, int flags, mode_t mode)
{
	struct disk_place place;
	bool is_traced;
	int fd;

	if (!is_disk_path(dir, path)) {
		fd = calls_open_instead(path);
		return fd >= 0 ? fd : (int)plain(SYS_openat, (long)dir, path,
		    (long)flags, (long)mode);
	}
	if (disk_find(dir, path, &place) < 0)
		return -1;
	is_traced = flags & (O_CREAT | O_TRUNC) && calls_begin();
	fd = open_found(&place, flags, is_traced);
	calls_end(is_traced);
	return fd;
}

#define OPEN(function, dir, ...) \
	int function(__VA_ARGS__, int flags, ...) \
	{ \
		va_list list; \
		mode_t mode; \
\
		va_start(list, flags); \
		mode = flags & O_CREAT ? va_arg(list, mode_t) : 0; \
		va_end(list); \
		return open_any(dir, path, flags, mode); \
	}

OPEN(open, AT_FDCWD, const char *path)
OPEN(open64, AT_FDCWD, const char *path)
OPEN(openat, dir, int dir, const char *path)
OPEN(openat64, dir, int dir, const char *path)

int
close(int fd)
{
	if (!is_disk_fd(fd))
		return (int)plain(SYS_close, (long)fd);
	if (disk_fd_file(fd) < 0)
		return -1;
	calls_unlock(fd);
	disk_fd_close(fd);
	return 0;
}

static int
rename_found(struct disk_place *from, struct disk_place *to, unsigned flags)
{
	if (from->file < 0)
		return refuse(ENOENT);
	if (to->file >= 0 && flags & RENAME_NOREPLACE)
		return refuse(EEXIST);
	if (to->file >= 0 && disk_file(to->file)->is_directory &&
	    (!disk_file(from->file)->is_directory ||
	    disk_file(to->file)->count > 0))
		return refuse(ENOTEMPTY);
	if (to->file >= 0 && !disk_file(to->file)->is_directory &&
	    disk_file(from->file)->is_directory)
		return refuse(ENOTDIR);
	if (to->file == from->file)
		return 0;
	if (to->file >= 0)
		disk_unlink(to);
	disk_unlink(from);
	disk_link(to, from->file);
	return 0;
}

static int
rename_any(int dir, const char *path, int to_dir, const char *to_path,
    unsigned flags)
{
	struct trace_record record = {.op = TRACE_RENAME};
	struct disk_place from, to;
	bool is_traced;
	int rc;

	if (!is_disk_path(dir, path))
		return (int)plain(SYS_renameat2, (long)dir, path,
		    (long)to_dir, to_path, (long)flags);
	if (disk_find(dir, path, &from) < 0 ||
	    disk_find(to_dir, to_path, &to) < 0)
		return -1;
	is_traced = calls_begin();
	rc = rename_found(&from, &to, flags);
	record.dir = (uint64_t)from.parent + 1;
	record.to_dir = (uint64_t)to.parent + 1;
	if (is_traced && rc == 0)
		trace_add(record, from.name, to.name, NULL);
	calls_end(is_traced);
	return rc;
}

int
rename(const char *from, const char *to)
{
	return rename_any(AT_FDCWD, from, AT_FDCWD, to, 0);
}

int
renameat(int dir, const char *from, int to_dir, const char *to)
{
	return rename_any(dir, from, to_dir, to, 0);
}

int
renameat2(int dir, const char *from, int to_dir, const char *to,
    unsigned flags)
{
	return rename_any(dir, from, to_dir, to, flags);
}

static int
unlink_any(int dir, const char *path, int flags)
{
	struct disk_place place;
	bool is_traced;

	if (!is_disk_path(dir, path))
		return (int)plain(SYS_unlinkat, (long)dir, path, (long)flags);
	if (disk_find(dir, path, &place) < 0)
		return -1;
	if (place.file < 0)
		return refuse(ENOENT);
	if (disk_file(place.file)->is_directory != !!(flags & AT_REMOVEDIR))
		return refuse(flags & AT_REMOVEDIR ? ENOTDIR : EISDIR);
	if (disk_file(place.file)->count > 0)
		return refuse(ENOTEMPTY);
	is_traced = calls_begin();
	disk_unlink(&place);
	if (is_traced)
		trace_name(TRACE_UNLINK, &place, -1);
	calls_end(is_traced);
	return 0;
}

int
unlink(const char *path)
{
	return unlink_any(AT_FDCWD, path, 0);
}

int
rmdir(const char *path)
{
	return unlink_any(AT_FDCWD, path, AT_REMOVEDIR);
}

int
unlinkat(int dir, const char *path, int flags)
{
	return unlink_any(dir, path, flags);
}

static int
mkdir_any(int dir, const char *path, mode_t mode)
{
	struct disk_place place;
	bool is_traced;

	if (!is_disk_path(dir, path))
		return (int)plain(SYS_mkdirat, (long)dir, path, (long)mode);
	if (disk_find(dir, path, &place) < 0)
		return -1;
	if (place.file >= 0)
		return refuse(EEXIST);
	is_traced = calls_begin();
	place.file = disk_make(&place, true);
	if (is_traced)
		trace_name(TRACE_MAKE_DIRECTORY, &place, place.file);
	calls_end(is_traced);
	return 0;
}

int
mkdir(const char *path, mode_t mode)
{
	return mkdir_any(AT_FDCWD, path, mode);
}

int
mkdirat(int dir, const char *path, mode_t mode)
{
	return mkdir_any(dir, path, mode);
}
