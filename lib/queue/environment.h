/* The environment of a worker: ours, and what it should know of its message. */
#ifndef QUEUE_ENVIRONMENT_H
#define QUEUE_ENVIRONMENT_H

#include "queue/framing.h"

/* A key or tag that holds a NUL byte, or more than this, is left out: no
 * environment can carry it. */
enum { ENVIRONMENT_VALUE_MAX = 64 * 1024 };

struct environment {
	struct buf text;     /* of our variables, each ended by NUL */
	struct buf pointers; /* char *, ended by NULL */
	size_t inherited;    /* pointers that stay from message to message */
};

/* Takes what this process has, without variables of the names we set. place, if
 * not NULL, is MQ_SPOOL=DIR or MQ_BROKERS=HOST:PORT,..: so that tools run by the
 * worker find what we work on, and it alone. */
void environment_init(struct environment *environment, const char *place);
void environment_release(struct environment *environment);

/* MQ_TOPIC, MQ_PARTITION, MQ_OFFSET, MQ_TIMESTAMP (ms since 1970), MQ_ATTEMPT,
 * MQ_RECEIPT, MQ_KEY and MQ_TAG (where the message has them). */
void environment_set(struct environment *environment,
    const struct message *message);

/* Adds MQ_COUNT, after environment_set: the messages of a batch. */
void environment_add_count(struct environment *environment, int64_t count);

/* NULL-ended; valid until the next change. */
char **environment_list(struct environment *environment);

#endif
