/* Calls on the bytes of files: reading, writing, syncing, mapping. */
#include "plain.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static size_t
limit(struct verdict verdict, size_t size)
{
	return verdict.is_limited && verdict.limit < size ? verdict.limit
	                                                  : size;
}

/* at < 0: where the descriptor stands. */
static ssize_t
write_bytes(int fd, const void *data, size_t size, off_t at)
{
	struct verdict verdict = rule_judge(RULE_WRITE, fd, NULL);
	struct trace_record record = {.op = TRACE_WRITE, .offset = at};
	bool is_traced;
	long rc;

	if (plain_is_over(verdict, (long)size, &rc))
		return rc;
	size = limit(verdict, size);
	record.file = is_trace_on() ? plain_file(fd, false) : 0;
	is_traced = record.file != 0 && plain_begin();
	if (at < 0)
		record.offset = is_traced ? lseek(fd, 0, SEEK_CUR) : 0;
	rc = at < 0 ? plain(SYS_write, fd, data, size)
	            : plain(SYS_pwrite64, fd, data, size, at);
	record.data_size = (uint64_t)rc;
	if (is_traced && rc > 0) {
		trace_add(record, NULL, NULL, data);
		trace_wrote(record.file, record.offset, data, (size_t)rc);
	}
	plain_end(is_traced);
	rule_after(verdict);
	return rc;
}

ssize_t
write(int fd, const void *data, size_t size)
{
	return write_bytes(fd, data, size, -1);
}

ssize_t
pwrite(int fd, const void *data, size_t size, off_t at)
{
	return write_bytes(fd, data, size, at);
}

ssize_t
pwrite64(int fd, const void *data, size_t size, off64_t at)
{
	return write_bytes(fd, data, size, at);
}

/* In one piece, as it takes effect. */
static ssize_t
write_vector(int fd, const struct iovec *pieces, int count, off_t at)
{
	size_t size = 0, done = 0;
	ssize_t rc;
	char *all;

	for (int i = 0; i < count; i++)
		size += pieces[i].iov_len;
	all = malloc(size + 1);
	for (int i = 0; i < count; i++) {
		memcpy(all + done, pieces[i].iov_base, pieces[i].iov_len);
		done += pieces[i].iov_len;
	}
	rc = write_bytes(fd, all, size, at);
	free(all);
	return rc;
}

ssize_t
writev(int fd, const struct iovec *pieces, int count)
{
	return write_vector(fd, pieces, count, -1);
}

ssize_t
pwritev(int fd, const struct iovec *pieces, int count, off_t at)
{
	return write_vector(fd, pieces, count, at);
}

ssize_t
pwritev64(int fd, const struct iovec *pieces, int count, off64_t at)
{
	return write_vector(fd, pieces, count, at);
}

static ssize_t
read_bytes(int fd, void *data, size_t size, off_t at)
{
	struct verdict verdict = rule_judge(RULE_READ, fd, NULL);
	long rc;

	if (plain_is_over(verdict, 0, &rc))
		return rc;
	size = limit(verdict, size);
	rc = at < 0 ? plain(SYS_read, fd, data, size)
	            : plain(SYS_pread64, fd, data, size, at);
	rule_after(verdict);
	return rc;
}

ssize_t
read(int fd, void *data, size_t size)
{
	return read_bytes(fd, data, size, -1);
}

ssize_t
pread(int fd, void *data, size_t size, off_t at)
{
	return read_bytes(fd, data, size, at);
}

ssize_t
pread64(int fd, void *data, size_t size, off64_t at)
{
	return read_bytes(fd, data, size, at);
}

static int
set_size(int fd, off_t size)
{
	struct verdict verdict = rule_judge(RULE_TRUNCATE, fd, NULL);
	struct trace_record record = {.op = TRACE_TRUNCATE, .offset = size};
	bool is_traced;
	long rc;

	if (plain_is_over(verdict, 0, &rc))
		return (int)rc;
	is_traced = plain_begin();
	rc = plain(SYS_ftruncate, fd, size);
	record.file = plain_file(fd, false);
	if (is_traced && rc == 0)
		trace_add(record, NULL, NULL, NULL);
	plain_end(is_traced);
	rule_after(verdict);
	return (int)rc;
}

int
ftruncate(int fd, off_t size)
{
	return set_size(fd, size);
}

int
ftruncate64(int fd, off64_t size)
{
	return set_size(fd, size);
}

