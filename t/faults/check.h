/* What must hold after a workload met a fault. */
#ifndef FAULTS_CHECK_H
#define FAULTS_CHECK_H

#include "trial.h"

/* Looks at how the workload ended, and then at what the spool holds and still
 * does, which changes it. plan NULL: there was no fault. Returns 0, or -1 and
 * why. */
int check_trial(struct trial *trial, const struct plan *plan,
    const struct site *call, char why[WHY_SIZE]);

#endif
