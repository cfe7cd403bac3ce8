/* Histograms of mq-bench: what is read is what was measured, within 4 %. */
#include "queue/bench_histogram.h"
#include "unit.h"

static bool
is_near(int64_t value, int64_t right)
{
	return value >= right * 96 / 100 && value <= right * 104 / 100;
}

int
main(void)
{
	static struct bench_histogram one, other;
	int i;

	CHECK(bench_histogram_read(&one, 0.5) == 0, "an empty one is zero");
	for (i = 1; i <= 50000; i++)
		bench_histogram_append(&one, i);
	for (; i <= 100000; i++)
		bench_histogram_append(&other, i);
	bench_histogram_merge(&one, &other);
	CHECK(one.total == 100000, "merging adds");
	CHECK(is_near(bench_histogram_read(&one, 0.5), 50000),
	    "half lies below the median");
	CHECK(is_near(bench_histogram_read(&one, 0.99), 99000),
	    "99 % lie below the 99th percentile");
	CHECK(is_near(bench_histogram_read(&one, 1), 100000),
	    "all lie below the largest");
	bench_histogram_append(&one, -5);
	bench_histogram_append(&one, INT64_MAX);
	CHECK(one.total == 100002, "no time is out of range");
	return unit_end();
}
