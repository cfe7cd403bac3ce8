/* Damage that must be seen, so that the others count. */
#ifndef DAMAGE_SELFTEST_H
#define DAMAGE_SELFTEST_H

#include "trial.h"

/* 0 if the harness finds what is wrong: bytes that were never put, a batch
 * that is missing, one that is not named, bytes that are gone. */
int selftest(int topic_dir);

#endif
