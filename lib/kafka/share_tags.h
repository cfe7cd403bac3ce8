/* What our tools and servers say of share groups beyond KIP-932: in tagged
 * fields, which others pass over. mq-serve(1) describes them. */
#ifndef KAFKA_SHARE_TAGS_H
#define KAFKA_SHARE_TAGS_H

#include "kafka/schema.h"

enum {
	SHARE_TAG = 1000,     /* the tag of each of them */
	SHARE_TAGS_SPOKEN = 1, /* what a server says that understands them */
};

/* Where a group that is new to a topic begins. */
struct share_start {
	unsigned char topic_id[16];
	struct list offsets; /* int64_t, by partition; -1: no wish */
};

/* In a ShareFetch that opens a session: how it takes leases. */
struct share_terms {
	int64_t lease_ms;        /* 0: as the topic says, and so on */
	int64_t max_attempts;
	int64_t backoff_low_ms;  /* -1: as the topic says */
	int64_t backoff_high_ms;
	int8_t order;            /* enum group_order */
	bool is_manual;          /* leases outlive the session */
	struct list starts;      /* struct share_start */
};

/* With an acknowledgement: what a failed delivery left behind, and when it is
 * tried again. */
struct share_details {
	int64_t token;       /* of a lease that no session has; 0: none */
	int64_t delay_ms;    /* release; -1: the back-off */
	int64_t lease_ms;    /* renew; 0: the lease time */
	bool is_attempt;
	struct slice reason;
	int32_t exit_status; /* -1: did not exit */
	int32_t signal;
	int64_t started_ms;
	int64_t ended_ms;
	struct slice errors;
};

/* In the answer to a session with terms: what a topic says. */
struct share_limits {
	int64_t lease_ms;
	int64_t max_attempts;
};

extern const struct schema share_limits_schema;
extern const struct schema share_start_schema;
extern const struct schema share_terms_schema;
extern const struct schema share_details_schema;

#endif
