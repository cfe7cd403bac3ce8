/* A histogram of times: fixed in size, exact to three per cent. */
#ifndef QUEUE_BENCH_HISTOGRAM_H
#define QUEUE_BENCH_HISTOGRAM_H

#include <stdint.h>

enum {
	BENCH_STEPS = 32,                 /* buckets for each power of two */
	BENCH_BUCKETS = BENCH_STEPS * 36, /* up to 2^40 us */
};

/* All zero is an empty one. */
struct bench_histogram {
	int64_t total;
	int64_t counts[BENCH_BUCKETS];
};

void bench_histogram_append(struct bench_histogram *histogram, int64_t us);
void bench_histogram_merge(struct bench_histogram *into,
    const struct bench_histogram *from);

/* The time below which that part (0.5: the median) of all lies; 0 if empty. */
int64_t bench_histogram_read(const struct bench_histogram *histogram,
    double part);

#endif
