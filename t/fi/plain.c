/* The system calls behind those that we put ourselves before. */
#include "plain.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static long
pass(long number, va_list list)
{
	static long (*real)(long, ...);
	long arguments[6];

	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "syscall");
	for (int i = 0; i < 6; i++)
		arguments[i] = va_arg(list, long);
	return real(number, arguments[0], arguments[1], arguments[2],
	    arguments[3], arguments[4], arguments[5]);
}

long
plain(long number, ...)
{
	va_list list;
	long rc;

	va_start(list, number);
	rc = pass(number, list);
	va_end(list);
	return rc;
}

/* Without openat2 the file layer falls back to openat, which is ours. */
long
syscall(long number, ...)
{
	va_list list;
	long rc;

	if (number == SYS_openat2) {
		errno = ENOSYS;
		return -1;
	}
	va_start(list, number);
	rc = pass(number, list);
	va_end(list);
	return rc;
}

int
clock_gettime(clockid_t id, struct timespec *now)
{
	static int (*real)(clockid_t, struct timespec *);
	const int64_t *offsets = rule_clock();
	int64_t sum;
	int rc;

	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
	rc = real(id, now);
	if (rc != 0 || offsets == NULL)
		return rc;
	sum = now->tv_sec * 1000000000LL + now->tv_nsec +
	    offsets[id == CLOCK_REALTIME ? 0 : 1];
	now->tv_sec = sum / 1000000000;
	now->tv_nsec = sum % 1000000000;
	return 0;
}

int
nanosleep(const struct timespec *time, struct timespec *left)
{
	if (getenv("FI_FAST") != NULL)
		return 0;
	return plain(SYS_clock_nanosleep, (long)CLOCK_MONOTONIC, 0L, time,
	    left) == 0 ? 0 : -1;
}

uint64_t
plain_file(int fd, bool any)
{
	struct stat status;

	if (fstat(fd, &status) != 0 || (!any && !S_ISREG(status.st_mode)))
		return 0;
	return status.st_ino;
}

uint64_t
plain_parent(int dir, const char *path, const char **name)
{
	const char *slash = strrchr(path, '/');
	char parent[4096];
	struct stat status;

	*name = slash == NULL ? path : slash + 1;
	snprintf(parent, sizeof(parent), "%.*s",
	    slash == NULL ? 1 : slash == path ? 1 : (int)(slash - path),
	    slash == NULL ? "." : path);
	return fstatat(dir, parent, &status, 0) == 0 ? status.st_ino : 0;
}

bool
plain_begin(void)
{
	if (!is_trace_on())
		return false;
	trace_lock();
	trace_look();
	return true;
}

void
plain_end(bool is_traced)
{
	int error = errno;

	if (is_traced)
		trace_unlock();
	errno = error;
}

bool
plain_is_over(struct verdict verdict, long lie, long *result)
{
	*result = lie;
	if (verdict.error != 0) {
		errno = verdict.error;
		*result = -1;
	}
	if (verdict.error == 0 && !verdict.is_lie)
		return false;
	rule_after(verdict);
	return true;
}

__attribute__((constructor)) static void
begin(void)
{
	const char *path = getenv("FI_TRACE");

	if (path != NULL && trace_start(path) < 0) {
		fprintf(stderr, "libfi: cannot map %s\n", path);
		_exit(70);
	}
}

__attribute__((destructor)) static void
end(void)
{
	plain_end(plain_begin());
}
