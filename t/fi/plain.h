/* The system calls behind those that we put ourselves before. */
#ifndef FI_PLAIN_H
#define FI_PLAIN_H

#include "rule.h"
#include "trace.h"

#include <time.h>

/* syscall(2) of the C library. */
long plain(long number, ...);

/* Sets *function, a pointer to one, to that of the C library, once. */
void plain_next(void *function, const char *name);

/* A deadline by the monotonic clock of the test, as the kernel has it. */
struct timespec plain_deadline(const struct timespec *ours);

/* The inode of an open regular file (or, any: of whatever it is); 0. */
uint64_t plain_file(int fd, bool any);

/* The inode of the directory that a path's last name is in, and that name. */
uint64_t plain_parent(int dir, const char *path, const char **name);

/* Locks and looks if there is a trace; what is called until the end is ours. */
bool plain_begin(void);
void plain_end(bool is_traced);

/* True if the call is over: failed, with errno, or *result of a lie. */
bool plain_is_over(struct verdict verdict, long lie, long *result);

#endif
