/* Locks held by the kernel: a killed holder blocks nobody. */
#ifndef BASE_LOCK_H
#define BASE_LOCK_H

#include <stdbool.h>
#include <stdint.h>

/*
 * A directory lock (flock on the directory's descriptor) cannot be lost by
 * deleting a file. It belongs to the open file description: processes that
 * must exclude each other open the directory for themselves.
 * lock_directory waits; with a timeout_ms >= 0 it fails with -FAIL_AGAIN.
 */
int lock_directory(int dir, int timeout_ms);
void unlock_directory(int dir);

/* OFD lock of one byte of a file opened for writing. lock_byte returns 1 if
 * it has the lock, 0 if somebody else does (never waits). */
int lock_byte(int fd, int64_t byte);
void unlock_byte(int fd, int64_t byte);

/* True if another open file description holds the byte. */
bool lock_is_held(int fd, int64_t byte);

#endif
