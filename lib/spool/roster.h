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

/* Takes over what servers that are gone have kept, and calls each for it. A
 * group that processes of the directory have taken since has no members any
 * more. Views are valid during the call. */
int roster_book_load(struct roster_book *book,
    void (*each)(const struct roster_row *row, void *context), void *context);

/* -FAIL_AGAIN or -FAIL_USAGE if the group could not be stored now. */
int roster_book_check(struct roster_book *book, const char *group);

/* 1 and the row of a group, 0 if there is none, -FAIL_USAGE if it shares its
 * messages; in a transaction. */
int roster_find(struct sql *sql, const char *group, int64_t *id);

/* 0 and that row, made if there is none. */
int roster_make(struct sql *sql, const char *group, int64_t *id);

/* How many members a living server has in the group, and its process; in a
 * transaction. */
int roster_living(struct sql *sql, const struct session *sessions,
    int64_t group_id, int64_t *pid);

/* -FAIL_AGAIN, which names the server, while there are such; in a
 * transaction. */
int roster_refuse(struct sql *sql, const struct session *sessions,
    int64_t group_id, const char *group);

/* Calls each for the members that are kept of a group; in a transaction. Views
 * are valid during the call. */
int roster_each_member(struct sql *sql, int64_t group_id,
    void (*each)(const struct roster_row_member *member, void *context),
    void *context);

/* Others than its members move the group: those that a server had are no more,
 * should it come back. In a transaction. */
int roster_void(struct sql *sql, int64_t group_id);

/* Forgets what belongs to a group; in a transaction. */
int roster_forget(struct sql *sql, int64_t group_id);

#endif
