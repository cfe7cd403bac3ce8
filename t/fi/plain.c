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
#include <unistd.h>

void
plain_next(void *function, const char *name)
{
	if (*(void **)function == NULL)
		*(void **)function = dlsym(RTLD_NEXT, name);
}

static long
pass(long number, va_list list)
{
	static long (*real)(long, ...);
	struct timespec deadline;
	long arguments[6];

	plain_next(&real, "syscall");
	for (int i = 0; i < 6; i++)
		arguments[i] = va_arg(list, long);
	if (number == SYS_futex_waitv && arguments[3] != 0) {
		deadline = plain_deadline((struct timespec *)arguments[3]);
		arguments[3] = (long)&deadline;
	}
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

/* The calls that the C library has no function for. */
static bool
is_judged(long number, enum call *call)
{
	static const struct {
		long number;
		enum call call;
	} known[] = {
		{SYS_futex, CALL_futex},
		{SYS_futex_waitv, CALL_futex_waitv},
		{SYS_pidfd_open, CALL_pidfd_open},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		*call = known[i].call;
		if (known[i].number == number)
			return true;
	}
	return false;
}

/* Without openat2 the file layer falls back to openat, which is ours. */
long
syscall(long number, ...)
{
	struct verdict verdict = {0};
	enum call call;
	va_list list;
	long rc;

	if (number == SYS_openat2) {
		errno = ENOSYS;
		return -1;
	}
	if (is_judged(number, &call))
		verdict = rule_judge(call, -1, NULL);
	if (plain_is_over(verdict, 0, &rc))
		return rc;
	va_start(list, number);
	rc = pass(number, list);
	va_end(list);
	rule_after(verdict);
	return rc;
}

uint64_t
plain_file(int fd, bool any)
{
	struct stat status;
	int rc;

	rule_pause();
	rc = fstat(fd, &status);
	rule_resume();
	if (rc != 0 || (!any && !S_ISREG(status.st_mode)))
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
	rule_pause();
	trace_lock();
	trace_look();
	return true;
}

void
plain_end(bool is_traced)
{
	int error = errno;

	if (is_traced) {
		trace_unlock();
		rule_resume();
	}
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
