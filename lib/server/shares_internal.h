/* What the parts of shares share. */
#ifndef SERVER_SHARES_INTERNAL_H
#define SERVER_SHARES_INTERNAL_H

#include "server/shares.h"

/* A group on a topic. Invariant: topic has this id. */
struct share {
	char *name;
	struct share_terms *terms; /* or NULL */
	struct topic *topic;
	struct group *group;
	struct share *next;
};

/* A lease of a member, or what is left of it. */
struct piece {
	struct share *share;
	struct lease lease;
};

/* The group on the topic, joined on first use. */
int shares_find(struct shares *shares, const struct share_place *place,
    struct share **out);

struct piece *shares_pieces(struct held *held, size_t *count);

/* Nothing of first..last is held any more. */
void shares_forget(struct held *held, const struct share *share, int partition,
    int64_t first, int64_t last);

#endif
