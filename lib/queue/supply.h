/* A supply: where a consumer's messages come from, a group of a spool or of
 * brokers. */
#ifndef QUEUE_SUPPLY_H
#define QUEUE_SUPPLY_H

#include "queue/filter.h"
#include "queue/framing.h"
#include "spool/group.h"

struct supply;
struct verdict;

/* Messages first..last of a partition, which are ours for a time. */
struct grant {
	size_t topic;    /* its number in the supply */
	int partition;
	int64_t first;
	int64_t last;    /* below first: nothing was granted */
	uint64_t token;  /* the fencing number, for receipts; 0: not known */
	uint64_t serial; /* grants of another serial are others */
	int attempt;     /* 1 at the first delivery */
};

#define GRANT_NONE ((struct grant){.first = 0, .last = -1})

static inline bool
is_grant_empty(const struct grant *grant)
{
	return grant->last < grant->first;
}

/* What a supply of some kind does. */
struct supply_kind {
	/* Settles (what is lost is marked), then takes up to want->count
	 * messages: as group_exchange. *wake_ms 0: ask again at once. */
	int (*exchange)(struct supply *supply, struct verdict *verdicts,
	    size_t count, const struct want *want, struct grant *grant,
	    int64_t *wake_ms);
	/* After an exchange that granted nothing: sleeps until there may be
	 * more, until_ms or a signal. */
	int (*sleep)(struct supply *supply, int64_t until_ms);
	/* The same for poll(2): the descriptor becomes readable. 1 if there is
	 * more already. */
	int (*arm)(struct supply *supply, int *descriptor);
	/* It has: true if it is worth an exchange. */
	bool (*answer)(struct supply *supply);
	/* Reads a grant from an offset on. Grants are read in the order in
	 * which they came. next: 1 and a message that matches (views valid
	 * until the next call); 0 at the end. end: the first offset that was
	 * not looked for, behind the grant unless its log ended before. */
	int (*begin)(struct supply *supply, const struct grant *grant,
	    int64_t from);
	int (*next)(struct supply *supply, struct message *message);
	int64_t (*end)(const struct supply *supply);
	const char *(*topic)(const struct supply *supply, size_t topic);
	/* How often a grant is to be renewed, and when a message has failed
	 * too often (INT64_MAX: not known). */
	int64_t (*renew_ms)(const struct supply *supply, size_t topic);
	int64_t (*max_attempts)(const struct supply *supply, size_t topic);
	/* A line for people, or NULL; as group_notice. */
	const char *(*notice)(struct supply *supply);
	/* Leaves: what is still held is free, unless it is manual. */
	void (*close)(struct supply *supply);
};

/* How messages are read. */
struct supply_reading {
	const struct filter *filter; /* NULL: every message */
	/* Told of damaged ranges, which are passed over. */
	void (*notice)(const char *text, bool is_damage, void *context);
	void *context;
};

struct supply {
	const struct supply_kind *kind;
	const char *group;
	struct supply_reading reading;
};

/* The receipt of a part of a grant. */
void supply_receipt(const struct supply *supply, const struct grant *grant,
    int64_t first, int64_t last, struct buf *out);

void supply_close(struct supply *supply); /* accepts NULL */

#endif
