/* Ranges of messages: the rows of leases, delays and settled gaps (internal to
 * groups). */
#ifndef SPOOL_RANGE_H
#define SPOOL_RANGE_H

#include "spool/sub.h"

/* A row of the table range; see enum range_state. */
struct range {
	int64_t first;
	int64_t last;
	int64_t state;
	int64_t attempt;
	int64_t until;    /* SQL_NULL: not waiting for a time */
	int64_t duration;
	int64_t token;
	int64_t session;
	int64_t key_hash; /* SQL_NULL: none */
};

/* The row that holds offset, or the first behind it. 1 or 0. */
int range_find(struct sub *sub, int64_t offset, struct range *range);
int range_first_ready(struct sub *sub, struct range *range);
int range_add(struct sub *sub, const struct range *range);

/* Removes the part first..last of a row; what is left of it stays. */
int range_carve(struct sub *sub, const struct range *range, int64_t first,
    int64_t last);

/* Settles first..last, which no row holds any more: merges with settled
 * neighbours, or moves start up. */
int range_settle(struct sub *sub, int64_t first, int64_t last);

/* Makes ready what was leased or delayed until now, some at a time. */
int range_promote(struct sub *sub, int64_t now_ms);

/* When the next of them is due: INT64_MAX if none waits. */
int range_next_due(struct sub *sub, int64_t *until_ms);

#endif
