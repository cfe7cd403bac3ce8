/* The hand of a consumer: what it has settled and not yet told the group. */
#ifndef QUEUE_HAND_H
#define QUEUE_HAND_H

#include "queue/supply.h"

/* One settlement on its way. What failure refers to is copied. */
struct verdict {
	struct grant grant;
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
	bool is_done;        /* the first one's: all are, also if it failed */
	void *context;       /* the caller's */
};

struct hand {
	struct supply *supply;
	struct buf verdicts; /* of struct verdict */
	/* Told of every verdict after the exchange; may be NULL. */
	void (*told)(const struct verdict *verdict, void *context);
	void *context;
};

void hand_init(struct hand *hand, struct supply *supply);
void hand_release(struct hand *hand);
bool is_hand_empty(const struct hand *hand);
size_t hand_count(const struct hand *hand);

/* Adds a verdict on first..last of a grant; nothing if first > last. Joined to
 * the one before where both acknowledge or renew neighbours of one grant.
 * Valid until the next call; NULL if joined or nothing. */
struct verdict *hand_add(struct hand *hand, const struct grant *grant,
    int64_t first, int64_t last, enum outcome outcome);

/* Gives back first..last, free at once and not counted as an attempt. */
void hand_give_back(struct hand *hand, const struct grant *grant,
    int64_t first, int64_t last);

void verdict_set_failure(struct verdict *verdict,
    const struct failure *failure);

/* An exchange with all verdicts, which are forgotten once they are done,
 * durable or not. Returns the number of lost ones. */
int hand_exchange(struct hand *hand, const struct want *want,
    struct grant *grant, int64_t *wake_ms);

#endif
