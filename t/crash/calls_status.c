/* Calls that ask: status, access, links, lists of directories. */
#include "calls.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { TMPFS = 0x01021994, DEVICE = 77 };

static int
refuse(int error)
{
	errno = error;
	return -1;
}

static void
fill_status(int number, struct stat *status)
{
	const struct disk_file *file = disk_file(number);
	static uid_t user;
	static gid_t group;
	static bool is_known;

	if (!is_known) {
		user = geteuid();
		group = getegid();
		is_known = true;
	}
	*status = (struct stat){
		.st_dev = DEVICE,
		.st_ino = (ino_t)number + 1,
		.st_nlink = (nlink_t)(file->is_directory && file->links > 0
		        ? 2 : file->links),
		.st_mode = file->mode |
		    (file->is_directory ? S_IFDIR : S_IFREG),
		.st_uid = user,
		.st_gid = group,
		.st_size = (off_t)file->size,
		.st_blksize = 4096,
		.st_blocks = (blkcnt_t)(file->size + 511) / 512,
		.st_mtim = {1700000000 + file->stamp / 1000000000,
		    file->stamp % 1000000000},
	};
}

static int
stat_any(int dir, const char *path, struct stat *status, int flags)
{
	struct disk_place place;

	if (!is_disk_path(dir, path))
		return (int)plain(SYS_newfstatat, (long)dir, path, status,
		    (long)flags);
	if (disk_find(dir, path, &place) < 0)
		return -1;
	if (place.file < 0)
		return refuse(ENOENT);
	fill_status(place.file, status);
	return 0;
}

static int
stat_fd(int fd, struct stat *status)
{
	int file;

	if (!is_disk_fd(fd))
		return (int)plain(SYS_fstat, (long)fd, status);
	file = disk_fd_file(fd);
	if (file < 0)
		return -1;
	fill_status(file, status);
	return 0;
}

/* struct stat64 is the same on 64 bits. */
#define STAT(function, type, call, ...) \
	int function(__VA_ARGS__, struct type *out) \
	{ \
		struct stat *status = (struct stat *)out; \
\
		return call; \
	}

STAT(stat, stat, stat_any(AT_FDCWD, path, status, 0), const char *path)
STAT(stat64, stat64, stat_any(AT_FDCWD, path, status, 0), const char *path)
STAT(lstat, stat, stat_any(AT_FDCWD, path, status, AT_SYMLINK_NOFOLLOW),
    const char *path)
STAT(lstat64, stat64, stat_any(AT_FDCWD, path, status, AT_SYMLINK_NOFOLLOW),
    const char *path)
STAT(fstat, stat, stat_fd(fd, status), int fd)
STAT(fstat64, stat64, stat_fd(fd, status), int fd)

int
fstatat(int dir, const char *path, struct stat *status, int flags)
{
	return stat_any(dir, path, status, flags);
}

int
fstatfs(int fd, struct statfs *status)
{
	if (!is_disk_fd(fd))
		return (int)plain(SYS_fstatfs, (long)fd, status);
	*status = (struct statfs){.f_type = TMPFS, .f_bsize = 4096};
	return 0;
}

int
faccessat(int dir, const char *path, int mode, int flags)
{
	struct disk_place place;

	if (!is_disk_path(dir, path))
		return (int)plain(SYS_faccessat2, (long)dir, path, (long)mode,
		    (long)flags);
	if (disk_find(dir, path, &place) < 0)
		return -1;
	return place.file < 0 ? refuse(ENOENT) : 0;
}

int
access(const char *path, int mode)
{
	return faccessat(AT_FDCWD, path, mode, 0);
}

ssize_t
readlink(const char *path, char *into, size_t size)
{
	struct disk_place place;
	char target[4096];
	int fd, length;

	if (sscanf(path, "/proc/self/fd/%d", &fd) == 1 && is_disk_fd(fd)) {
		if (disk_fd_file(fd) < 0)
			return refuse(ENOENT);
		length = disk_path(disk_fd_file(fd), target, sizeof(target));
		if ((size_t)length < size)
			size = (size_t)length;
		memcpy(into, target, size);
		return (ssize_t)size;
	}
	if (!is_disk_path(AT_FDCWD, path))
		return plain(SYS_readlinkat, (long)AT_FDCWD, path, into, size);
	if (disk_find(AT_FDCWD, path, &place) < 0)
		return -1;
	return refuse(place.file < 0 ? ENOENT : EINVAL);
}

/* Only directories of the disk are listed in this program. The names are those
 * at the beginning. */
struct __dirstream {
	int fd;
	int at;
	int count;
	struct dirent now;
	struct disk_entry entries[];
};

DIR *
fdopendir(int fd)
{
	int number = disk_fd_file(fd);
	const struct disk_file *file;
	DIR *stream;

	if (number < 0)
		return NULL;
	file = disk_file(number);
	if (!file->is_directory) {
		errno = ENOTDIR;
		return NULL;
	}
	stream = calloc(1, sizeof(*stream) + sizeof(*file->entries) *
	    (size_t)file->count);
	if (stream == NULL)
		return NULL;
	stream->fd = fd;
	stream->count = file->count;
	if (file->count > 0)
		memcpy(stream->entries, file->entries,
		    sizeof(*file->entries) * (size_t)file->count);
	return stream;
}

struct dirent *
readdir(DIR *stream)
{
	const struct disk_entry *entry;

	if (stream->at == stream->count)
		return NULL;
	entry = &stream->entries[stream->at++];
	stream->now.d_ino = (ino_t)entry->file + 1;
	stream->now.d_type = DT_UNKNOWN;
	snprintf(stream->now.d_name, sizeof(stream->now.d_name), "%s",
	    entry->name);
	return &stream->now;
}

int
closedir(DIR *stream)
{
	int rc = close(stream->fd);

	free(stream);
	return rc;
}
