/* A producer process of mq-bench. */
#include "base/clock.h"
#include "base/futex.h"
#include "queue/bench.h"
#include "queue/producer.h"

struct putting {
	const struct bench_plan *plan;
	struct producer *producer;
	struct bench_shared *shared;
	struct bench_part *part;
	struct buf value;
	int64_t next; /* number of the next message */
	int64_t end;
};

void
bench_shared_wait(struct bench_shared *shared)
{
	__atomic_fetch_add(&shared->ready, 1, __ATOMIC_SEQ_CST);
	futex_wake(&shared->ready);
	while (__atomic_load_n(&shared->go, __ATOMIC_SEQ_CST) == 0)
		futex_wait(&shared->go, 0, 100);
}

/* Sleeps until the rate allows the next step; returns false once the duration
 * is over. */
static bool
has_time(const struct putting *putting)
{
	const struct bench_plan *plan = putting->plan;
	int64_t now = clock_boot_us() - putting->part->started_us;
	int64_t due;

	if (plan->rate > 0) {
		due = putting->part->messages * plan->producers * 1000000 /
		    plan->rate;
		if (due / 1000 > plan->duration_ms)
			return false;
		if (due > now + 1000)
			clock_sleep_ms((due - now) / 1000);
	}
	return now / 1000 < plan->duration_ms;
}

/* Sleeps until every reader has all that was put, then a little longer, so
 * that the next message meets readers that are blocked. */
static void
wait_for_readers(const struct putting *putting)
{
	uint32_t target = (uint32_t)(putting->part->messages *
	    putting->plan->producers * putting->plan->consumers);
	uint32_t now;
	int64_t end = clock_boot_ms() + 1000;

	for (;;) {
		now = __atomic_load_n(&putting->shared->received,
		    __ATOMIC_SEQ_CST);
		if ((int32_t)(now - target) >= 0 || clock_boot_ms() > end)
			break;
		futex_wait(&putting->shared->received, now, 100);
	}
	clock_sleep_ms(1);
}

static int
put_step(struct putting *putting)
{
	struct message message = {.partition = -1};
	int64_t first = putting->next, start = clock_boot_us();
	int64_t last = first + putting->plan->batch;
	int failed;

	if (last > putting->end)
		last = putting->end;
	for (; putting->next < last; putting->next++) {
		buf_clear(&putting->value);
		bench_message_append(&putting->value, &putting->plan->run,
		    putting->next, start, putting->plan->size);
		message.record.value = buf_slice(&putting->value);
		failed = producer_put(putting->producer, &message);
		if (failed < 0)
			return failed;
	}
	failed = producer_flush(putting->producer, true);
	if (failed < 0)
		return failed;
	bench_histogram_append(&putting->part->latency,
	    clock_boot_us() - start);
	putting->part->messages += last - first;
	if (putting->plan->run.stored != NULL)
		for (; first < last; first++)
			putting->plan->run.stored[first] = 1;
	return 0;
}

static int
put_all(struct putting *putting)
{
	int failed = 0;

	bench_shared_wait(putting->shared);
	putting->part->started_us = clock_boot_us();
	while (failed == 0 && putting->next < putting->end &&
	    has_time(putting)) {
		failed = put_step(putting);
		if (failed == 0 && putting->plan->is_echo)
			wait_for_readers(putting);
	}
	putting->part->ended_us = clock_boot_us();
	__atomic_fetch_add(&putting->shared->finished, 1, __ATOMIC_SEQ_CST);
	return failed;
}

int
bench_put_run(const struct bench_plan *plan, struct sink *sink, int number,
    struct bench_shared *shared, struct bench_part *part)
{
	struct producer_options options = {
	    .partition = -1,
	    .codec = -1,
	    .batch_count = plan->batch,
	};
	struct putting putting = {
	    .plan = plan,
	    .shared = shared,
	    .part = part,
	    .next = plan->run.share * number,
	    .end = plan->run.share * (number + 1),
	};
	int failed;

	if (putting.end > plan->count)
		putting.end = plan->count;
	failed = producer_open(&putting.producer, sink, &options);
	if (failed == 0)
		failed = put_all(&putting);
	producer_close(putting.producer);
	buf_release(&putting.value);
	return failed;
}
