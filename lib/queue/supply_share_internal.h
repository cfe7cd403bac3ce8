/* What the parts of a supply of a share group share. */
#ifndef QUEUE_SUPPLY_SHARE_INTERNAL_H
#define QUEUE_SUPPLY_SHARE_INTERNAL_H

#include "kafka/share.h"
#include "queue/cargo.h"
#include "queue/hand.h"
#include "queue/links.h"
#include "queue/patience.h"
#include "queue/supply_share.h"

enum { SHARE_RESPONSE_BYTES = 64 * 1024 * 1024 /* decoded */ };

/* A partition that is assigned to us. */
struct share_part {
	size_t topic;
	int partition;
	struct client *client; /* its leader's; NULL: not known now */
	bool is_told;          /* its leader's session has it */
	bool is_gone;          /* not ours any more */
};

/* What the brokers said of a topic's messages; 0: nothing. */
struct share_topic {
	struct remote_topic said;
	int64_t lease_ms;
	int64_t max_attempts;
};

/*
 * Invariants: links are with the leaders of parts; grants up to lost_serial are
 * of sessions that have ended. failed is what failed between two exchanges, with
 * its message.
 */
struct supply_share {
	struct supply supply;
	struct supply_share_options options;
	struct brokers *brokers;
	char member[33];
	struct share_topic *topics;
	size_t topic_count;
	struct list starts;        /* struct share_start, owned */
	int32_t epoch;             /* of the member; 0: to join */
	int64_t beat_ms;           /* clock_boot_ms of the next heartbeat */
	int64_t beat_every_ms;
	bool has_tags;
	struct buf parts;          /* of struct share_part */
	struct buf links;          /* our sessions, with leaders */
	struct cargo cargo;
	uint64_t lost_serial;
	int64_t want_count;        /* of the last exchange that wanted some */
	bool is_greedy;            /* fetches right behind acknowledgements */
	int failed;
	char message[512];
	struct patience patience;
};

extern const struct supply_kind supply_share_kind;

/* Closes and frees without a word. */
void supply_share_release(struct supply_share *self);

static inline struct share_part *
share_parts(const struct supply_share *self, size_t *count)
{
	*count = self->parts.size / sizeof(struct share_part);
	return (struct share_part *)(void *)self->parts.data;
}

/* The heartbeat if it is due and no answer is waited for: joins, and takes what
 * is assigned. */
int supply_share_beat(struct supply_share *self);
int supply_share_leave(struct supply_share *self);

/* Finds the leaders of all parts again. */
int supply_share_find_leaders(struct supply_share *self);

/* Asks all leaders that are not asked yet, or one, for up to wait_ms. */
int supply_share_ask(struct supply_share *self, int64_t wait_ms);
int supply_share_ask_one(struct supply_share *self, struct link *link,
    int64_t wait_ms);

/* Takes the answer that is to come, into the cargo. */
int supply_share_take(struct supply_share *self, struct link *link);

/* Tells verdicts; marks what is lost. is_last: and ends the sessions. */
int supply_share_settle(struct supply_share *self, struct verdict *verdicts,
    size_t count, bool is_last);

/* The topic of an id; -1 if it is none of ours. */
int supply_share_topic(const struct supply_share *self,
    const unsigned char *id);

#endif
