/* The intake of a pool: leases taken and not yet given to workers. */
#include "queue/intake.h"
#include "base/clock.h"

#include <string.h>

enum {
	FAST_MS = 50,     /* a worker that takes less is fast */
	FAST_RUNS = 2,    /* that many fast ones let us lease ahead */
	AHEAD = 4,        /* payloads ahead for each worker */
	HELD_MAX_MS = 250, /* longer, and somebody else may have it */
};

void
intake_open(struct intake *intake, const struct consumer_options *options,
    struct hand *hand, int64_t workers)
{
	*intake = (struct intake){
		.options = options,
		.hand = hand,
		.workers = workers,
		.look = true,
	};
}

void
intake_close(struct intake *intake)
{
	buf_release(&intake->held);
}

static struct held *
list(const struct intake *intake)
{
	return (struct held *)intake->held.data;
}

static size_t
list_count(const struct intake *intake)
{
	return intake->held.size / sizeof(struct held);
}

int64_t
intake_held(const struct intake *intake)
{
	int64_t count = 0;

	for (size_t i = 0; i < list_count(intake); i++)
		count += list(intake)[i].grant.last - list(intake)[i].next + 1;
	return count;
}

static int64_t
batch_of(const struct intake *intake)
{
	return intake->options->batch > 0 ? intake->options->batch : 1;
}

int64_t
intake_wanted(const struct intake *intake, int64_t free_workers)
{
	int64_t batch = batch_of(intake);
	int64_t held = intake_held(intake);
	int64_t left = intake->options->count - intake->taken - held;
	int64_t least = free_workers * batch;
	int64_t goal = least;

	/* With an order, what is ahead may not run beside what is running. */
	if (intake->options->order != ORDER_NONE) {
		goal = free_workers > 0 && held == 0 ? batch : 0;
		least = goal;
	} else if (intake->fast_runs >= FAST_RUNS) {
		least = intake->workers * batch;
		goal = AHEAD * least;
	}
	if (held >= least || left <= 0)
		return 0;
	return goal - held < left ? goal - held : left;
}

static void
hold(struct intake *intake, const struct grant *grant)
{
	int64_t now_ms = clock_boot_ms();
	struct held held = {
		.grant = *grant,
		.next = grant->first,
		.since_ms = now_ms,
		.renew_ms = now_ms +
		    consumer_renew_ms(intake->options, grant),
	};

	buf_append(&intake->held, &held, sizeof(held));
}

int
intake_exchange(struct intake *intake, int64_t wanted)
{
	struct want want = {wanted, intake->options->partition};
	struct grant grant;
	int64_t wake_ms = INT64_MAX;
	int result;

	result = hand_exchange(intake->hand, &want, &grant, &wake_ms);
	if (result < 0 || wanted == 0)
		return result < 0 ? result : 0;
	intake->look = !is_grant_empty(&grant) || wake_ms == 0;
	intake->wake_ms = wake_ms;
	if (is_grant_empty(&grant))
		return 0;
	hold(intake, &grant);
	return 1;
}

static void
drop_first(struct intake *intake)
{
	size_t rest = intake->held.size - sizeof(struct held);

	memmove(intake->held.data, intake->held.data + sizeof(struct held),
	    rest);
	intake->held.size = rest;
}

/* Messages of the first held lease into the job, up to a batch. What is
 * between them does not match or is gone: settled. 1, or 0 at its end. */
static int
collect(struct intake *intake, struct held *held, struct job *job)
{
	int64_t most = batch_of(intake);
	int64_t left = intake->options->count - intake->taken;
	struct supply *supply = intake->options->supply;
	struct message message;
	int result;

	if (most > left)
		most = left;
	result = supply->kind->begin(supply, &held->grant, held->next);
	while (result >= 0 && job->count < most) {
		result = supply->kind->next(supply, &message);
		if (result != 1)
			break;
		hand_add(intake->hand, &held->grant, held->next,
		    message.record.offset - 1, OUTCOME_ACCEPT);
		held->next = message.record.offset + 1;
		if (intake->options->each != NULL)
			intake->options->each(&message,
			    intake->options->context);
		result = job_add(job, supply, &message);
	}
	if (result < 0 || job->count == most)
		return result < 0 ? result : 1;
	hand_add(intake->hand, &held->grant, held->next,
	    supply->kind->end(supply) - 1, OUTCOME_ACCEPT);
	hand_give_back(intake->hand, &held->grant,
	    supply->kind->end(supply), held->grant.last);
	held->next = held->grant.last + 1;
	return 0;
}

int
intake_take(struct intake *intake, struct job *job)
{
	while (list_count(intake) > 0 &&
	    intake->taken < intake->options->count) {
		struct held *held = list(intake);
		int result;

		if (held->is_lost || held->next > held->grant.last) {
			drop_first(intake);
			continue;
		}
		job_begin(job, &held->grant);
		result = collect(intake, held, job);
		if (result < 0) {
			job_give_back(job, intake->hand);
			return result;
		}
		if (job->count == 0)
			continue;
		intake->taken += job->count;
		job->renew_ms = held->renew_ms;
		result = job_finish_payload(job, intake->options->batch > 1);
		return result < 0 ? result : 1;
	}
	return 0;
}

void
intake_note_run(struct intake *intake, int64_t ms)
{
	intake->fast_runs = ms < FAST_MS ? intake->fast_runs + 1 : 0;
}

void
intake_give_back(struct intake *intake)
{
	for (size_t i = 0; i < list_count(intake); i++) {
		const struct held *held = &list(intake)[i];

		if (!held->is_lost)
			hand_give_back(intake->hand, &held->grant, held->next,
			    held->grant.last);
	}
	buf_clear(&intake->held);
}

int64_t
intake_tick(struct intake *intake, bool is_busy)
{
	int64_t now_ms = clock_boot_ms();
	int64_t next_ms = INT64_MAX;

	if (is_busy && list_count(intake) > 0) {
		next_ms = list(intake)->since_ms + HELD_MAX_MS;
		if (now_ms >= next_ms) {
			intake->fast_runs = 0;
			intake_give_back(intake);
			return INT64_MAX;
		}
	}
	for (size_t i = 0; i < list_count(intake); i++) {
		struct held *held = &list(intake)[i];

		if (now_ms >= held->renew_ms) {
			held->renew_ms = now_ms + consumer_renew_ms(
			    intake->options, &held->grant);
			hand_add(intake->hand, &held->grant, held->next,
			    held->grant.last, OUTCOME_RENEW);
		}
		if (held->renew_ms < next_ms)
			next_ms = held->renew_ms;
	}
	return next_ms;
}

void
intake_mark_lost(struct intake *intake, const struct verdict *verdict)
{
	for (size_t i = 0; i < list_count(intake); i++) {
		struct held *held = &list(intake)[i];

		if (held->grant.serial == verdict->grant.serial &&
		    held->grant.topic == verdict->grant.topic &&
		    held->grant.partition == verdict->grant.partition &&
		    held->next <= verdict->last &&
		    held->grant.last >= verdict->first)
			held->is_lost = true;
	}
}
