/* Share groups in the loop: members, and the sessions of their connections. */
#ifndef SERVER_SHARE_H
#define SERVER_SHARE_H

#include "kafka/share.h"
#include "server/request.h"
#include "server/shares.h"

/* A partition that a session asks for. */
struct share_part {
	unsigned char topic_id[16];
	int32_t partition;
};

/* Between a member and us, for the life of a connection (KIP-932). held is the
 * index's thread's; the rest is the loop's. */
struct share_session {
	struct server *server;
	struct connection *connection;
	char *group;
	char *member;
	int32_t epoch;       /* of the next request */
	struct buf parts;    /* of struct share_part */
	struct held held;
	struct share_terms *terms; /* or NULL */
	int32_t lease_ms;    /* of the last fetch; 0: none yet */
	struct share_fetch *waiting; /* parked; NULL: none */
	bool is_ending;      /* its last request is here */
	bool is_closed;      /* nothing more is taken for it */
	struct share_session *next;
};

/* The session that the request belongs to: opened by epoch 0, else checked and
 * its epoch counted up. The code if it cannot be. A ShareFetch of it that waits
 * is answered: its client waits for this one, too. */
enum error_code share_session_find(struct request *request, struct slice group,
    struct slice member, int32_t epoch, struct share_session **session);

/* That of the request's connection if there is one, else NULL. */
struct share_session *share_session_seek(const struct request *request,
    struct slice group, struct slice member);

/* What a ShareFetch says of the partitions that the session asks for: false if
 * they are too many. */
bool share_session_update(struct share_session *session,
    const struct share_fetch_request *message);

/* How long its leases last: as the last fetch has found, else as the topic
 * says, else Kafka's default. */
int32_t share_lease_ms(const struct share_session *session,
    struct storage *storage);

/* In the index's thread: the acknowledgements of one partition, a list of
 * ShareFetch's or of ShareAcknowledge's, which have the same shape. Those that
 * were lost are added to lost (of int32_t), unless it is NULL. */
enum error_code share_settle(struct storage *storage,
    struct share_session *session, const unsigned char *id, int32_t number,
    const struct list *batches, struct buf *lost);

/* Lays out the answer to a ShareAcknowledge, and has each partition of it
 * answered, in the order of the request. */
void share_answer_parts(struct request *request, void (*answer)(
    const unsigned char *id,
    const struct share_acknowledge_request_partition *part,
    struct share_acknowledge_response_partition *result, void *context),
    void *context);

/* Its leases are given back, once all that was asked before is done. */
void share_session_close(struct share_session *session);

/* The connection has gone, with all of its sessions. */
void share_sessions_drop(struct server *server,
    const struct connection *connection);

/* All sessions of a member that is silent. Those of one that leaves live on as
 * long as their connections, which may bring its last acknowledgements. */
void share_sessions_leave(struct server *server, const char *group,
    const char *member);
void share_sessions_close_all(struct server *server);

#endif
