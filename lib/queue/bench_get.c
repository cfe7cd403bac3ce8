/* A reading process of mq-bench. */
#include "base/clock.h"
#include "base/futex.h"
#include "queue/bench.h"
#include "queue/scan.h"

struct reading {
	const struct bench_plan *plan;
	struct scan *scan;
	struct bench_order *order;
	struct bench_shared *shared;
	struct bench_part *part;
};

static void
count_message(struct reading *reading, const struct message *message)
{
	int64_t sent = 0;
	bool is_ours;

	reading->part->messages++;
	if (reading->order == NULL)
		return;
	is_ours = bench_order_read(reading->order, message->partition,
	    message->record.value, &reading->part->tally, &sent);
	if (!reading->plan->is_echo || !is_ours)
		return;
	bench_histogram_append(&reading->part->latency, clock_boot_us() - sent);
	futex_ring(&reading->shared->received);
}

/* Reads to the end that is there now, timing each batch of messages. */
static int
read_available(struct reading *reading)
{
	struct message message;
	int64_t start = clock_boot_us(), count = 0, now;
	int more;

	while ((more = scan_next(reading->scan, &message)) == 1) {
		count_message(reading, &message);
		if (reading->plan->is_echo || ++count % reading->plan->batch)
			continue;
		now = clock_boot_us();
		bench_histogram_append(&reading->part->latency, now - start);
		start = now;
		if ((now - reading->part->started_us) / 1000 >
		    reading->plan->duration_ms)
			break;
	}
	return more < 0 ? more : 0;
}

/* What is there when the producers have ended is all that they put. */
static int
read_until_producers_end(struct reading *reading)
{
	uint32_t ended;
	int failed;

	do {
		ended = __atomic_load_n(&reading->shared->finished,
		    __ATOMIC_SEQ_CST);
		failed = read_available(reading);
		if (failed == 0 && ended < (uint32_t)reading->plan->producers)
			scan_wait(reading->scan, 100);
	} while (failed == 0 && ended < (uint32_t)reading->plan->producers);
	if (failed == 0)
		failed = scan_seal(reading->scan);
	while (failed == 0 && !is_scan_finished(reading->scan)) {
		failed = read_available(reading);
		if (failed == 0 && !is_scan_finished(reading->scan))
			scan_wait(reading->scan, 100);
	}
	return failed;
}

int
bench_get_run(const struct bench_plan *plan, struct source *source,
    struct bench_shared *shared, struct bench_part *part)
{
	struct scan_options options = {
	    .range = {.from = {.kind = plan->is_echo ? BOUND_END : BOUND_START}},
	    .partition = -1,
	    .follow = plan->is_echo,
	};
	struct reading reading = {
	    .plan = plan,
	    .shared = shared,
	    .part = part,
	};
	int failed;

	if (plan->run.seen != NULL || plan->is_echo)
		reading.order = bench_order_open(&plan->run);
	failed = scan_open(&reading.scan, source, &options);
	if (failed < 0)
		goto out;
	bench_shared_wait(shared);
	part->started_us = clock_boot_us();
	failed = plan->is_echo ? read_until_producers_end(&reading)
			       : read_available(&reading);
	part->ended_us = clock_boot_us();
out:
	scan_close(reading.scan);
	bench_order_close(reading.order);
	return failed;
}
