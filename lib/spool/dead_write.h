/* Writing dead letters, exactly once (internal to groups). */
#ifndef SPOOL_DEAD_WRITE_H
#define SPOOL_DEAD_WRITE_H

#include "spool/range.h"

/*
 * Writes a letter for each message of a part, inside of the transaction that
 * then settles it. A letter is known by its source: group, topic id, partition,
 * offset and generation; before writing, the index catches up with the dead-
 * letter topic's log under the index lock, so that a letter written by a
 * process that died before its commit is found.
 *
 * 1: all letters are stored as the dead-letter topic's sync mode promises. 0:
 * they cannot be now (no space, bad configuration; index_notice says).
 * Negative: the transaction has failed.
 */
int dead_write(struct sub *sub, const struct range *part,
    const struct failure *failure);

#endif
