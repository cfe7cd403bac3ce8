/* A connection from the inside. */
#ifndef SERVER_CONNECTION_INTERNAL_H
#define SERVER_CONNECTION_INTERNAL_H

#include "server/connection.h"

/*
 * Invariants: first..last are the requests that are not sent, in the order of
 * arrival. is_closing: nothing more is read, and the last answer ends it.
 */
struct connection {
	struct server *server;
	int input_fd;
	int output_fd;
	struct evbuffer *input;
	struct evbuffer *output;
	struct event *readable;
	struct event *writable;
	struct request *first;
	struct request **last;
	int request_count;
	bool is_paused;   /* too much is unanswered or unsent */
	bool is_closing;
	bool has_spoken;  /* a request came */
	bool is_working;  /* inside of ours: do not free */
	bool is_broken;
	int64_t frame_ms; /* when the frame that is coming began, or 0 */
	int64_t seen_ms;  /* the last byte */
	char peer[64];
	struct connection *previous;
	struct connection *next;
};

/* Takes the whole frames that are there, as long as it is not full. */
void connection_take_frames(struct connection *connection);

/* So much is unanswered or unsent that nothing more is taken. */
bool is_connection_full(const struct connection *connection);

/* Says why, and has it closed as soon as nobody is at work in it. */
void connection_end(struct connection *connection, const char *why);

#endif
