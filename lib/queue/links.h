/* Links to brokers that are asked for messages, and may let us wait. */
#ifndef QUEUE_LINKS_H
#define QUEUE_LINKS_H

#include "base/memory.h"
#include "kafka/client.h"

/* Invariant: is_asked while the answer to a fetch is to come; it is the next
 * one on the connection. */
struct link {
	struct client *client;
	int32_t epoch;    /* of the session's next request, if there is one */
	bool is_asked;
	bool is_patient;  /* it waits at the broker */
	bool is_answered; /* as links_poll found */
};

/* A list of links is a buf of struct link: what is in it, valid until one is
 * added. */
static inline struct link *
links_of(const struct buf *links, size_t *count)
{
	*count = links->size / sizeof(struct link);
	return (struct link *)(void *)links->data;
}

/* The link with a connection; added if there is none. */
struct link *links_with(struct buf *links, struct client *client);

/* The first one's descriptor; -1 if there is none. */
int links_descriptor(const struct buf *links);

/* True if a request waits at its broker. */
bool is_links_waiting(const struct buf *links);

/* Waits up to timeout_ms until answers are there, or something is on another
 * descriptor (-1: none), or a signal comes; marks the links that have one. */
void links_poll(struct buf *links, int other, int64_t timeout_ms);

#endif
