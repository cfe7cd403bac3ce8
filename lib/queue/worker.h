/* One running worker: its process, payload, last words and time limit. */
#ifndef QUEUE_WORKER_H
#define QUEUE_WORKER_H

#include "base/buf.h"
#include "base/process.h"

#include <poll.h>

enum { WORKER_POLLED = 3, WORKER_GRACE_MS = 2000 };

/*
 * Invariants: process.pid is 0 unless it runs; the first `fed` bytes of
 * payload are in its stdin, which is closed (-1) once it has all or wants no
 * more. All zero but worker_init is a worker that does not run.
 */
struct worker {
	struct process process;
	struct buf payload;
	size_t fed;
	struct buf errors;   /* the end of its stderr, bounded */
	int64_t started_ms;  /* wall clock */
	int64_t ended_ms;
	int64_t limit_ms;    /* clock_boot_ms of its next signal */
	bool timed_out;      /* it got TERM at its limit; KILL is next */
};

/* Whoever wants to hear the stderr of workers as it comes. */
struct worker_listener {
	void (*errors)(struct slice text, void *context);
	void *context;
};

void worker_init(struct worker *worker);
void worker_release(struct worker *worker); /* does not kill */

/* Starts argv on worker->payload, to be ended after limit_ms (INT64_MAX: no
 * limit). As process_start. */
int worker_start(struct worker *worker, char *const argv[],
    char *const environment[], int64_t limit_ms);

/* Fills in what to poll for, at most WORKER_POLLED; returns how many. */
int worker_poll(const struct worker *worker, struct pollfd *entries);

/* Feeds and hears it, without waiting. */
void worker_serve(struct worker *worker,
    const struct worker_listener *listener);

/* Sends TERM, and later KILL, to its process group once the limit is over. */
void worker_tick(struct worker *worker, int64_t now_ms);

/* 1 and its wait status if it has ended (all is heard and closed then), 0 if
 * it runs. */
int worker_end(struct worker *worker, const struct worker_listener *listener,
    int *status);

#endif
