/* What a workload may have done: whole, not at all, or what it says. */
#ifndef FAULTS_EFFECT_H
#define FAULTS_EFFECT_H

#include "trial.h"

/* True if, after a failure, the same again may end so: it was done before. */
bool effect_allows_again(enum kind kind, int status);

/* What it printed: all, and of a failure the beginning. 0, or -1 and why. */
int effect_check_output(const struct trial *trial, char why[WHY_SIZE]);

/* What the spool holds after the workload, again if it failed, and a put of
 * "after". 0, or -1 and why. */
int effect_check(struct trial *trial, char why[WHY_SIZE]);

#endif
