/* Measuring a spool: what one producer or consumer process of mq-bench does. */
#ifndef QUEUE_BENCH_H
#define QUEUE_BENCH_H

#include "queue/bench_histogram.h"
#include "queue/bench_message.h"
#include "queue/sink.h"
#include "queue/source.h"

/* What all processes of a run are told. */
struct bench_plan {
	const char *topic;
	const char *group;
	int64_t count;        /* messages, over all producers */
	int64_t size;         /* of a message in bytes */
	int64_t batch;        /* messages put or leased in one step */
	int64_t duration_ms;  /* stop then; PARSE_INFINITE: never */
	int64_t rate;         /* messages a second, over all producers; 0: any */
	int producers;
	int consumers;
	bool is_echo;         /* put waits until every reader has the message */
	struct bench_run run; /* what its messages bear */
};

/* What one process reached. */
struct bench_part {
	int64_t messages;
	int64_t started_us; /* clock_boot_us */
	int64_t ended_us;
	struct bench_histogram latency; /* of steps; of messages for echo */
	struct bench_tally tally;
};

/* Shared by all processes of a run; words are futexes. */
struct bench_shared {
	uint32_t ready;    /* processes that have opened what they need */
	uint32_t go;       /* 1: begin */
	uint32_t received; /* echo: messages that readers have */
	uint32_t finished; /* producers that have ended */
};

/* Counts this process as ready and sleeps until all may go. */
void bench_shared_wait(struct bench_shared *shared);

/* Producer `number` of plan->producers: puts its share of the messages, each
 * step waiting until it is stored as mq.sync promises. The sink is closed. */
int bench_put_run(const struct bench_plan *plan, struct sink *sink,
    int number, struct bench_shared *shared, struct bench_part *part);

/* A reader of the whole topic, to its end; for echo until the producers have
 * ended and all is read. The source is closed. */
int bench_get_run(const struct bench_plan *plan, struct source *source,
    struct bench_shared *shared, struct bench_part *part);

/* A consumer: leases, reads and accepts until nothing is left. */
int bench_work_run(const struct bench_plan *plan, struct topic *topic,
    struct bench_shared *shared, struct bench_part *part);

#endif
