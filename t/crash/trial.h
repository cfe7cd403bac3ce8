/* States of a disk, tried one after the other in a process of their own. */
#ifndef CRASH_TRIAL_H
#define CRASH_TRIAL_H

#include "model.h"
#include "verify.h"

enum { DEPTH_MAX = 4, TRIALS_MAX = 512 };

struct trial {
	struct image image;
	struct state *state;  /* that the image is of */
	bool is_killed;       /* no power cut was before it */
	const char *boot;     /* id that is seen now; NULL: this machine's */
	struct trace_clocks clocks; /* when the crash was: time goes on there */
	uint64_t key;         /* of boot and promises */
	bool has_failed;      /* out */
	char *why;            /* out: what is wrong, or NULL */
};

/* The boot after a crash at that depth: another one after a power cut, else
 * that of the run. *is_killed: out, if there was no cut at all. */
const char *trial_boot(int depth, const char *of_run, bool *is_killed);

/* Verifies each. spool is its path on the disk. */
void trial_run(struct trial *trials, int count, const char *spool,
    const struct promises *promises);

/* Recovers the state under a recorder, to the file trace; NULL. */
const struct trace *trial_record(const struct trial *trial, const char *spool,
    const char *trace);

#endif
