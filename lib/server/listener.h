/* Listeners: sockets that connections come from. */
#ifndef SERVER_LISTENER_H
#define SERVER_LISTENER_H

#include "server/server_internal.h"

/* Opens what the options (or LISTEN_FDS) say, and says where it listens. */
int listener_open_all(struct server *server);

/* Takes no more connections. */
void listener_close_all(struct server *server);

/* A connection is gone: there is room for another. */
void listener_resume_all(struct server *server);

#endif
