/* Which calls fail how: what their manual pages say. */
#include "plan.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

/* Without its E an errno is no macro, and keeps its name. */
#define ONCE(call, error) \
	{call, "errno(E" #error ")", E##error, false, false}
#define EVER(call, error) \
	{call, "errno(E" #error ")+forever", E##error, false, false}
#define BOTH(call, error) ONCE(call, error), EVER(call, error)
#define MAKES(call, error) \
	{call, "errno(E" #error ")", E##error, false, true}, \
	{call, "errno(E" #error ")+forever", E##error, false, true}
/* EINTR for ever is a signal that comes for ever: nobody promises an end. */
#define HIDDEN(call, error) \
	{call, "errno(E" #error ")", E##error, true, false}
#define SHORT(call, once, ever) \
	{call, "short(" #once ")", 0, true, false}, \
	{call, "short(" #ever ")+forever", 0, true, false}

#define OPEN(call) \
	BOTH(call, IO), BOTH(call, MFILE), BOTH(call, NFILE), \
	BOTH(call, NOMEM), HIDDEN(call, INTR)
#define CREATE(call) \
	OPEN(call), MAKES(call, NOSPC), MAKES(call, DQUOT), \
	MAKES(call, ROFS)
#define READ(call) \
	BOTH(call, IO), HIDDEN(call, INTR), SHORT(call, 1, 100)
#define WRITE(call) \
	BOTH(call, IO), BOTH(call, NOSPC), BOTH(call, DQUOT), \
	BOTH(call, FBIG), HIDDEN(call, INTR), SHORT(call, 1, 1000)
#define SYNC(call) \
	BOTH(call, IO), BOTH(call, NOSPC), BOTH(call, DQUOT), \
	HIDDEN(call, INTR)
#define RENAME(call) \
	BOTH(call, IO), BOTH(call, NOSPC), BOTH(call, DQUOT), \
	BOTH(call, NOMEM), BOTH(call, ROFS)
#define REMOVE(call) BOTH(call, IO), BOTH(call, NOMEM), BOTH(call, ROFS)
#define MAKE(call) \
	BOTH(call, IO), BOTH(call, NOSPC), BOTH(call, DQUOT), \
	BOTH(call, NOMEM), BOTH(call, ROFS)
#define LOOK(call) BOTH(call, IO), BOTH(call, NOMEM)
#define TABLE(call) BOTH(call, MFILE), BOTH(call, NFILE)

static const struct plan plans[] = {
	OPEN("open"), OPEN("openat"),
	CREATE("open_creat"), CREATE("openat_creat"),
	BOTH("fdopendir", NOMEM),
	/* getdents(2) is silent about it, disks are not. */
	BOTH("readdir", IO),
	READ("read"), READ("pread"), READ("readv"), READ("preadv"),
	WRITE("write"), WRITE("pwrite"), WRITE("writev"), WRITE("pwritev"),
	SYNC("fsync"), SYNC("fdatasync"),
	BOTH("ftruncate", IO), HIDDEN("ftruncate", INTR),
	BOTH("ftruncate", ROFS),
	BOTH("posix_fallocate", NOSPC), BOTH("posix_fallocate", FBIG),
	HIDDEN("posix_fallocate", INTR),
	BOTH("fallocate", NOSPC), BOTH("fallocate", IO),
	HIDDEN("fallocate", INTR),
	RENAME("rename"), RENAME("renameat"), RENAME("renameat2"),
	RENAME("link"), RENAME("linkat"),
	REMOVE("unlink"), REMOVE("unlinkat"), REMOVE("rmdir"),
	MAKE("mkdir"), MAKE("mkdirat"),
	LOOK("stat"), LOOK("lstat"), LOOK("fstat"), LOOK("fstatat"),
	LOOK("access"), LOOK("readlink"), LOOK("realpath"),
	BOTH("getcwd", NOMEM),
	LOOK("fstatfs"), HIDDEN("fstatfs", INTR),
	BOTH("fchmod", IO), BOTH("fchmod", NOMEM), BOTH("fchmod", ROFS),
	BOTH("fchown", IO), BOTH("fchown", ROFS),
	BOTH("mmap", NOMEM), BOTH("mmap", NFILE), BOTH("mmap", AGAIN),
	BOTH("mremap", NOMEM),
	BOTH("flock", NOLCK), HIDDEN("flock", INTR),
	BOTH("fcntl_lock", NOLCK), HIDDEN("fcntl_lock", INTR),
	HIDDEN("futex", INTR), HIDDEN("futex_waitv", INTR),
	BOTH("poll", NOMEM), HIDDEN("poll", INTR),
	BOTH("ppoll", NOMEM), HIDDEN("ppoll", INTR),
	HIDDEN("waitpid", INTR), HIDDEN("waitid", INTR),
	TABLE("pipe2"), TABLE("eventfd"), TABLE("pidfd_open"),
	BOTH("pidfd_open", NOMEM),
	BOTH("posix_spawn", AGAIN), BOTH("posix_spawn", NOMEM),
	BOTH("posix_spawnp", AGAIN), BOTH("posix_spawnp", NOMEM),
	BOTH("pthread_create", AGAIN),
	BOTH("timer_create", AGAIN), BOTH("timer_create", NOMEM),
	HIDDEN("getrandom", INTR),
	{NULL, NULL, 0, false, false},
};

const struct plan *
plan_at(int number)
{
	return plans[number].call == NULL ? NULL : &plans[number];
}

const struct plan *
plan_find(const char *call, const char *action)
{
	for (const struct plan *plan = plans; plan->call != NULL; plan++) {
		if (strcmp(plan->call, call) == 0 &&
		    strcmp(plan->action, action) == 0)
			return plan;
	}
	return NULL;
}

bool
plan_is_forever(const struct plan *plan)
{
	return strstr(plan->action, "forever") != NULL;
}

/* A sync that fails, for whatever reason, is an I/O error. */
static bool
is_sync(const struct plan *plan)
{
	return strcmp(plan->call, "fsync") == 0 ||
	    strcmp(plan->call, "fdatasync") == 0;
}

/* SQLite does not try a sync again, forgets why a companion of its database
 * could not be made, waits for a lock that there is no room for, and expects no
 * signal in a lock that it does not wait for (local file systems have none). */
static bool
is_sqlite_way(const struct plan *plan, const char *path, int status)
{
	if (strstr(path, "/index.db") == NULL)
		return false;
	return (plan->error == EINTR && is_sync(plan) && status == 71) ||
	    (strncmp(plan->call, "open", 4) == 0 && status == 71) ||
	    (plan->error == EINTR && strcmp(plan->call, "fcntl_lock") == 0 &&
	        (status == 71 || status == 75)) ||
	    (plan->error == ENOLCK && status == 75);
}

bool
plan_allows(const struct plan *plan, const char *path, int status)
{
	if (is_sqlite_way(plan, path, status))
		return true;
	if (plan->is_hidden)
		return false;
	switch (plan->error) {
	case EIO:
		return status == 74;
	case ENOSPC:
	case EDQUOT:
	case EFBIG:
		return status == 75 || (status == 74 && is_sync(plan));
	case EROFS:
	case EACCES:
		return status == 77;
	case EAGAIN:
		return status == 71 || status == 75;
	default:
		/* A worker may be started when there is memory again. */
		return status == 71 ||
		    (status == 75 && strncmp(plan->call, "posix_spawn", 11) == 0);
	}
}

/* SQLite has words of its own for some. */
bool
plan_is_told(const struct plan *plan, const char *text)
{
	static const char *const words[] = {
		"disk I/O error", "database or disk is full", "out of memory",
		"unable to open database file", "locking protocol",
		"database is locked", "readonly database",
	};

	if (strstr(text, strerror(plan->error)) != NULL)
		return true;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (strstr(text, words[i]) != NULL)
			return true;
	}
	return false;
}
