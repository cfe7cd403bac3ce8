/* Groups: leases on ranges of messages, acknowledgements, ordered membership.
 *
 * The model is Kafka's share group (KIP-932): available, acquired,
 * acknowledged, archived. State lives in the index; see mq(7) and mq-spool(5). */
#ifndef SPOOL_GROUP_H
#define SPOOL_GROUP_H

#include "spool/topic.h"

enum group_order {
	ORDER_NONE,      /* any message to any consumer */
	ORDER_KEY,       /* a key is held by one lease at a time, in order */
	ORDER_PARTITION, /* a member owns whole partitions, with one lease on
	                    each at a time, in order */
};

struct group_options {
	enum group_order order;
	bool is_session;         /* leases die with this process */
	int64_t lease_ms;        /* 0: the group's setting, or the topic's */
	int64_t max_attempts;    /* 0: the topic's */
	int64_t backoff_low_ms;  /* -1: the topic's */
	int64_t backoff_high_ms;
	int64_t (*start)(struct topic *topic, int partition, void *context);
	void *context;           /* start: where a new group begins; NULL: as
	                            its settings say, or at the log's start */
	int64_t heartbeat_ms;    /* ORDER_PARTITION: a member silent for so long
	                            has lost its partitions; 0: the default */
};

/* A member of an ordered group must call group_exchange (with nothing, if need
 * be) at least every third of this while it holds a lease; group_sleep returns
 * in time for it. */
enum { GROUP_HEARTBEAT_MS = 10000 };

/* A group as one process uses it: a member, on one or several topics. */
struct group;

/* Joins (an instant member); the group is made if it is new. topics stay the
 * caller's and must outlive it. -FAIL_USAGE if living members use another
 * order. */
int group_join(struct group **group, struct spool *spool, const char *name,
    struct topic **topics, size_t topic_count,
    const struct group_options *options);

/* 1 and the order that a group has by now, 0 if there is no such group. */
int group_order_of(struct spool *spool, const char *name,
    enum group_order *order);

/* How long its leases last on a topic of its own, as it knows by now. */
int64_t group_lease_ms(const struct group *group, const struct topic *topic);

/* How often it delivers a message at most, in the same way. */
int64_t group_max_attempts(const struct group *group,
    const struct topic *topic);

/* What the group had to put up with since the last call (a damaged index that
 * was put aside, a dead letter that cannot be written), one line; or NULL. */
const char *group_notice(struct group *group);

/* Leaves: what it still holds as session leases is free at once. */
void group_leave(struct group *group); /* accepts NULL */

/*
 * A lease on the messages first..last of a partition (offsets missing in
 * between, by compaction or damage, are settled with the rest).
 * token is the fencing number: whoever settles names it, and fails if the
 * lease has been given to somebody else since.
 */
struct lease {
	struct topic *topic;
	int partition;
	int64_t first;
	int64_t last;
	uint64_t token;
	int attempt;         /* 1 at the first delivery */
	int64_t deadline_ms; /* clock_boot_ms */
};

enum outcome {
	OUTCOME_ACCEPT,  /* acknowledged: never again */
	OUTCOME_RELEASE, /* available again, after delay_ms */
	OUTCOME_REJECT,  /* a dead letter now */
	OUTCOME_RENEW,   /* held for another lease time */
};

/* What a consumer left behind about a failed delivery; kept with the dead
 * letter. */
struct failure {
	const char *reason;  /* NULL: the default text of the outcome */
	int exit_status;     /* -1: did not exit */
	int signal;          /* 0: none */
	int64_t started_ms;  /* wall clock, 0: unknown */
	int64_t ended_ms;
	struct slice errors; /* the end of the worker's stderr */
};

struct settlement {
	const struct lease *lease;
	int64_t first;       /* a part of the lease, or all of it */
	int64_t last;
	enum outcome outcome;
	int64_t delay_ms;    /* release: -1 is the back-off of this attempt */
	int64_t lease_ms;    /* renew: 0 is the group's lease */
	bool is_attempt;     /* release: false gives the attempt back */
	const struct failure *failure;
	bool skips_trimmed;  /* messages that the log has trimmed are no loss */
	bool is_punctual;    /* lost once its time is over, though nobody else
	                      * has taken it yet */
	int64_t start;       /* out: all below it was settled before */
	int lost;            /* out: 1 if the lease was not ours any more */
	bool is_done;        /* out: true after an error as well, if only
	                      * durability failed; then lost counts */
};

struct want {
	int64_t count;       /* at most that many messages; 0: nothing wanted */
	int partition;       /* -1: any */
};

/* Settles, then acquires, in one transaction of the index; what must survive
 * power loss (accept, reject) is durable on return (one sync shared with
 * others) unless mq.sync of the topic is not always. A release beyond max
 * attempts becomes a dead letter. Returns the number of leases lost among the
 * settlements (each marked). If something was wanted, *lease is filled and
 * lease->token != 0 if there was something; else *wake_ms is the clock_boot_ms
 * at which to look again at the latest (INT64_MAX: only the doorbell tells). */
int group_exchange(struct group *group, struct settlement *settlements,
    size_t count, const struct want *want, struct lease *lease,
    int64_t *wake_ms);

/* Sleeps until a doorbell of the topics rings, a process that holds leases of
 * this group ends, or wake_ms. `seen` holds one doorbell value per topic, taken
 * by group_listen before looking for work. Returns at once if one has changed;
 * also at a signal. */
void group_listen(struct group *group, uint32_t *seen);
int group_sleep(struct group *group, const uint32_t *seen, int64_t wake_ms);

/* A part of a lease; as text TOPIC:PARTITION:FIRST[-LAST]:GROUP:TOKEN. */
struct receipt {
	char topic[256];
	char group[256];
	int partition;
	int64_t first;
	int64_t last;
	uint64_t token;
};
/* -FAIL_USAGE says what is wrong with it. */
int receipt_parse(const char *text, struct receipt *receipt);
void receipt_print(const struct receipt *receipt, struct buf *out);

struct receipt_settlement {
	struct receipt receipt;
	enum outcome outcome;
	int64_t delay_ms;
	int64_t lease_ms;
	bool is_attempt;
	const char *reason;
	int lost;            /* out */
};
/* mq-ack: all in one transaction, durable on return. Returns the number
 * lost. What the user should know beside, such as why there is no dead letter
 * yet, is appended to notice (unless NULL), after an error as well. */
int group_settle_receipts(struct spool *spool,
    struct receipt_settlement *settlements, size_t count,
    struct buf *notice);

#endif