/* Returns an error number. To the trace it is a file that got longer. */
static int
allocate(int fd, off_t at, off_t size)
{
	struct verdict verdict = rule_judge(RULE_TRUNCATE, fd, NULL);
	struct trace_record record = {.op = TRACE_TRUNCATE};
	struct stat status;
	bool is_traced;
	long rc;

	if (plain_is_over(verdict, 0, &rc))
		return rc == 0 ? 0 : errno;
	is_traced = plain_begin();
	if (fstat(fd, &status) != 0)
		status.st_size = 0;
	rc = plain(SYS_fallocate, fd, 0, at, size);
	record.file = plain_file(fd, false);
	record.offset = at + size;
	if (is_traced && rc == 0 && at + size > status.st_size)
		trace_add(record, NULL, NULL, NULL);
	plain_end(is_traced);
	rule_after(verdict);
	return rc == 0 ? 0 : errno;
}

int
posix_fallocate(int fd, off_t at, off_t size)
{
	return allocate(fd, at, size);
}

int
posix_fallocate64(int fd, off64_t at, off64_t size)
{
	return allocate(fd, at, size);
}

/* What began before the sync did is durable once it has ended. */
static int
sync_file(long number, int fd)
{
	struct trace_record record = {.op = TRACE_SYNC_BEGIN};
	bool is_traced = plain_begin();
	struct verdict verdict;
	uint64_t began = 0;
	long rc;

	record.file = plain_file(fd, true);
	if (is_traced)
		began = trace_add(record, NULL, NULL, NULL);
	plain_end(is_traced);
	verdict = rule_judge(RULE_SYNC, fd, NULL);
	if (plain_is_over(verdict, 0, &rc))
		return (int)rc;
	rc = getenv("FI_FAST") != NULL ? 0 : plain(number, fd);
	if (rc == 0 && is_traced) {
		record.op = TRACE_SYNC_END;
		record.offset = (int64_t)began;
		trace_lock();
		trace_add(record, NULL, NULL, NULL);
		trace_unlock();
	}
	rule_after(verdict);
	return (int)rc;
}

int
fsync(int fd)
{
	return sync_file(SYS_fsync, fd);
}

int
fdatasync(int fd)
{
	return sync_file(SYS_fdatasync, fd);
}

/* The shared memory of SQLite is made anew after a crash. */
static bool
is_worth_watching(int fd)
{
	char link[40], path[512];
	ssize_t got;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	got = readlink(link, path, sizeof(path) - 1);
	return plain_file(fd, false) != 0 &&
	    (got < 4 || memcmp(path + got - 4, "-shm", 4) != 0);
}

static void *
map_file(void *at, size_t size, int protection, int flags, int fd, off_t from)
{
	struct verdict verdict = {0};
	bool is_traced;
	long rc;

	if (fd >= 0)
		verdict = rule_judge(RULE_MAP, fd, NULL);
	if (plain_is_over(verdict, -1, &rc))
		return MAP_FAILED;
	is_traced = is_trace_on() && fd >= 0 && flags & MAP_SHARED &&
	    protection & PROT_WRITE && is_worth_watching(fd) && plain_begin();
	at = (void *)plain(SYS_mmap, at, size, (long)protection, (long)flags,
	    (long)fd, from);
	if (is_traced && at != MAP_FAILED)
		trace_map(at, size, plain_file(fd, false), from);
	plain_end(is_traced);
	rule_after(verdict);
	return at;
}

void *
mmap(void *at, size_t size, int protection, int flags, int fd, off_t from)
{
	return map_file(at, size, protection, flags, fd, from);
}

void *
mmap64(void *at, size_t size, int protection, int flags, int fd, off64_t from)
{
	return map_file(at, size, protection, flags, fd, from);
}

int
munmap(void *at, size_t size)
{
	bool is_traced = plain_begin();
	long rc;

	if (is_traced)
		trace_unmap(at, size);
	rc = plain(SYS_munmap, at, size);
	plain_end(is_traced);
	return (int)rc;
}

int
flock(int fd, int how)
{
	struct verdict verdict = rule_judge(RULE_LOCK, fd, NULL);
	long rc;

	if (plain_is_over(verdict, 0, &rc))
		return (int)rc;
	rc = plain(SYS_flock, fd, how);
	rule_after(verdict);
	return (int)rc;
}

static int
control(int fd, int command, long argument)
{
	struct verdict verdict = {0};
	long rc;

	if (command == F_SETLK || command == F_SETLKW ||
	    command == F_OFD_SETLK || command == F_OFD_SETLKW)
		verdict = rule_judge(RULE_LOCK, fd, NULL);
	if (plain_is_over(verdict, 0, &rc))
		return (int)rc;
	rc = plain(SYS_fcntl, fd, command, argument);
	rule_after(verdict);
	return (int)rc;
}

int
fcntl(int fd, int command, ...)
{
	va_list list;
	long argument;

	va_start(list, command);
	argument = va_arg(list, long);
	va_end(list);
	return control(fd, command, argument);
}

int
fcntl64(int fd, int command, ...)
{
	va_list list;
	long argument;

	va_start(list, command);
	argument = va_arg(list, long);
	va_end(list);
	return control(fd, command, argument);
}
