/* The crew of a pool: its workers, what they run and what becomes of it. */
#ifndef QUEUE_CREW_H
#define QUEUE_CREW_H

#include "queue/intake.h"
#include "queue/letters.h"
#include "queue/pool.h"

/*
 * Invariants: running counts the jobs that run; once is_draining nothing more
 * is taken. error is the first failure, kept with its message while what is in
 * hand is brought to an end.
 */
struct crew {
	const struct pool_options *options;
	const struct consumer_options *consumer;
	struct consumer_result *result;
	struct worker_listener listener;
	struct hand hand;
	struct intake intake;
	struct letters letters;
	struct job *jobs; /* options->workers of them */
	int64_t running;
	bool is_draining;
	bool was_urgent;
	int error;
	char message[1024];
};

void crew_open(struct crew *crew, const struct pool_options *options,
    struct consumer_result *result);
void crew_close(struct crew *crew);

/* Keeps the error and its message, if it is the first; drains. */
void crew_keep_error(struct crew *crew, int error);

/* Runs dead letters' commands first, then what the intake holds, while a
 * worker is free. */
void crew_start(struct crew *crew);

/* Feeds and hears a running job; settles it if its worker has ended. */
void crew_serve(struct crew *crew, struct job *job);

/* Obeys the signals: one, and nothing more is taken; two, and the workers are
 * told to end, too. */
void crew_note_signals(struct crew *crew);

/* Renewals and time limits that are due; returns when the next one is. */
int64_t crew_tick(struct crew *crew);

#endif
