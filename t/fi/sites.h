/* Where in a program a call comes from, and a list of all calls.
 *
 * With FI_SITES=FILE each call that fits a rule (without rules: each system
 * call) adds a line to FILE:
 *
 *   NUMBER <tab> CALL <tab> PROGRAM <tab> PID <tab> SITE <tab> PATH <tab> DONE
 *
 * NUMBER is what nth= of the first rule that fits would name. SITE is the
 * chain of callers, at most 3, as OBJECT+OFFSET: "mq-put+3f20<mq-put+41aa".
 * DONE is the actions of the rule that struck, or "-". */
#ifndef FI_SITES_H
#define FI_SITES_H

#include "call.h"

#include <stddef.h>
#include <stdint.h>

enum { SITE_MAX = 300 };

/* The caller of whoever called into this library. */
void site_find(char site[SITE_MAX]);

void site_tell(const char *file, uint64_t number, enum call call,
    const char *site, const char *path, const char *done);

#endif
