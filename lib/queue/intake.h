/* The intake of a pool: leases taken and not yet given to workers. */
#ifndef QUEUE_INTAKE_H
#define QUEUE_INTAKE_H

#include "queue/consumer.h"
#include "queue/hand.h"
#include "queue/job.h"

/* A grant whose messages from next on wait for a worker. */
struct held {
	struct grant grant;
	int64_t next;
	int64_t since_ms; /* clock_boot_ms */
	int64_t renew_ms;
	bool is_lost;
};

/*
 * Invariants: held leases are served in the order they were taken. `look` says
 * that there may be something to take; it is cleared by an exchange that found
 * nothing, with `wake_ms` telling when it may be set again.
 * Messages are leased ahead of free workers only while workers are fast, and
 * without an order; a slow one makes us give them back.
 */
struct intake {
	const struct consumer_options *options;
	struct hand *hand;
	int64_t workers;
	struct buf held;     /* of struct held */
	int64_t taken;       /* messages given to workers */
	int64_t fast_runs;   /* workers in a row that were fast */
	bool look;
	int64_t wake_ms;
};

void intake_open(struct intake *intake, const struct consumer_options *options,
    struct hand *hand, int64_t workers);
void intake_close(struct intake *intake);

/* Messages (or gaps) that are held. */
int64_t intake_held(const struct intake *intake);

/* How many more to ask for, with that many workers free; 0: none. */
int64_t intake_wanted(const struct intake *intake, int64_t free_workers);

/* Tells the group all verdicts and takes a lease, if wanted > 0. 1 if it got
 * one. */
int intake_exchange(struct intake *intake, int64_t wanted);

/* Fills a job with the next messages: 1, or 0 if none are held. */
int intake_take(struct intake *intake, struct job *job);

/* A worker ended after ms. */
void intake_note_run(struct intake *intake, int64_t ms);

/* Renews what is held, gives back what has waited too long (no worker is
 * free). Returns when to call again, as clock_boot_ms. */
int64_t intake_tick(struct intake *intake, bool is_busy);
void intake_give_back(struct intake *intake);

/* A verdict was lost: held leases of its range are, too. */
void intake_mark_lost(struct intake *intake, const struct verdict *verdict);

#endif
