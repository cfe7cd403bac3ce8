/* Group commit of the index: SPOOL/commit says which transactions are
 * durable. */
#ifndef SPOOL_WALCOMMIT_H
#define SPOOL_WALCOMMIT_H

#include "spool/indexfile.h"
#include "spool/sql.h"

/* One process's view of SPOOL/commit. The file is a hint: it can be deleted or
 * overwritten at any time, and then everybody syncs for himself. */
struct walcommit;

void walcommit_open(struct walcommit **commit, int dir);
void walcommit_close(struct walcommit *commit); /* accepts NULL */

/* Waits until all that was committed up to the moment `when_us` (clock_boot_us
 * after the COMMIT) is durable. */
int walcommit_wait(struct walcommit *commit, struct sql *sql,
    const struct index_identity *identity, int64_t when_us);

/* A checkpoint, under the index lock, begins, or is over without an I/O error:
 * it syncs the WAL as well. */
void walcommit_move(struct walcommit *commit, bool begins);

/* The stamp of index.db when it last was known to be whole; kept here because a
 * copy of index.db put back would bring its own. Set and asked under the index
 * lock. */
void walcommit_set_stamp(struct walcommit *commit, int64_t stamp);
bool is_walcommit_stamp(const struct walcommit *commit, int64_t stamp);

/* True if another one is known: not if none is. */
bool is_walcommit_overwritten(const struct walcommit *commit, int64_t stamp);

#endif
