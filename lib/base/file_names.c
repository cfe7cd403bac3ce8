/* Files: names in directories; replacing whole files. */
#include "base/fail.h"
#include "base/file.h"
#include "base/file_label.h"
#include "base/hash.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Moves a directory, but never over anything. */
static int
rename_directory(int dir, const char *from, const char *to)
{
	struct stat status;

#ifdef RENAME_NOREPLACE
	if (renameat2(dir, from, dir, to, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -1;
#endif
	if (fstatat(dir, to, &status, AT_SYMLINK_NOFOLLOW) == 0) {
		errno = EEXIST;
		return -1;
	}
	return renameat(dir, from, dir, to);
}

int
file_rename(int dir, const char *from, const char *to)
{
	struct stat status;
	int result;

	if (fstatat(dir, from, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISDIR(status.st_mode))
		result = rename_directory(dir, from, to);
	else
		result = renameat(dir, from, dir, to);
	if (result == 0)
		return 0;
	if (errno == EEXIST || errno == ENOTEMPTY || errno == EISDIR)
		return fail(FAIL_CREATE, "%s/%s: is there already",
		    file_label(dir).text, to);
	return fail_errno("%s/%s: rename to %s", file_label(dir).text, from,
	    to);
}

int
file_unlink(int dir, const char *name)
{
	if (unlinkat(dir, name, 0) == 0 || errno == ENOENT)
		return 0;
	if ((errno == EISDIR || errno == EPERM) &&
	    (unlinkat(dir, name, AT_REMOVEDIR) == 0 || errno == ENOENT))
		return 0;
	return fail_errno("%s/%s: remove", file_label(dir).text, name);
}

int
file_read_all(int dir, const char *name, size_t max, struct buf *buf)
{
	int fd = file_open(dir, name, FILE_READ);
	size_t start = buf->size, step = 4096;
	ssize_t got;
	int result = 0;

	if (fd < 0)
		return fd;
	do {
		size_t left = max + 1 - (buf->size - start);

		if (step > left)
			step = left;
		got = file_read_at(fd, buf_reserve(buf, step), step,
		    (off_t)(buf->size - start));
		if (got < 0)
			result = (int)got;
		else
			buf->size += (size_t)got;
		if (buf->size - start > max)
			result = fail(FAIL_DATA, "%s/%s: above %zu bytes",
			    file_label(dir).text, name, max);
		if (got != (ssize_t)step)
			break;
		step = 65536;
	} while (result == 0);
	close(fd);
	if (result < 0)
		buf->size = start;
	return result;
}

int
file_replace(int dir, const char *name, struct slice content)
{
	char temporary[300];
	int fd, result;

	/* One name for all: who was killed leaves no more than one file, and
	 * the next replacement takes it away. */
	snprintf(temporary, sizeof(temporary), ".%.200s.new", name);
	result = file_unlink(dir, temporary);
	if (result < 0)
		return result;
	fd = file_open(dir, temporary, FILE_EXCLUSIVE);
	if (fd < 0)
		return fd;
	result = file_write_at(fd, content.data, content.size, 0);
	if (result == 0)
		result = file_sync_whole(fd);
	close(fd);
	if (result == 0)
		result = file_rename(dir, temporary, name);
	if (result < 0) {
		unlinkat(dir, temporary, 0);
		return result;
	}
	return file_sync_directory(dir);
}

int64_t
file_directory_stamp(int dir)
{
	struct stat status;

	if (fstat(dir, &status) != 0)
		return file_fail(dir, "stat");
	return (int64_t)status.st_mtim.tv_sec * 1000000000 +
	    status.st_mtim.tv_nsec;
}

int
file_identity(int fd, uint64_t *identity)
{
	struct statx status;
	uint64_t parts[3];

	if (statx(fd, "", AT_EMPTY_PATH, STATX_INO | STATX_BTIME, &status) != 0)
		return file_fail(fd, "stat");
	parts[0] = status.stx_ino;
	parts[1] = (uint64_t)status.stx_btime.tv_sec;
	parts[2] = status.stx_btime.tv_nsec;
	*identity = hash_bytes(parts, sizeof parts);
	return 0;
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Appends copies of the names, as pointers, to names. */
static int
collect_names(DIR *stream, struct buf *names)
{
	struct dirent *entry;

	while (errno = 0, (entry = readdir(stream)) != NULL) {
		char *copy;

		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		copy = memory_copy_text(entry->d_name);
		buf_append(names, &copy, sizeof(copy));
	}
	return errno ? -1 : 0;
}

int
file_list(int dir, int (*each)(const char *name, void *context), void *context)
{
	/* A description of its own: the position in dir is not disturbed. */
	struct buf names = {0};
	DIR *stream;
	int fd, result = 0;
	char **list;
	size_t count;

	do
		fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	while (fd < 0 && errno == EINTR);
	stream = fd < 0 ? NULL : fdopendir(fd);
	if (stream == NULL) {
		result = file_fail(dir, "list");
		if (fd >= 0)
			close(fd);
		return result;
	}
	if (collect_names(stream, &names) < 0)
		result = file_fail(dir, "list");
	closedir(stream);
	list = (char **)names.data;
	count = names.size / sizeof(*list);
	if (count > 1)
		qsort(list, count, sizeof(*list), compare_names);
	for (size_t i = 0; i < count && result == 0; i++)
		result = each(list[i], context);
	for (size_t i = 0; i < count; i++)
		free(list[i]);
	buf_release(&names);
	return result;
}
