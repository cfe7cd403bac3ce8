/* ORDER_PARTITION: sharing out partitions among the members (internal to
 * groups). */
#ifndef SPOOL_ORDERED_H
#define SPOOL_ORDERED_H

#include "spool/member.h"

/*
 * Every member takes free partitions up to its fair share, and gives back what
 * is above it as soon as no lease of its own is on it: two steps, so that a
 * partition never has two owners. The share follows from the number of members
 * and our place among them, by session id.
 *
 * Renews our heartbeat. Cheap while nothing has changed; is_forced looks
 * anyway.
 */
int ordered_balance(struct group *group, int64_t now_ms, bool is_forced);

/* When the first of the other members would count as gone. */
int64_t ordered_next_silence(const struct group *group);

#endif
