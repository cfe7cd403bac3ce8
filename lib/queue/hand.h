/* The hand of a consumer: what it has settled and not yet told the group. */
#ifndef QUEUE_HAND_H
#define QUEUE_HAND_H

#include "spool/group.h"

/* One settlement on its way. What failure refers to is copied. */
struct verdict {
	struct lease lease;
	int64_t first;
	int64_t last;
	enum outcome outcome;
	int64_t delay_ms;
	bool is_attempt;
	bool has_failure;
	struct failure failure;
	struct buf errors;   /* behind failure.errors */
	struct buf reason;   /* behind failure.reason */
	bool lost;           /* filled by hand_exchange */
	void *context;       /* the caller's */
};

struct hand {
	struct group *group;
	struct buf verdicts; /* of struct verdict */
	struct buf table;    /* kept for the exchange */
	/* Told of every verdict after the exchange; may be NULL. */
	void (*told)(const struct verdict *verdict, void *context);
	void *context;
};

void hand_init(struct hand *hand, struct group *group);
void hand_release(struct hand *hand);
bool is_hand_empty(const struct hand *hand);
size_t hand_count(const struct hand *hand);

/* Adds a verdict on first..last of a lease; nothing if first > last. Joined to
 * the one before where both acknowledge or renew neighbours of one lease.
 * Valid until the next call; NULL if joined or nothing. */
struct verdict *hand_add(struct hand *hand, const struct lease *lease,
    int64_t first, int64_t last, enum outcome outcome);

/* Gives back first..last, free at once and not counted as an attempt. */
void hand_give_back(struct hand *hand, const struct lease *lease,
    int64_t first, int64_t last);

void verdict_set_failure(struct verdict *verdict,
    const struct failure *failure);

/* group_exchange with all verdicts, which are forgotten once they are done,
 * durable or not. Returns the number of lost ones. */
int hand_exchange(struct hand *hand, const struct want *want,
    struct lease *lease, int64_t *wake_ms);

#endif
