/* Calls that read and write. */
#include "plain.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
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
write_bytes(enum call call, int fd, const void *data, size_t size, off_t at)
{
	struct verdict verdict = rule_judge(call, fd, NULL);
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
	return write_bytes(CALL_write, fd, data, size, -1);
}

ssize_t
pwrite(int fd, const void *data, size_t size, off_t at)
{
	return write_bytes(CALL_pwrite, fd, data, size, at);
}

ssize_t
pwrite64(int fd, const void *data, size_t size, off64_t at)
{
	return write_bytes(CALL_pwrite, fd, data, size, at);
}

static char *
take_memory(size_t size)
{
	char *memory;

	rule_pause();
	memory = malloc(size + 1);
	rule_resume();
	if (memory == NULL)
		abort();
	return memory;
}

/* In one piece, as it takes effect. */
static ssize_t
write_vector(enum call call, int fd, const struct iovec *pieces, int count, off_t at)
{
	size_t size = 0, done = 0;
	ssize_t rc;
	char *all;

	for (int i = 0; i < count; i++)
		size += pieces[i].iov_len;
	all = take_memory(size);
	for (int i = 0; i < count; i++) {
		memcpy(all + done, pieces[i].iov_base, pieces[i].iov_len);
		done += pieces[i].iov_len;
	}
	rc = write_bytes(call, fd, all, size, at);
	free(all);
	return rc;
}

ssize_t
writev(int fd, const struct iovec *pieces, int count)
{
	return write_vector(CALL_writev, fd, pieces, count, -1);
}

ssize_t
pwritev(int fd, const struct iovec *pieces, int count, off_t at)
{
	return write_vector(CALL_pwritev, fd, pieces, count, at);
}

ssize_t
pwritev64(int fd, const struct iovec *pieces, int count, off64_t at)
{
	return write_vector(CALL_pwritev, fd, pieces, count, at);
}

static ssize_t
read_bytes(enum call call, int fd, void *data, size_t size, off_t at)
{
	struct verdict verdict = rule_judge(call, fd, NULL);
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
	return read_bytes(CALL_read, fd, data, size, -1);
}

ssize_t
pread(int fd, void *data, size_t size, off_t at)
{
	return read_bytes(CALL_pread, fd, data, size, at);
}

ssize_t
pread64(int fd, void *data, size_t size, off64_t at)
{
	return read_bytes(CALL_pread, fd, data, size, at);
}

/* Into one piece first, so that a limit is one of all. */
static ssize_t
read_vector(enum call call, int fd, const struct iovec *pieces, int count,
    off_t at)
{
	size_t size = 0, done = 0;
	ssize_t rc;
	char *all;

	for (int i = 0; i < count; i++)
		size += pieces[i].iov_len;
	all = take_memory(size);
	rc = read_bytes(call, fd, all, size, at);
	for (int i = 0; i < count && (ssize_t)done < rc; i++) {
		size_t part = pieces[i].iov_len;

		if (part > (size_t)rc - done)
			part = (size_t)rc - done;
		memcpy(pieces[i].iov_base, all + done, part);
		done += part;
	}
	free(all);
	return rc;
}

ssize_t
readv(int fd, const struct iovec *pieces, int count)
{
	return read_vector(CALL_readv, fd, pieces, count, -1);
}

ssize_t
preadv(int fd, const struct iovec *pieces, int count, off_t at)
{
	return read_vector(CALL_preadv, fd, pieces, count, at);
}

ssize_t
preadv64(int fd, const struct iovec *pieces, int count, off64_t at)
{
	return read_vector(CALL_preadv, fd, pieces, count, at);
}
