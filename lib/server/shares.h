/* Shares: leases of share groups, on behalf of the members that are connected.
 *
 * For the index's thread. What KIP-932 calls acquired is a lease of the spool's
 * groups: the same that mq-get -g takes. */
#ifndef SERVER_SHARES_H
#define SERVER_SHARES_H

#include "kafka/share.h"
#include "spool/group.h"

/* The groups that a thread has joined, each on one topic. */
struct shares;
struct shares *shares_open(struct spool *spool);
void shares_close(struct shares *shares); /* accepts NULL */

/* What a member holds; all zero is a valid empty one. */
struct held {
	struct buf leases; /* internal */
};

/* Of one partition. */
struct share_place {
	const char *group;
	const unsigned char *topic_id;
	const char *topic;
	int partition;
	const struct share_terms *terms; /* of the session; NULL: Kafka's */
};

/* What the client says of a range. */
struct share_word {
	int64_t first;
	int64_t last;
	const int8_t *types; /* KIP-932's; one for all, or one for each */
	int32_t type_count;
	const struct share_details *details; /* or NULL */
	int64_t gap;         /* its last offset that no lease is held on, -1:
	                        none */
	bool is_lost;        /* out: some of it was not held any more */
};

/* The outcome that a type means; -FAIL_USAGE if there is no such. */
int shares_outcome(int8_t type, enum outcome *outcome);

/* Settles all that is said of a partition, durably. 0, -FAIL_NOTHING if some of
 * it was not held any more (the rest is done), -FAIL_USAGE for an unknown type
 * (nothing is done), or others. */
int shares_settle(struct shares *shares, struct held *held,
    const struct share_place *place, struct share_word *words,
    size_t count);

/* What was taken is not the member's any more, though it is leased: who has its
 * receipt settles it. */
void shares_let_go(struct shares *shares, struct held *held,
    const struct share_place *place, int64_t first, int64_t last);

/* What was taken, but the client will not get: as if it had not been. */
void shares_give_back(struct shares *shares, struct held *held,
    const struct share_place *place, int64_t first, int64_t last);

/* Takes up to count messages: 1 and the lease, which held keeps too; 0 and
 * *wake_ms, when to look again if no doorbell rings. */
int shares_take(struct shares *shares, struct held *held,
    const struct share_place *place, int64_t count, struct lease *lease,
    int64_t *wake_ms);

/* Gives everything back: to whoever asks next. Empties held. */
void shares_release(struct shares *shares, struct held *held);

/* No member of the group is connected any more: we are none of it, either. */
void shares_leave(struct shares *shares, const char *group);

/* How long leases last there, and how often messages are delivered at most; as
 * the topic says if nothing was taken yet. */
int64_t shares_max_attempts(struct shares *shares,
    const struct share_place *place, const struct topic *topic);
int64_t shares_lease_ms(struct shares *shares,
    const struct share_place *place, const struct topic *topic);

#endif
