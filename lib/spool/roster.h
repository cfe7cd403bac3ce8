/* Rosters: the members that a server's consumer groups have, kept over its
 * restarts, and known to whoever uses the same group in the directory. */
#ifndef SPOOL_ROSTER_H
#define SPOOL_ROSTER_H

#include "spool/index.h"
#include "spool/session.h"

/* A member as Kafka's protocol knows it. */
struct roster_row_member {
	const char *id;
	const char *instance;     /* NULL: a dynamic member */
	const char *client_id;
	const char *client_host;
	int32_t session_ms;
	int32_t rebalance_ms;
	struct slice metadata;    /* of the protocol that was chosen */
	struct slice assignment;
};

/* A group. Without members: protocol, leader "". */
struct roster_row {
	const char *group;
	int32_t generation;
	const char *protocol_type;
	const char *protocol;
	const char *leader;
	const struct roster_row_member *members;
	size_t count;
};

/* For who serves groups: a life sign that others see. */
struct roster_book;
int roster_book_open(struct roster_book **book, struct spool *spool);
void roster_book_close(struct roster_book *book); /* accepts NULL */

/* Keeps a group's row and members, durably after index_durable. -FAIL_AGAIN:
 * processes in the directory, or another server, have the group.
 * -FAIL_USAGE: it shares its messages, as no consumer group does. */
int roster_book_store(struct roster_book *book, const struct roster_row *row);
int roster_book_durable(struct roster_book *book);

/* Calls each for every group that was kept. Views are valid during the call. */
int roster_book_load(struct roster_book *book,
    void (*each)(const struct roster_row *row, void *context), void *context);

/* How many members a living server has in the group; in a transaction. */
int roster_living(struct sql *sql, const struct session *sessions,
    int64_t group_id);

/* Forgets what belongs to a group; in a transaction. */
int roster_forget(struct sql *sql, int64_t group_id);

#endif
