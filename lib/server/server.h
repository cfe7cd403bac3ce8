/* A server: a spool on the network, in the Kafka protocol. */
#ifndef SERVER_SERVER_H
#define SERVER_SERVER_H

#include <stdbool.h>
#include <stddef.h>

struct server_options {
	const char *spool;         /* path; made if it is missing */
	bool force;                /* on a network file system too */
	const char *const *listen; /* "HOST:PORT" (port 0: any), "unix:PATH" */
	size_t listen_count;       /* 0: 127.0.0.1:9092 */
	const char *advertise;     /* "HOST:PORT", or NULL: where they come */
	bool is_insecure;          /* listen on other than loopback addresses */
	bool is_stdio;             /* one connection, on descriptors 0 and 1 */
	/* A line for people: where it listens, what it had to put up with. */
	void (*say)(const char *text, void *context);
	void *context;
};

struct server;

/* Opens the spool and the sockets (those of LISTEN_FDS, if it is set for us,
 * instead of `listen`). Says "listening on ADDRESS" for each.
 * -FAIL_USAGE: an address; -FAIL_PERMISSION: one that needs is_insecure. */
int server_open(struct server **server, const struct server_options *options);

/* Serves until INT or TERM, then finishes the requests that it has. HUP says
 * that topics are read again, as they are with each request; USR1 says a line
 * of figures. -FAIL_MISSING: the spool was removed. */
int server_run(struct server *server);
void server_close(struct server *server); /* accepts NULL */

#endif
