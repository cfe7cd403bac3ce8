/* A histogram of times: fixed in size, exact to three per cent. */
#include "queue/bench_histogram.h"

/* Below BENCH_STEPS a bucket is one microsecond; above, each power of two is
 * divided into BENCH_STEPS. */
static int
bucket_of(int64_t us)
{
	int shift = 0;

	if (us < 0)
		us = 0;
	while (us >> shift >= 2 * BENCH_STEPS)
		shift++;
	us = (us >> shift) + (int64_t)shift * BENCH_STEPS;
	return us < BENCH_BUCKETS ? (int)us : BENCH_BUCKETS - 1;
}

static int64_t
middle_of(int bucket)
{
	int shift;

	if (bucket < 2 * BENCH_STEPS)
		return bucket;
	shift = bucket / BENCH_STEPS - 1;
	return ((int64_t)(bucket - shift * BENCH_STEPS) << shift) +
	    ((int64_t)1 << shift) / 2;
}

void
bench_histogram_append(struct bench_histogram *histogram, int64_t us)
{
	histogram->counts[bucket_of(us)]++;
	histogram->total++;
}

void
bench_histogram_merge(struct bench_histogram *into,
    const struct bench_histogram *from)
{
	int i;

	for (i = 0; i < BENCH_BUCKETS; i++)
		into->counts[i] += from->counts[i];
	into->total += from->total;
}

int64_t
bench_histogram_read(const struct bench_histogram *histogram, double part)
{
	int64_t left = (int64_t)((double)histogram->total * part);
	int i;

	if (histogram->total == 0)
		return 0;
	if (left >= histogram->total)
		left = histogram->total - 1;
	for (i = 0; i < BENCH_BUCKETS - 1; i++) {
		if (left < histogram->counts[i])
			break;
		left -= histogram->counts[i];
	}
	return middle_of(i);
}
