/* One measurement of mq-bench: what is measured, on which topic, its result. */
#ifndef CMD_BENCH_H
#define CMD_BENCH_H

#include "base/option.h"
#include "queue/bench.h"
#include "spool/spool.h"

struct bench_values {
	const char *directory;
	const char *brokers;
	int64_t count, size, batch, producers, consumers;
	int64_t duration_ms, rate, partitions;
	struct option_list settings;
	bool verify, json;
};

enum bench_kind { BENCH_PUT, BENCH_GET, BENCH_WORK, BENCH_E2E };

struct bench {
	struct bench_values values;
	enum bench_kind kind;
	const char *what;       /* "put" */
	const char *brokers;    /* NULL: a spool */
	struct bench_plan plan;
	struct bench_part puts; /* of the processes that put */
	struct bench_part gets; /* of those that read or work */
	char own_topic[32];     /* made for this run; "" if it was there */
	int64_t found;          /* messages in it before the run */
};

/* Opens the topic (NULL: makes one of our own), counts what it holds, and
 * closes all of it again: each process opens it for itself. */
void bench_topic_open(struct bench *bench, const char *name);
void bench_topic_delete(struct bench *bench); /* only one of our own */

/* The same where the topic is one of brokers. */
int bench_remote_open(struct bench *bench, bool may_exist);
int bench_remote_delete(struct bench *bench);

/* One process's way to the topic. The spool is open for sink and source, which
 * others close first. */
struct bench_way {
	struct spool *spool;  /* NULL: brokers */
	struct topic *topic;
};
void bench_way_open(struct bench_way *way, const struct bench *bench);
struct sink *bench_way_sink(const struct bench_way *way,
    const struct bench *bench);
struct source *bench_way_source(struct bench_way *way,
    const struct bench *bench);
void bench_way_close(struct bench_way *way);

/* Runs producers and consumers, adds up what they reached in puts and gets.
 * A process that fails prints why. Returns the worst exit status. */
int bench_processes_run(struct bench *bench, const struct bench_plan *plan,
    int producers, int consumers);

/* Zeroed memory that the processes share; never freed. */
void *bench_processes_share(size_t size);

/* Prints the result; the last line is JSON. */
void bench_report_print(const struct bench *bench);

#endif
