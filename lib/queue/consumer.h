/* What consuming a group has in common, with workers and without. */
#ifndef QUEUE_CONSUMER_H
#define QUEUE_CONSUMER_H

#include "queue/hand.h"

#include <signal.h>

struct consumer_options {
	struct supply *supply;
	enum group_order order;
	int partition;               /* -1: any */
	int64_t count;               /* messages at most; INT64_MAX: no limit */
	int64_t wait_ms;             /* for the first message; 0: do not wait */
	bool follow;                 /* wait for more for ever */
	int64_t batch;               /* messages in a lease, a payload; 0: any */
	const struct framing *framing;
	const volatile sig_atomic_t *stop;   /* not 0: end in good order */
	const volatile sig_atomic_t *urgent; /* not 0: end workers by TERM */
	volatile sig_atomic_t *status;       /* not 0: print a line, clear it */
	/* Told of every message that is about to be delivered; or NULL. */
	void (*each)(const struct message *message, void *context);
	/* A line for people: damage, lost leases, failed workers. */
	void (*notice)(const char *text, bool is_damage, void *context);
	void *context;
};

/* How it went. */
struct consumer_result {
	int64_t delivered; /* by the output or a worker that took them */
	int64_t released;  /* to be delivered again */
	int64_t dead;      /* dead letters */
	int64_t lost;      /* leases that were not ours any more */
	int worker_status; /* of one that ended us: 0, 126, 127, 255; or -1 */
	bool timed_out;    /* a worker was killed at its time limit */
	bool reader_gone;  /* EPIPE on the output */
};

/* How often a grant has to be renewed, and the name of its topic. */
int64_t consumer_renew_ms(const struct consumer_options *options,
    const struct grant *grant);
const char *consumer_topic(const struct consumer_options *options,
    const struct grant *grant);

/* After an exchange that found nothing: how long to wait for more, as
 * clock_boot_ms; 0 if it is time to end. */
int64_t consumer_wait_until(const struct consumer_options *options,
    int64_t started_ms, bool has_first, int64_t wake_ms);

/* The notice, formatted. */
void consumer_note(const struct consumer_options *options, const char *format,
    ...) __attribute__((format(printf, 2, 3)));

/* That a verdict came too late. */
void consumer_note_lost(const struct consumer_options *options,
    const struct verdict *verdict);

/* Tells what the group has to say, and answers a request for the status
 * line. */
void consumer_tell_status(const struct consumer_options *options,
    const struct consumer_result *result, int64_t running);

#endif
