/* A job: leased messages as the payload of one worker. */
#ifndef QUEUE_JOB_H
#define QUEUE_JOB_H

#include "queue/compose.h"
#include "queue/consumer.h"
#include "queue/disposition.h"
#include "queue/environment.h"
#include "queue/hand.h"
#include "queue/worker.h"

/* Offsets that belong together: no message between is somebody else's. */
struct job_range {
	int64_t first;
	int64_t last;
};

/*
 * Invariants: ranges are those of grant whose messages are in the payload, in
 * order; a job that does not run holds nothing.
 */
struct job {
	struct worker worker;
	struct environment environment;
	struct composer composer;
	struct grant grant;
	struct buf ranges;  /* of struct job_range */
	struct buf receipt;
	int64_t count;      /* messages */
	int64_t started_ms; /* clock_boot_ms */
	int64_t renew_ms;   /* clock_boot_ms of the next renewal */
	bool is_running;
	bool is_lost;       /* the lease went to somebody else meanwhile */
	bool is_hook;       /* runs for a dead letter: settles nothing */
	bool was_told;      /* we ended it: not the message's fault */
	struct pollfd *polled; /* the pool's entries for its worker */
	int polled_count;
};

/* place: as for environment_init. framing NULL: bare payloads. */
void job_init(struct job *job, const char *place,
    const struct framing *framing);
void job_release(struct job *job);

/* Begins to collect messages of a grant. */
void job_begin(struct job *job, const struct grant *grant);

/* Adds a message; the variables of its worker are the first one's. */
int job_add(struct job *job, const struct supply *supply,
    const struct message *message);

/* The payload is complete. is_batch: the worker is told their number. */
int job_finish_payload(struct job *job, bool is_batch);

/* Verdicts for all of it. The first one's context is the job's letter. */
void job_settle(struct job *job, struct hand *hand, enum action action,
    int status, void *letter);
void job_renew(struct job *job, struct hand *hand);
void job_give_back(struct job *job, struct hand *hand);

int64_t job_first(const struct job *job); /* offset of its first message */

/* True if the job has messages of a verdict's range. */
bool is_job_in(const struct job *job, const struct verdict *verdict);

#endif
