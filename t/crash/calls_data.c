/* Calls on the bytes of files: reading, writing, syncing. */
#include "calls.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

void
calls_reset(uint64_t seed)
{
	calls_reset_locks();
	calls_reset_maps();
	calls_reset_time(seed);
}

bool
calls_begin(void)
{
	if (!is_trace_on())
		return false;
	trace_lock();
	trace_look();
	return true;
}

void
calls_end(bool is_traced)
{
	int error = errno;

	if (is_traced)
		trace_unlock();
	errno = error;
}

void
calls_finish(void)
{
	calls_end(calls_begin());
}

static int
refuse(int error)
{
	errno = error;
	return -1;
}

static ssize_t
read_disk(int fd, void *data, size_t size, off_t at)
{
	int number = disk_fd_file(fd);
	const struct disk_file *file;

	if (number < 0)
		return -1;
	file = disk_file(number);
	if (file->is_directory)
		return refuse(EISDIR);
	if (at >= (off_t)file->size)
		return 0;
	if (size > file->size - (size_t)at)
		size = file->size - (size_t)at;
	memcpy(data, file->data + at, size);
	return (ssize_t)size;
}

ssize_t
read(int fd, void *data, size_t size)
{
	ssize_t got;

	if (!is_disk_fd(fd))
		return plain(SYS_read, (long)fd, data, size);
	got = read_disk(fd, data, size, *disk_fd_at(fd));
	if (got > 0)
		*disk_fd_at(fd) += got;
	return got;
}

ssize_t
pread(int fd, void *data, size_t size, off_t at)
{
	return is_disk_fd(fd) ? read_disk(fd, data, size, at)
	                      : plain(SYS_pread64, (long)fd, data, size, at);
}

ssize_t
pread64(int fd, void *data, size_t size, off64_t at)
{
	return pread(fd, data, size, at);
}

static void
trace_write(int number, const void *data, size_t size, off_t at)
{
	struct trace_record record = {
		.op = TRACE_WRITE,
		.file = (uint64_t)number + 1,
		.offset = at,
		.data_size = size,
	};

	trace_add(record, NULL, NULL, data);
	trace_wrote(record.file, at, data, size);
}

static ssize_t
write_disk(int fd, const void *data, size_t size, off_t at)
{
	int number = disk_fd_file(fd);
	struct disk_file *file;
	bool is_traced;

	if (number < 0)
		return -1;
	if ((disk_fd_flags(fd) & O_ACCMODE) == O_RDONLY)
		return refuse(EBADF);
	if (size == 0)
		return 0;
	file = disk_file(number);
	is_traced = calls_begin();
	if (file->size < (size_t)at)
		disk_set_size(file, (size_t)at);
	disk_own(file, (size_t)at + size);
	memcpy(file->data + at, data, size);
	if (file->size < (size_t)at + size)
		file->size = (size_t)at + size;
	if (is_traced)
		trace_write(number, data, size, at);
	calls_end(is_traced);
	return (ssize_t)size;
}

ssize_t
write(int fd, const void *data, size_t size)
{
	ssize_t put;

	if (!is_disk_fd(fd))
		return plain(SYS_write, (long)fd, data, size);
	put = write_disk(fd, data, size, *disk_fd_at(fd));
	if (put > 0)
		*disk_fd_at(fd) += put;
	return put;
}

ssize_t
pwrite(int fd, const void *data, size_t size, off_t at)
{
	return is_disk_fd(fd) ? write_disk(fd, data, size, at)
	                      : plain(SYS_pwrite64, (long)fd, data, size, at);
}

ssize_t
pwrite64(int fd, const void *data, size_t size, off64_t at)
{
	return pwrite(fd, data, size, at);
}

/* In one piece, as it takes effect. */
ssize_t
pwritev(int fd, const struct iovec *pieces, int count, off_t at)
{
	size_t size = 0;
	ssize_t rc;
	char *all, *end;

	for (int i = 0; i < count; i++)
		size += pieces[i].iov_len;
	end = all = malloc(size + 1);
	if (all == NULL)
		disk_stop("no memory");
	for (int i = 0; i < count; i++)
		end = mempcpy(end, pieces[i].iov_base, pieces[i].iov_len);
	rc = pwrite(fd, all, size, at);
	free(all);
	return rc;
}

/* True for a file of the disk; else *rc is what to answer. */
static bool
is_file(int fd, int *rc, struct disk_file **file)
{
	int number = disk_fd_file(fd);

	*rc = -1;
	if (number < 0)
		return false;
	*file = disk_file(number);
	if ((*file)->is_directory) {
		errno = EINVAL;
		return false;
	}
	return true;
}

static void
resize(int fd, struct disk_file *file, off_t size)
{
	struct trace_record record = {
		.op = TRACE_TRUNCATE,
		.file = (uint64_t)disk_fd_file(fd) + 1,
		.offset = size,
	};
	bool is_traced = calls_begin();

	disk_set_size(file, (size_t)size);
	if (is_traced)
		trace_add(record, NULL, NULL, NULL);
	calls_end(is_traced);
}

int
ftruncate(int fd, off_t size)
{
	struct disk_file *file;
	int rc;

	if (!is_disk_fd(fd))
		return (int)plain(SYS_ftruncate, (long)fd, size);
	if (!is_file(fd, &rc, &file))
		return rc;
	resize(fd, file, size);
	return 0;
}

int
ftruncate64(int fd, off64_t size)
{
	return ftruncate(fd, size);
}

int
posix_fallocate(int fd, off_t at, off_t size)
{
	struct disk_file *file;
	int rc;

	if (!is_file(fd, &rc, &file))
		return errno;
	if ((size_t)(at + size) > file->size)
		resize(fd, file, at + size);
	return 0;
}

int
posix_fadvise(int fd, off_t at, off_t size, int advice)
{
	(void)fd, (void)at, (void)size, (void)advice;
	return 0;
}

int
fchmod(int fd, mode_t mode)
{
	if (!is_disk_fd(fd))
		return (int)plain(SYS_fchmod, (long)fd, (long)mode);
	if (disk_fd_file(fd) < 0)
		return -1;
	disk_file(disk_fd_file(fd))->mode = mode;
	return 0;
}

int
fchown(int fd, uid_t user, gid_t group)
{
	return is_disk_fd(fd) ? 0 : (int)plain(SYS_fchown, (long)fd,
	    (long)user, (long)group);
}

/* What began before the sync did is durable once it has ended. */
int
fsync(int fd)
{
	struct trace_record record = {.op = TRACE_SYNC_BEGIN};
	bool is_traced;

	if (!is_disk_fd(fd))
		return (int)plain(SYS_fsync, (long)fd);
	if (disk_fd_file(fd) < 0)
		return -1;
	is_traced = calls_begin();
	if (is_traced) {
		record.file = (uint64_t)disk_fd_file(fd) + 1;
		record.offset = (int64_t)trace_add(record, NULL, NULL, NULL);
		record.op = TRACE_SYNC_END;
		trace_add(record, NULL, NULL, NULL);
	}
	calls_end(is_traced);
	return 0;
}

int
fdatasync(int fd)
{
	return fsync(fd);
}
