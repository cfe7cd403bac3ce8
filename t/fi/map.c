/* Calls that map and lock files. */
#include "plain.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

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
	struct verdict verdict = rule_judge(CALL_mmap, fd, NULL);
	bool is_traced;
	long rc;

	verdict.is_lie = false;
	if (plain_is_over(verdict, 0, &rc))
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
	struct verdict verdict = rule_judge(CALL_munmap, -1, NULL);
	bool is_traced;
	long rc;

	if (plain_is_over(verdict, 0, &rc))
		return (int)rc;
	is_traced = plain_begin();
	if (is_traced)
		trace_unmap(at, size);
	rc = plain(SYS_munmap, at, size);
	plain_end(is_traced);
	rule_after(verdict);
	return (int)rc;
}

/* Shared mappings never move here: SQLite's are of one size. */
void *
mremap(void *at, size_t size, size_t new_size, int flags, ...)
{
	struct verdict verdict = rule_judge(CALL_mremap, -1, NULL);
	long rc;

	verdict.is_lie = false;
	if (flags & MREMAP_FIXED)
		abort();
	if (plain_is_over(verdict, 0, &rc))
		return MAP_FAILED;
	at = (void *)plain(SYS_mremap, at, size, new_size, (long)flags);
	rule_after(verdict);
	return at;
}

int
flock(int fd, int how)
{
	struct verdict verdict = rule_judge(how & LOCK_UN ? CALL_flock_un
	                                                 : CALL_flock,
	    fd, NULL);
	long rc;

	if (plain_is_over(verdict, 0, &rc))
		return (int)rc;
	rc = plain(SYS_flock, fd, how);
	rule_after(verdict);
	return (int)rc;
}

static enum call
call_of(int command, long argument)
{
	switch (command) {
	case F_SETLK:
	case F_SETLKW:
	case F_OFD_SETLK:
	case F_OFD_SETLKW:
		return ((const struct flock *)argument)->l_type == F_UNLCK
		    ? CALL_fcntl_unlock
		    : CALL_fcntl_lock;
	default:
		return CALL_fcntl;
	}
}

static int
control(int fd, int command, long argument)
{
	struct verdict verdict = rule_judge(call_of(command, argument), fd,
	    NULL);
	long rc;

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
