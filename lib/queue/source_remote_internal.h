/* What the parts of a remote source share. */
#ifndef QUEUE_SOURCE_REMOTE_INTERNAL_H
#define QUEUE_SOURCE_REMOTE_INTERNAL_H

#include "queue/patience.h"
#include "queue/source_remote.h"

/*
 * What is fetched of a partition. Invariants: bytes is a view of its leader's
 * last answer, whole batches not yet handed out; fetch_offset is behind them.
 */
struct fetched {
	struct fetched *next;
	struct source_remote *source;
	struct lane *lane;       /* NULL once it is closed */
	size_t topic;
	int number;
	int64_t fetch_offset;
	int64_t high_watermark;  /* as the leader said last */
	struct slice bytes;
	struct client *client;   /* that was asked for it, until it answered */
};

struct source_remote {
	struct source source;
	struct brokers *brokers;
	const uint32_t *stop;    /* or NULL */
	struct remote_topic *topics;
	int64_t **earliest;      /* by topic, by partition */
	int64_t **latest;
	struct fetched *fetched;
	struct buf asked;        /* struct client *: an answer is to come */
	struct patience patience;
	int64_t looked_ms;       /* when topics were asked for last */
	bool has_grown;
};

/* Asks each leader that has handed out all it sent for more, and takes the
 * answers that come until until_ms or *stop: 1 if there are any, 0 if not. */
int source_remote_fetch(struct source_remote *remote, int64_t until_ms);

/* True if something of an answer is not handed out yet: of this one's, or
 * anybody's if it is NULL. Its connection must not be read meanwhile. */
bool has_source_remote_bytes(const struct source_remote *remote,
    const struct client *client);
bool is_source_remote_stopped(const struct source_remote *remote);

/* Finds out anew who leads what. */
int source_remote_look(struct source_remote *remote);

#endif
