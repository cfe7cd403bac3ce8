/* The calls that calls_*.c put in the place of the C library's. */
#ifndef CRASH_CALLS_H
#define CRASH_CALLS_H

#include "disk.h"

/* The kernel's, for what is not on the disk in memory. */
long plain(long number, ...);

/* Around an operation; the recorder gets what it is given between these. */
bool calls_begin(void);
void calls_end(bool is_traced);

/* Takes a last look at mappings. */
void calls_finish(void);

/* Lets go of what a closed descriptor held. */
void calls_unlock(int fd);

/* The boot id that is seen from now on; NULL: this machine's. */
void calls_set_boot(const char *id);

/* Where time begins from the next reset on: that of a trace, which means the
 * same whenever it is tried. */
void calls_set_clocks(const struct trace_clocks *clocks);

/* What is opened in the place of a file of the kernel; -1: none. */
int calls_open_instead(const char *path);

/* Locks, mappings, time and chance begin anew, so that the same state takes
 * the same course. Where no clocks were set, time begins where it was when
 * this was first called; before that it is the kernel's. */
void calls_reset(uint64_t seed);
void calls_reset_time(uint64_t seed);
void calls_reset_locks(void);
void calls_reset_maps(void);

#endif
