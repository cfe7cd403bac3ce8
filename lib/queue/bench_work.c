/* A consuming process of mq-bench: leases, reads, accepts. */
#include "base/clock.h"
#include "base/fail.h"
#include "queue/bench.h"
#include "spool/group.h"

/*
 * The place where the last lease ended is kept, so that leases that follow
 * each other read on.
 * Invariant: reader is open on partition and batch stands before `next`, or
 * reader is NULL.
 */
struct working {
	const struct bench_plan *plan;
	struct group *group;
	struct topic *topic;
	struct bench_order *order;
	struct bench_part *part;
	struct partition_reader *reader;
	struct batch_reader batch;
	struct buf scratch;
	struct record record;
	bool has_batch;
	int partition;
	int64_t next;
};

static int
seek(struct working *working, const struct lease *lease)
{
	struct partition *partition;
	int failed;

	if (working->reader != NULL && working->partition == lease->partition &&
	    working->next == lease->first)
		return 0;
	partition_reader_close(working->reader);
	working->reader = NULL;
	working->has_batch = false;
	failed = topic_partition(working->topic, lease->partition, &partition);
	if (failed < 0)
		return failed;
	working->partition = lease->partition;
	return partition_reader_open(&working->reader, partition, lease->first,
	    NULL);
}

/* The next record: 1 if there is one, 0 if the log ends here. */
static int
next_record(struct working *working)
{
	struct batch_header header;
	struct position position;
	struct slice bytes;
	int more;

	for (;;) {
		if (working->has_batch) {
			more = batch_reader_next(&working->batch,
			    &working->record);
			if (more != 0)
				return more;
			working->has_batch = false;
		}
		more = partition_reader_next(working->reader, &bytes, &header,
		    &position);
		if (more != 1)
			return more;
		more = batch_reader_open(&working->batch, bytes.data,
		    bytes.size, &working->scratch);
		if (more < 0)
			return more;
		working->has_batch = true;
	}
}

static int
read_lease(struct working *working, const struct lease *lease)
{
	int64_t sent;
	int more = seek(working, lease);

	if (more < 0)
		return more;
	for (working->next = lease->first; working->next <= lease->last;) {
		more = next_record(working);
		if (more != 1)
			return more < 0
			    ? more
			    : fail(FAIL_BUG, "a lease beyond the log's end");
		if (working->record.offset < working->next)
			continue;
		working->next = working->record.offset + 1;
		working->part->messages++;
		if (working->order != NULL)
			bench_order_read(working->order, lease->partition,
			    working->record.value, &working->part->tally, &sent);
	}
	return 0;
}

/* Settles the former lease and takes the next one in one step. Returns 1 if
 * there is one. */
static int
exchange(struct working *working, struct lease *lease)
{
	struct settlement settlement = {.lease = lease,
	    .first = lease->first,
	    .last = lease->last,
	    .outcome = OUTCOME_ACCEPT};
	struct want want = {.count = working->plan->batch, .partition = -1};
	struct lease next = {0};
	int64_t wake_ms, now = clock_boot_us();
	int lost;

	if ((now - working->part->started_us) / 1000 >=
	    working->plan->duration_ms)
		want.count = 0;
	lost = group_exchange(working->group, &settlement, lease->token != 0,
	    &want, &next, &wake_ms);
	if (lost > 0)
		return fail(FAIL_NOTHING, "a lease was lost");
	if (lost < 0)
		return lost;
	bench_histogram_append(&working->part->latency, clock_boot_us() - now);
	*lease = next;
	return lease->token != 0;
}

static int
work_all(struct working *working, struct bench_shared *shared)
{
	struct lease lease = {0};
	int more;

	bench_shared_wait(shared);
	working->part->started_us = clock_boot_us();
	while ((more = exchange(working, &lease)) == 1) {
		more = read_lease(working, &lease);
		if (more < 0)
			break;
	}
	working->part->ended_us = clock_boot_us();
	return more;
}

int
bench_work_run(const struct bench_plan *plan, struct topic *topic,
    struct bench_shared *shared, struct bench_part *part)
{
	struct group_options options = {
	    .order = ORDER_NONE,
	    .is_session = true,
	    .backoff_low_ms = -1,
	    .backoff_high_ms = -1,
	};
	struct working working = {
	    .plan = plan,
	    .topic = topic,
	    .part = part,
	};
	int failed;

	if (plan->run.seen != NULL)
		working.order = bench_order_open(&plan->run);
	failed = group_join(&working.group, topic_spool(topic), plan->group,
	    &topic, 1, &options);
	if (failed == 0)
		failed = work_all(&working, shared);
	group_leave(working.group);
	partition_reader_close(working.reader);
	bench_order_close(working.order);
	buf_release(&working.scratch);
	return failed;
}
