/* Faults by rules, given in the environment.
 *
 *   FI="CALL[:KEY=VALUE]...[;RULE]..."
 *
 *   fdatasync:path=*.log:nth=3:do=errno(EIO)
 *   pwrite:nth=7:do=torn(512)+kill;@(open|openat):do=errno(EMFILE)
 *
 * CALL is a name of call.h or a pattern of them, "any" for every system call,
 * "alloc" for every allocation. Patterns are fnmatch(3)'s with FNM_EXTMATCH.
 *
 *   path=PATTERN     only on a file with such a path (that of the descriptor)
 *   program=PATTERN  only in such a program
 *   site=PATTERN     only from such a place: see sites.h
 *   nth=N            only the Nth of those that fit; else each
 *   do=ACTION[+ACTION]...
 *
 *   errno(E)      the call fails: a name or a number
 *   short(N)      at most N bytes are read or written
 *   torn(N)+kill  N bytes are written, then kill -9
 *   kill-before   kill -9 before the call, kill-after: behind it
 *   stop          SIGSTOP before the call
 *   delay(US)     sleeps before the call
 *   lie           claims success and does nothing (a read: the end); a call
 *                 that must give something back is made all the same
 *   forever       from nth on, each time
 *
 * FI_COUNT names a file in which all processes of a run count together (struct
 * rule_counts); without it each counts for itself. FI_SITES names a file that
 * tells of each call: see sites.h. FI_CLOCK names one of three int64_t,
 * nanoseconds that are added to the wall clock, the boot clock and the
 * monotonic one. FI_BOOT is another boot id. FI_FAST ends every sleep at once,
 * and nothing is synced. FI_TRACE names the trace to add to. */
#ifndef FI_RULE_H
#define FI_RULE_H

#include "call.h"

#include <stddef.h>
#include <stdint.h>

enum { RULES_MAX = 8, PATTERN_MAX = 200 };

/* Calls that fitted each rule, faults, and the calls that were told of. */
struct rule_counts {
	uint64_t calls[RULES_MAX];
	uint64_t faults[RULES_MAX];
	uint64_t told;
};

/* What is to become of a call; all zero is nothing unusual. */
struct verdict {
	int error;        /* fail with it */
	bool is_lie;
	bool is_limited;
	size_t limit;     /* bytes, if limited */
	bool kills_after;
};

struct rule {
	bool fits[CALL_COUNT];
	char path[PATTERN_MAX]; /* "" is any */
	char program[PATTERN_MAX];
	char site[PATTERN_MAX];
	uint64_t nth;           /* 0: each */
	bool is_forever;
	bool kills_before;
	bool stops;
	long delay_us;
	const char *actions;    /* as they were written */
	struct verdict verdict;
};

/* Parses FI into rules; ends the process if it cannot. Returns how many. */
size_t rule_parse(const char *text, struct rule *rules);

/* Delays, stops and kills at once; the rest is up to the caller. The path is
 * that of fd, or of name below the directory fd; fd < 0 and NULL: none. */
struct verdict rule_judge(enum call call, int fd, const char *name);

/* Kills if the verdict says so; keeps errno. */
void rule_after(struct verdict verdict);

/* Between these two this thread's calls are our own: nobody judges them. */
void rule_pause(void);
void rule_resume(void);

/* nanoseconds that FI_CLOCK adds: wall, boot, monotonic; or NULL. */
const int64_t *rule_clock(void);

#endif
