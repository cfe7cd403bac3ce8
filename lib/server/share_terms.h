/* The terms of a share session: how it takes leases. */
#ifndef SERVER_SHARE_TERMS_H
#define SERVER_SHARE_TERMS_H

#include "kafka/share.h"
#include "spool/group.h"

/* Copies them, so that they outlive their request; NULL if they cannot be. */
struct share_terms *share_terms_copy(const struct share_terms *terms);
void share_terms_free(struct share_terms *terms); /* accepts NULL */

/* True if leases are taken alike; both may be NULL. Where a new group begins is
 * not looked at. */
bool is_share_terms_equal(const struct share_terms *one,
    const struct share_terms *other);

/* For group_join; context of start is the terms, which must outlive the group.
 * NULL: Kafka's. */
struct group_options share_terms_options(const struct share_terms *terms);

#endif
