/* What members of a consumer group tell each other: what they subscribe to, and
 * who gets what (Kafka's consumer protocol, version 0; assignor "range"). */
#ifndef QUEUE_ASSIGNMENT_H
#define QUEUE_ASSIGNMENT_H

#include "base/cursor.h"

/* A member, and what it is to get. */
struct assignee {
	struct slice id;
	struct slice subscription;
	int32_t topics;    /* of which it gets something */
	struct buf places; /* encoded, without what goes before */
};

/* Names as they follow each other in a subscription or an assignment. */
struct assignment {
	struct cursor input;
	int32_t left;
};

void subscription_append(struct buf *out, const char *const *names,
    size_t count);

/* 1 and the next topic, 0 behind the last one; -FAIL_PROTOCOL. */
void assignment_open(struct assignment *names, struct slice bytes);
int subscription_next(struct assignment *names, struct slice *topic);

/* The same for an assignment; partitions is left for the caller to read:
 * count times cursor_be32 from names->input. */
int assignment_next(struct assignment *names, struct slice *topic,
    int32_t *count);

/* Shares out the partitions of a topic among those who subscribe to it: in the
 * order of their ids, in ranges as equal as can be. Sorts the assignees. */
void assignment_share(struct assignee *assignees, size_t count,
    struct slice topic, int32_t partitions);

/* The finished assignment. */
void assignment_append(struct buf *out, const struct assignee *assignee);

#endif
