/* What the parts of a remote sink share. */
#ifndef QUEUE_SINK_REMOTE_INTERNAL_H
#define QUEUE_SINK_REMOTE_INTERNAL_H

#include "queue/parcel.h"
#include "queue/patience.h"
#include "queue/sink_remote.h"

/* What an identity has sent to a partition. */
struct remote_lane {
	int32_t sequence; /* the next one */
	bool is_known;    /* the broker has stored one: it knows what is next */
};

/*
 * Invariants: while failed is not 0 nothing is sent, and once all that was sent
 * is answered it is tried again; of one partition an earlier parcel is never
 * sent after a later one that may have been stored without it; lanes are there
 * by partition for all that was stamped.
 */
struct sink_remote {
	struct sink sink;
	struct brokers *brokers;
	struct remote_topic topic;
	struct sink_remote_options options;
	struct parcels parcels;
	int64_t appended;      /* batches, ever */
	size_t unsent;         /* bytes */
	int64_t producer_id;   /* -1: none yet */
	int16_t producer_epoch;
	struct remote_lane *lanes;
	int lane_count;
	int failed;            /* why it is to be tried again; 0: it is not */
	char *failure;         /* its message */
	struct patience patience;
	int broken;            /* the failure after which nothing is sent */
};

/* Sends what waits, as far as the brokers may have it at once. is_last: no
 * more comes before the answers do. */
int sink_remote_send(struct sink_remote *remote, bool is_last);

/* Takes one answer of a broker: 0, also if none came in time though it was not
 * waited for. What can be tried again is left in failed. */
int sink_remote_receive(struct sink_remote *remote, struct client *client,
    int64_t timeout_ms);

/* Closes a connection that has failed: what it had sent is sent again where a
 * second copy is known as one. Else, or if nothing can be tried again, returns
 * the failure. */
int sink_remote_lose(struct sink_remote *remote, struct client *client,
    int failed);

/* Remembers the last failure as one that is to be tried again, if it is;
 * else returns it. */
int sink_remote_retry(struct sink_remote *remote, int failed);

#endif
