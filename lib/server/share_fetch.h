/* ShareFetch, from its arrival to its answer. */
#ifndef SERVER_SHARE_FETCH_H
#define SERVER_SHARE_FETCH_H

#include "kafka/share.h"
#include "server/extents.h"
#include "server/parked.h"
#include "server/share.h"

/* A request at work: a task, then parked, then a task again. */
struct share_fetch {
	struct task task;
	struct parked parked;
	struct request *request;
	struct share_session *session; /* while the task is on its way */
	bool has_settled;    /* the acknowledgements are done */
	bool has_news;       /* something has to be told now */
	bool is_parked;
	bool is_gone;        /* the client */
	bool is_last;        /* its time is over */
	int64_t until_ms;
	int64_t lease_ms;    /* of what was taken last; 0: of nothing yet */
	int64_t wake_ms;     /* when a lease ends, as the last look found */
	struct buf results;  /* of struct share_fetch_response_topic, one a
	                        partition */
	struct buf topics;   /* that may wake it: struct topic * */
	struct buf parts;    /* of the session, when the task was sent */
	struct extents extents;
};

/* The place in the answer for a partition; a new one says that all is well. */
struct share_fetch_response_partition *share_result(struct share_fetch *fetch,
    const unsigned char *id, int32_t number);

/* Answers one that waits, with what there is. */
void share_fetch_end(struct share_fetch *fetch);

/* In the index's thread: takes what there is for the session, into the
 * answer. */
void share_take(struct share_fetch *fetch, struct storage *storage);

#endif
