/* Leased messages: reading what a lease covers through the log. */
#ifndef QUEUE_LEASED_H
#define QUEUE_LEASED_H

#include "queue/filter.h"
#include "queue/framing.h"
#include "spool/group.h"

struct leased;

/* filter may be NULL. notice is told of damaged ranges, which are passed
 * over. */
void leased_open(struct leased **leased, const struct filter *filter,
    void (*notice)(const char *text, bool is_damage, void *context),
    void *context);

/* Begins at offset from of a lease, which is copied. Readers are kept, so that
 * leases that follow each other read each batch once. */
int leased_begin(struct leased *leased, const struct lease *lease,
    int64_t from);

/* 1 and the next message that matches (views valid until the next call): what
 * lies between it and the one before does not match, is damaged or gone.
 * 0 at the end, -FAIL_... if the log cannot be read. */
int leased_next(struct leased *leased, struct message *message);

/* After 0: the first offset that was not looked for; behind the lease, unless
 * the log ended before it. */
int64_t leased_end(const struct leased *leased);
void leased_close(struct leased *leased); /* accepts NULL */

#endif
