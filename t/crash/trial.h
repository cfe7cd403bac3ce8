/* One state of a disk, put there and given to a fresh process. */
#ifndef CRASH_TRIAL_H
#define CRASH_TRIAL_H

#include "model.h"
#include "verify.h"

struct trial {
	const char *scratch;
	const char *spool;
	const struct promises *promises;
	bool is_killed;
	const char *boot;    /* boot id that is seen now; NULL: this machine's */
	char root[512];      /* out: where the state is */
	char why[WHY_SIZE];  /* out: what is wrong */
};

/* The boot after a crash at that depth: another one after a power cut. */
const char *trial_boot(int depth, bool is_killed);

/* Verifies the state. 0 or -1. */
int trial_run(struct trial *trial, const struct image *image);

/* Recovers the state under a recorder, and opens the model of that; -1. */
int trial_record(struct trial *trial, const struct image *image,
    struct model *model);

#endif
