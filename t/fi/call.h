/* The calls that are looked at, by name. */
#ifndef FI_CALL_H
#define FI_CALL_H

#include <stdbool.h>

/* Those that differ in the size of an offset only (open64) have one name.
 * Some have two, by what they are asked to do. */
#define CALLS(X) \
	X(open) X(open_creat) X(openat) X(openat_creat) X(creat) \
	X(close) X(opendir) X(fdopendir) X(readdir) X(closedir) \
	X(read) X(pread) X(readv) X(preadv) \
	X(write) X(pwrite) X(writev) X(pwritev) X(lseek) \
	X(fsync) X(fdatasync) X(sync_file_range) X(posix_fadvise) \
	X(ftruncate) X(fallocate) X(posix_fallocate) \
	X(rename) X(renameat) X(renameat2) X(link) X(linkat) \
	X(unlink) X(unlinkat) X(rmdir) X(mkdir) X(mkdirat) \
	X(stat) X(lstat) X(fstat) X(fstatat) X(fstatfs) X(access) \
	X(readlink) X(realpath) X(fchmod) X(fchown) X(utime) X(getcwd) \
	X(mmap) X(munmap) X(mremap) X(flock) X(flock_un) \
	X(fcntl) X(fcntl_lock) X(fcntl_unlock) \
	X(futex) X(futex_waitv) X(pidfd_open) \
	X(poll) X(ppoll) X(waitpid) X(waitid) X(pipe2) X(eventfd) \
	X(posix_spawn) X(posix_spawnp) X(pthread_create) X(timer_create) \
	X(getrandom) X(clock_gettime) X(setrlimit) X(dlopen) \
	X(malloc) X(calloc) X(realloc) X(memalign)

#define CALL_ITEM(name) CALL_##name,
enum call { CALLS(CALL_ITEM) CALL_COUNT };
#undef CALL_ITEM

static inline bool
is_allocation(enum call call)
{
	return call >= CALL_malloc;
}

#endif
