/* A connection from the inside. */
#ifndef SERVER_CONNECTION_INTERNAL_H
#define SERVER_CONNECTION_INTERNAL_H

#include "server/connection.h"

/*
 * Invariants: first..last are the requests that are not sent, in the order of
 * arrival. is_closing: nothing more is read, and the last answer ends it. Only
 * the loop itself, never a handler, sends, takes frames or frees it: an answer
 * may be given from within anything.
 */
struct connection {
	struct server *server;
	int input_fd;
	int output_fd;
	struct evbuffer *input;
	struct evbuffer *output;
	size_t read_size; /* of the next read, at least */
	struct event *readable;
	struct event *writable;
	struct event *answered; /* active: send what is done */
	struct request *first;
	struct request **last;
	int request_count; /* not answered, or not sent */
	int file_count;   /* in their answers */
	size_t unsent;    /* bytes of answers that are not queued yet */
	size_t held;      /* memory of its requests */
	size_t counted;   /* of what is half here */
	bool is_paused;   /* too much is unanswered or unsent */
	bool is_short;    /* paused for the sake of others */
	bool is_closing;
	bool has_spoken;  /* a request came */
	bool is_working;  /* inside of ours: do not free */
	bool is_broken;
	int64_t frame_ms; /* when the frame that is coming began, or 0 */
	int64_t seen_ms;  /* the last byte */
	int64_t began_ms; /* its life; its end, if is_closing */
	char peer[64];
	struct connection *previous;
	struct connection *next;
};

/* Takes the whole frames that are there, as long as it is not full. */
void connection_take_frames(struct connection *connection);

/* Sends the answers that are next, as far as the client takes them. */
void connection_send(struct connection *connection);

/* So much is unanswered or unsent that nothing more is taken; or all together
 * hold so much that only small things are. */
bool is_connection_full(struct connection *connection);

/* So much is queued that the answers behind it are kept back. */
bool is_connection_deaf(const struct connection *connection);

/* Counts what came in; the last call does not. */
void connection_count_memory(struct connection *connection);
void connection_forget_memory(struct connection *connection);

/* Counts what a request costs by now. */
void request_count_memory(struct request *request);

/* Its answer is encoded, but for the bytes of files: it is sent in its turn. */
void request_finish(struct request *request, size_t extent_bytes);

/* The files in the answer are not needed any more. */
void request_close(struct request *request);

/* Its connection is gone: the answer goes nowhere. */
void request_detach(struct request *request);
void request_release(struct request *request);

/* Says why, and has it closed as soon as nobody is at work in it. */
void connection_end(struct connection *connection, const char *why);

#endif
