/* Recovers a spool after a crash and checks what was promised. */
#ifndef CRASH_VERIFY_H
#define CRASH_VERIFY_H

#include "promise.h"

/* Opens all there is, as the first tool after the crash does. */
int verify_recover(const char *spool);

/* Everything; is_killed: by a kill and not by a power cut. 0, or -1 and a
 * sentence in why. Changes the spool. Where a state recovers to bytes that
 * were recovered to before, with the same key (of the promises and the boot)
 * and the same things seen, what would follow is known, and left out. */
enum { WHY_SIZE = 1024 };
int verify(const char *spool, const struct promises *promises, bool is_killed,
    uint64_t key, char why[WHY_SIZE]);

/* Shares what is known with the processes that are forked from now on. */
void verify_share(void);

#endif
