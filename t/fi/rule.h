/* Faults by rules, given in the environment.
 *
 *   FI="OP:PATTERN:NTH:ACTION[,ACTION]...[;RULE]..."
 *
 * OP is open, read, write, truncate, rename, unlink, mkdir, sync, lock, map
 * or any. PATTERN (fnmatch) is for the whole path of the file. NTH is a
 * number, a number and "+" (from that call on, for ever) or "*" (each).
 *
 *   errno=EIO     the call fails
 *   short=N       at most N bytes are read or written
 *   torn=N        N bytes are written, then the process is killed
 *   kill-before   kill -9, kill-after
 *   kill-after
 *   stop          SIGSTOP before the call
 *   delay=US      sleeps before the call
 *   lie           claims success and does nothing
 *
 * FI_COUNT names a file that all processes of a run count calls in; without it
 * each counts for itself. FI_CLOCK names one of two int64_t, nanoseconds that
 * are added to the wall clock and to the others. FI_BOOT is another boot id.
 * FI_FAST ends every sleep at once, and nothing is synced. FI_TRACE names the
 * trace to add to. */
#ifndef FI_RULE_H
#define FI_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum rule_op {
	RULE_OPEN = 1 << 0,
	RULE_READ = 1 << 1,
	RULE_WRITE = 1 << 2,
	RULE_TRUNCATE = 1 << 3,
	RULE_RENAME = 1 << 4,
	RULE_UNLINK = 1 << 5,
	RULE_MKDIR = 1 << 6,
	RULE_SYNC = 1 << 7,
	RULE_LOCK = 1 << 8,
	RULE_MAP = 1 << 9,
};

enum { RULES_MAX = 8 };

/* What counts the calls that matched each rule, and the faults. */
struct rule_counts {
	uint64_t calls[RULES_MAX];
	uint64_t faults[RULES_MAX];
};

/* What is to become of a call; all zero is nothing unusual. */
struct verdict {
	int error;        /* fail with it */
	bool is_lie;
	bool is_limited;
	size_t limit;     /* bytes, if limited */
	bool kills_after;
};

/* Delays, stops and kills at once; the rest is up to the caller. The path is
 * that of fd, or of name below the directory fd. */
struct verdict rule_judge(enum rule_op op, int fd, const char *name);

/* Kills if the verdict says so; keeps errno. */
void rule_after(struct verdict verdict);

/* nanoseconds that FI_CLOCK adds: [0] wall clock, [1] others; or NULL. */
const int64_t *rule_clock(void);

#endif
