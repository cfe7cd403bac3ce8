/* Connections: frames in, answers out, in order. */
#ifndef SERVER_CONNECTION_H
#define SERVER_CONNECTION_H

#include "server/request.h"

struct connection;

/* Takes over the descriptors (the same one twice for a socket). peer is for
 * people. */
int connection_open(struct server *server, int input, int output,
    const char *peer);

/* Drops what is not sent, cancels what is not answered. */
void connection_close(struct connection *connection);

/* Reads no more; closes when all that was asked is answered. */
void connection_drain(struct connection *connection);

/* Closes it if a limit of time is over: 10 s for the first request, 30 s for
 * a frame, 10 minutes idle. */
void connection_tick(struct connection *connection, int64_t now_ms);

/* Sends the answers that are next. */
void connection_flush(struct connection *connection);
struct connection *connection_next(const struct connection *connection);

#endif
