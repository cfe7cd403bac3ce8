/* A pool of workers on the messages of a group. */
#ifndef QUEUE_POOL_H
#define QUEUE_POOL_H

#include "queue/consumer.h"
#include "queue/disposition.h"

struct pool_options {
	const struct consumer_options *consumer; /* batch: for one worker */
	char *const *argv;
	int64_t workers;               /* at once */
	int64_t kill_after_ms;         /* INT64_MAX: no limit */
	const struct disposition *disposition;
	const char *on_dead;           /* a shell's command, or NULL */
	const struct framing *framing; /* of the payload; NULL: bare */
	const char *place;             /* of the workers' tools: MQ_SPOOL=DIR
	                                  or MQ_BROKERS=..; or NULL */
	/* Hears the stderr of workers as it comes. */
	void (*errors)(struct slice text, void *context);
	void *context;
};

/* Leases messages and runs a worker for each (or each batch) until there is
 * nothing more to do; what its exit does is in disposition.h. One poll loop.
 * When stopped, running workers finish, what is held is given back. A worker
 * that cannot be started or says so itself (126, 127, 255) ends the run:
 * result->worker_status. Returns 0 and the result, or an error. */
int pool_run(const struct pool_options *options,
    struct consumer_result *result);

#endif
