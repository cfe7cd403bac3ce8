/* ORDER_KEY: one row a message, a key held by one lease at a time (internal to
 * groups). */
#ifndef SPOOL_KEYED_H
#define SPOOL_KEYED_H

#include "spool/range.h"

/*
 * Invariant: of the unsettled rows with one key hash only the lowest may be
 * anything else than RANGE_PARKED. So what is ready may be taken.
 */

/* Reads some more of the log and gives each message a row, ready or parked.
 * Nothing happens while many are parked. Returns the number of rows made. */
int keyed_refill(struct sub *sub);

/* A message with that key is settled: the next one is ready. */
int keyed_unpark(struct sub *sub, int64_t key_hash);
int keyed_unpark_all(struct sub *sub);

#endif
