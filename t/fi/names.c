/* Calls on names: opening, making, renaming, removing. */
#include "plain.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define BOOT_ID "/proc/sys/kernel/random/boot_id"

/* A file that holds the boot id of FI_BOOT; -1 if there is none. */
static int
open_boot_id(void)
{
	const char *id = getenv("FI_BOOT");
	int fd = id == NULL ? -1 : memfd_create("boot_id", MFD_CLOEXEC);

	if (fd >= 0)
		plain(SYS_pwrite64, fd, id, strlen(id), 0L);
	return fd;
}

static bool
is_there(int dir, const char *path)
{
	struct stat status;

	return fstatat(dir, path, &status, AT_SYMLINK_NOFOLLOW) == 0;
}

static int
open_traced(int dir, const char *path, int flags, mode_t mode)
{
	struct trace_record record = {0};
	bool was_there = is_there(dir, path);
	const char *name = NULL;
	int fd = (int)plain(SYS_openat, dir, path, (long)flags, (long)mode);

	if (fd < 0 || (was_there && !(flags & O_TRUNC)))
		return fd;
	record.file = plain_file(fd, true);
	record.op = was_there ? TRACE_TRUNCATE : TRACE_CREATE;
	if (!was_there)
		record.dir = plain_parent(dir, path, &name);
	trace_add(record, name, NULL, NULL);
	return fd;
}

static int
open_any(enum call call, int dir, const char *path, int flags, mode_t mode)
{
	enum call creating = call == CALL_open     ? CALL_open_creat
	    : call == CALL_openat ? CALL_openat_creat
	                          : call;
	struct verdict verdict;
	bool is_traced;
	long rc;

	if (strcmp(path, BOOT_ID) == 0) {
		int fd = open_boot_id();

		if (fd >= 0)
			return fd;
	}
	verdict = rule_judge(flags & O_CREAT ? creating : call, dir, path);
	verdict.is_lie = false;
	if (plain_is_over(verdict, 0, &rc))
		return (int)rc;
	is_traced = flags & (O_CREAT | O_TRUNC) && plain_begin();
	rc = is_traced ? open_traced(dir, path, flags, mode)
	               : plain(SYS_openat, dir, path, (long)flags, (long)mode);
	plain_end(is_traced);
	rule_after(verdict);
	return (int)rc;
}

#define OPEN(function, call, dir, ...) \
	int function(__VA_ARGS__, int flags, ...) \
	{ \
		va_list list; \
		mode_t mode; \
\
		va_start(list, flags); \
		mode = flags & O_CREAT ? va_arg(list, mode_t) : 0; \
		va_end(list); \
		return open_any(call, dir, path, flags, mode); \
	}

OPEN(open, CALL_open, AT_FDCWD, const char *path)
OPEN(open64, CALL_open, AT_FDCWD, const char *path)
OPEN(openat, CALL_openat, dir, int dir, const char *path)
OPEN(openat64, CALL_openat, dir, int dir, const char *path)

static int
rename_any(enum call call, int dir, const char *from, int to_dir, const char *to,
    unsigned flags)
{
	struct verdict verdict = rule_judge(call, dir, from);
	struct trace_record record = {.op = TRACE_RENAME};
	const char *name, *to_name;
	bool is_traced;
	long rc;

	if (plain_is_over(verdict, 0, &rc))
		return (int)rc;
	is_traced = plain_begin();
	rc = plain(SYS_renameat2, (long)dir, from, (long)to_dir, to,
	    (long)flags);
	if (is_traced && rc == 0) {
		record.dir = plain_parent(dir, from, &name);
		record.to_dir = plain_parent(to_dir, to, &to_name);
		trace_add(record, name, to_name, NULL);
	}
	plain_end(is_traced);
	rule_after(verdict);
	return (int)rc;
}

int
rename(const char *from, const char *to)
{
	return rename_any(CALL_rename, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int
renameat(int dir, const char *from, int to_dir, const char *to)
{
	return rename_any(CALL_renameat, dir, from, to_dir, to, 0);
}

int
renameat2(int dir, const char *from, int to_dir, const char *to,
    unsigned flags)
{
	return rename_any(CALL_renameat2, dir, from, to_dir, to, flags);
}

static int
unlink_any(enum call call, int dir, const char *path, int flags)
{
	struct verdict verdict = rule_judge(call, dir, path);
	struct trace_record record = {.op = TRACE_UNLINK};
	const char *name;
	bool is_traced;
	long rc;

	if (plain_is_over(verdict, 0, &rc))
		return (int)rc;
	is_traced = plain_begin();
	rc = plain(SYS_unlinkat, (long)dir, path, (long)flags);
	if (is_traced && rc == 0) {
		record.dir = plain_parent(dir, path, &name);
		trace_add(record, name, NULL, NULL);
	}
	plain_end(is_traced);
	rule_after(verdict);
	return (int)rc;
}

int
unlink(const char *path)
{
	return unlink_any(CALL_unlink, AT_FDCWD, path, 0);
}

int
rmdir(const char *path)
{
	return unlink_any(CALL_rmdir, AT_FDCWD, path, AT_REMOVEDIR);
}

int
unlinkat(int dir, const char *path, int flags)
{
	return unlink_any(CALL_unlinkat, dir, path, flags);
}

static int
mkdir_any(enum call call, int dir, const char *path, mode_t mode)
{
	struct verdict verdict = rule_judge(call, dir, path);
	struct trace_record record = {.op = TRACE_MAKE_DIRECTORY};
	const char *name;
	struct stat status;
	bool is_traced;
	long rc;

	if (plain_is_over(verdict, 0, &rc))
		return (int)rc;
	is_traced = plain_begin();
	rc = plain(SYS_mkdirat, (long)dir, path, (long)mode);
	if (is_traced && rc == 0 &&
	    fstatat(dir, path, &status, AT_SYMLINK_NOFOLLOW) == 0) {
		record.file = status.st_ino;
		record.dir = plain_parent(dir, path, &name);
		trace_add(record, name, NULL, NULL);
	}
	plain_end(is_traced);
	rule_after(verdict);
	return (int)rc;
}

int
mkdir(const char *path, mode_t mode)
{
	return mkdir_any(CALL_mkdir, AT_FDCWD, path, mode);
}

int
mkdirat(int dir, const char *path, mode_t mode)
{
	return mkdir_any(CALL_mkdirat, dir, path, mode);
}

int
creat(const char *path, mode_t mode)
{
	return open_any(CALL_creat, AT_FDCWD, path,
	    O_CREAT | O_WRONLY | O_TRUNC, mode);
}

/* The trace knows no second names: what makes them cannot be recorded. */
static int
link_any(enum call call, int dir, const char *from, int to_dir,
    const char *to, int flags)
{
	struct verdict verdict = rule_judge(call, dir, from);
	long rc;

	if (is_trace_on())
		abort();
	if (plain_is_over(verdict, 0, &rc))
		return (int)rc;
	rc = plain(SYS_linkat, (long)dir, from, (long)to_dir, to,
	    (long)flags);
	rule_after(verdict);
	return (int)rc;
}

int
link(const char *from, const char *to)
{
	return link_any(CALL_link, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int
linkat(int dir, const char *from, int to_dir, const char *to, int flags)
{
	return link_any(CALL_linkat, dir, from, to_dir, to, flags);
}
