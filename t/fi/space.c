/* Calls that make files longer, shorter and durable. */
#include "plain.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int
set_size(int fd, off_t size)
{
	struct verdict verdict = rule_judge(CALL_ftruncate, fd, NULL);
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

/* To the trace it is a file that got longer. */
static int
allocate(enum call call, int fd, off_t at, off_t size)
{
	struct verdict verdict = rule_judge(call, fd, NULL);
	struct trace_record record = {.op = TRACE_TRUNCATE};
	struct stat status;
	bool is_traced;
	long rc;

	if (plain_is_over(verdict, 0, &rc))
		return (int)rc;
	is_traced = plain_begin();
	if (!is_traced || fstat(fd, &status) != 0)
		status.st_size = 0;
	rc = plain(SYS_fallocate, fd, 0, at, size);
	record.file = plain_file(fd, false);
	record.offset = at + size;
	if (is_traced && rc == 0 && at + size > status.st_size)
		trace_add(record, NULL, NULL, NULL);
	plain_end(is_traced);
	rule_after(verdict);
	return (int)rc;
}

int
fallocate(int fd, int mode, off_t at, off_t size)
{
	if (mode != 0)
		abort();
	return allocate(CALL_fallocate, fd, at, size);
}

/* This one returns an error number. */
int
posix_fallocate(int fd, off_t at, off_t size)
{
	return allocate(CALL_posix_fallocate, fd, at, size) == 0 ? 0 : errno;
}

int
posix_fallocate64(int fd, off64_t at, off64_t size)
{
	return allocate(CALL_posix_fallocate, fd, at, size) == 0 ? 0 : errno;
}

/* What began before the sync did is durable once it has ended. */
static int
sync_file(enum call call, long number, int fd)
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
	verdict = rule_judge(call, fd, NULL);
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
	return sync_file(CALL_fsync, SYS_fsync, fd);
}

int
fdatasync(int fd)
{
	return sync_file(CALL_fdatasync, SYS_fdatasync, fd);
}
