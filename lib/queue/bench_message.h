/* Messages that mq-bench makes, and counting what became of them. */
#ifndef QUEUE_BENCH_MESSAGE_H
#define QUEUE_BENCH_MESSAGE_H

#include "base/buf.h"
#include "spool/topic.h"

/* A numbered message begins with "mqbench RUN NUMBER TIME ", hexadecimal. */
enum { BENCH_MESSAGE_MIN = 59 };

/* Shared by the messages of one run. slots and lasts may be shared memory. */
struct bench_run {
	uint64_t id;
	int64_t count;   /* numbers are below this */
	int64_t share;   /* numbers n * share and on are those of producer n */
	int partitions;
	unsigned char *stored; /* count of them: 1 once its put has returned */
	unsigned char *seen;   /* count: how often it was read; NULL: not told */
};

/* What a reader found. */
struct bench_tally {
	int64_t lost;
	int64_t duplicated;
	int64_t reordered; /* of one producer in one partition */
};

/* Writes a message of size bytes; one that is too small is not numbered. */
void bench_message_append(struct buf *out, const struct bench_run *run,
    int64_t number, int64_t time_us, int64_t size);

/* The last number read of each producer in each partition. */
struct bench_order;
struct bench_order *bench_order_open(const struct bench_run *run);
void bench_order_close(struct bench_order *order);

/* Counts a message that was read; true if it is one of this run. */
bool bench_order_read(struct bench_order *order, int partition,
    struct slice value, struct bench_tally *tally, int64_t *time_us);

/* Compares seen with stored: each must have been read `times` times. */
void bench_run_compare(const struct bench_run *run, int times,
    struct bench_tally *tally);

#endif
