/* Calls that only fail, sleep, stop or kill: nothing of them is recorded. */
#include "plain.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <utime.h>

/* As the next one of that name, unless the call is over before: a lie then
 * returns `lie`, a failure `failed` with errno. */
#define PASS(type, function, call, fd, path, lie, failed, parameters, \
    arguments) \
	type function parameters \
	{ \
		static type (*real) parameters; \
		struct verdict verdict = rule_judge(CALL_##call, fd, path); \
		type result; \
		long over; \
\
		if (plain_is_over(verdict, 0, &over)) \
			return over == 0 ? lie : failed; \
		plain_next(&real, #function); \
		result = real arguments; \
		rule_after(verdict); \
		return result; \
	}

/* As PASS, of a call that gives something back and cannot pretend to. */
#define PASS_TRUE(type, function, call, fd, path, failed, parameters, \
    arguments) \
	type function parameters \
	{ \
		static type (*real) parameters; \
		struct verdict verdict = rule_judge(CALL_##call, fd, path); \
		type result; \
		long over; \
\
		verdict.is_lie = false; \
		if (plain_is_over(verdict, 0, &over)) \
			return failed; \
		plain_next(&real, #function); \
		result = real arguments; \
		rule_after(verdict); \
		return result; \
	}

PASS(int, close, close, fd, NULL, 0, -1, (int fd), (fd))
PASS(int, closedir, closedir, dirfd(dir), NULL, 0, -1, (DIR *dir), (dir))
PASS_TRUE(DIR *, opendir, opendir, AT_FDCWD, path, NULL, (const char *path),
    (path))
PASS_TRUE(DIR *, fdopendir, fdopendir, fd, NULL, NULL, (int fd), (fd))
PASS(struct dirent *, readdir, readdir, dirfd(dir), NULL, NULL, NULL,
    (DIR *dir), (dir))
PASS(struct dirent64 *, readdir64, readdir, dirfd(dir), NULL, NULL, NULL,
    (DIR *dir), (dir))
PASS_TRUE(off_t, lseek, lseek, fd, NULL, -1, (int fd, off_t at, int from),
    (fd, at, from))
PASS_TRUE(off64_t, lseek64, lseek, fd, NULL, -1,
    (int fd, off64_t at, int from), (fd, at, from))

PASS(int, sync_file_range, sync_file_range, fd, NULL, 0, -1,
    (int fd, off64_t at, off64_t size, unsigned flags),
    (fd, at, size, flags))
PASS(int, posix_fadvise, posix_fadvise, fd, NULL, 0, verdict.error,
    (int fd, off_t at, off_t size, int advice), (fd, at, size, advice))
PASS(int, posix_fadvise64, posix_fadvise, fd, NULL, 0, verdict.error,
    (int fd, off64_t at, off64_t size, int advice), (fd, at, size, advice))

#define PASS_STAT(type, suffix) \
	PASS_TRUE(int, stat##suffix, stat, AT_FDCWD, path, -1, \
	    (const char *restrict path, struct type *restrict into), \
	    (path, into)) \
	PASS_TRUE(int, lstat##suffix, lstat, AT_FDCWD, path, -1, \
	    (const char *restrict path, struct type *restrict into), \
	    (path, into)) \
	PASS_TRUE(int, fstat##suffix, fstat, fd, NULL, -1, \
	    (int fd, struct type *into), (fd, into)) \
	PASS_TRUE(int, fstatat##suffix, fstatat, dir, path, -1, \
	    (int dir, const char *restrict path, \
	        struct type *restrict into, int flags), \
	    (dir, path, into, flags))

PASS_STAT(stat, )
PASS_STAT(stat64, 64)
PASS_TRUE(int, fstatfs, fstatfs, fd, NULL, -1, (int fd, struct statfs *into),
    (fd, into))
PASS_TRUE(int, access, access, AT_FDCWD, path, -1,
    (const char *path, int mode), (path, mode))
PASS_TRUE(ssize_t, readlink, readlink, AT_FDCWD, path, -1,
    (const char *restrict path, char *restrict into, size_t size),
    (path, into, size))
PASS_TRUE(char *, realpath, realpath, AT_FDCWD, path, NULL,
    (const char *restrict path, char *restrict into), (path, into))
PASS_TRUE(char *, getcwd, getcwd, -1, NULL, NULL, (char *into, size_t size),
    (into, size))
PASS(int, fchmod, fchmod, fd, NULL, 0, -1, (int fd, mode_t mode), (fd, mode))
PASS(int, fchown, fchown, fd, NULL, 0, -1, (int fd, uid_t user, gid_t group),
    (fd, user, group))
PASS(int, utime, utime, AT_FDCWD, path, 0, -1,
    (const char *path, const struct utimbuf *times), (path, times))

PASS(int, poll, poll, -1, NULL, 0, -1,
    (struct pollfd *all, nfds_t count, int timeout), (all, count, timeout))
PASS(int, ppoll, ppoll, -1, NULL, 0, -1,
    (struct pollfd *all, nfds_t count, const struct timespec *timeout,
        const sigset_t *mask),
    (all, count, timeout, mask))
PASS_TRUE(pid_t, waitpid, waitpid, -1, NULL, -1,
    (pid_t pid, int *status, int options), (pid, status, options))
PASS_TRUE(int, waitid, waitid, -1, NULL, -1,
    (idtype_t type, id_t id, siginfo_t *into, int options),
    (type, id, into, options))
PASS_TRUE(int, pipe2, pipe2, -1, NULL, -1, (int ends[2], int flags),
    (ends, flags))
PASS_TRUE(int, eventfd, eventfd, -1, NULL, -1, (unsigned value, int flags),
    (value, flags))
PASS_TRUE(int, posix_spawn, posix_spawn, AT_FDCWD, path, verdict.error,
    (pid_t *restrict pid, const char *restrict path,
        const posix_spawn_file_actions_t *restrict actions,
        const posix_spawnattr_t *restrict attributes,
        char *const *restrict argv, char *const *restrict environment),
    (pid, path, actions, attributes, argv, environment))
PASS_TRUE(int, posix_spawnp, posix_spawnp, AT_FDCWD, path, verdict.error,
    (pid_t *restrict pid, const char *restrict path,
        const posix_spawn_file_actions_t *restrict actions,
        const posix_spawnattr_t *restrict attributes,
        char *const *restrict argv, char *const *restrict environment),
    (pid, path, actions, attributes, argv, environment))
PASS_TRUE(int, pthread_create, pthread_create, -1, NULL, verdict.error,
    (pthread_t *restrict thread, const pthread_attr_t *restrict attributes,
        void *(*run)(void *), void *restrict argument),
    (thread, attributes, run, argument))
PASS_TRUE(int, timer_create, timer_create, -1, NULL, -1,
    (clockid_t clock, struct sigevent *restrict event,
        timer_t *restrict timer),
    (clock, event, timer))
PASS_TRUE(ssize_t, getrandom, getrandom, -1, NULL, -1,
    (void *into, size_t size, unsigned flags), (into, size, flags))
PASS(int, setrlimit, setrlimit, -1, NULL, 0, -1,
    (__rlimit_resource_t what, const struct rlimit *limit), (what, limit))
PASS_TRUE(void *, dlopen, dlopen, AT_FDCWD, path, NULL,
    (const char *path, int mode), (path, mode))
