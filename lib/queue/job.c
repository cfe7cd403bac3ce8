/* A job: leased messages as the payload of one worker. */
#include "queue/job.h"
#include "spool/dead.h"

#include <stdio.h>
#include <sys/wait.h>

void
job_init(struct job *job, const char *place,
    const struct framing *framing)
{
	*job = (struct job){0};
	worker_init(&job->worker);
	environment_init(&job->environment, place);
	composer_init(&job->composer, framing);
}

void
job_release(struct job *job)
{
	worker_release(&job->worker);
	environment_release(&job->environment);
	composer_release(&job->composer);
	buf_release(&job->ranges);
	buf_release(&job->receipt);
}

static struct job_range *
ranges(const struct job *job)
{
	return (struct job_range *)job->ranges.data;
}

static size_t
range_count(const struct job *job)
{
	return job->ranges.size / sizeof(struct job_range);
}

void
job_begin(struct job *job, const struct grant *grant)
{
	job->grant = *grant;
	job->count = 0;
	job->is_lost = false;
	job->is_hook = false;
	job->was_told = false;
	buf_clear(&job->ranges);
	buf_clear(&job->worker.payload);
}

static void
add_offset(struct job *job, int64_t offset)
{
	struct job_range range = {offset, offset};
	size_t count = range_count(job);

	if (count > 0 && ranges(job)[count - 1].last + 1 == offset)
		ranges(job)[count - 1].last = offset;
	else
		buf_append(&job->ranges, &range, sizeof(range));
}

int
job_add(struct job *job, const struct supply *supply,
    const struct message *message)
{
	int64_t offset = message->record.offset;
	struct message mine = *message;
	int result;

	buf_clear(&job->receipt);
	supply_receipt(supply, &job->grant, offset, offset, &job->receipt);
	mine.receipt = buf_text(&job->receipt);
	result = composer_add(&job->composer, &mine, &job->worker.payload);
	if (result < 0)
		return result;
	add_offset(job, offset);
	if (job->count++ == 0)
		environment_set(&job->environment, &mine);
	return 0;
}

int
job_finish_payload(struct job *job, bool is_batch)
{
	if (is_batch)
		environment_add_count(&job->environment, job->count);
	return composer_finish(&job->composer, &job->worker.payload);
}

/* What goes with the dead letter, if it comes to that. */
static void
describe(const struct job *job, int status, struct failure *failure,
    char *text, size_t size)
{
	const struct worker *worker = &job->worker;
	size_t heard = worker->errors.size;
	size_t keep = heard < DEAD_STDERR_MAX ? heard : DEAD_STDERR_MAX;

	*failure = (struct failure){
		.reason = text,
		.exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : -1,
		.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0,
		.started_ms = worker->started_ms,
		.ended_ms = worker->ended_ms,
	};
	if (keep > 0)
		failure->errors = (struct slice){
			worker->errors.data + heard - keep, keep};
	if (worker->timed_out)
		snprintf(text, size, "worker killed at its time limit");
	else if (WIFSIGNALED(status))
		snprintf(text, size, "worker killed by signal %d",
		    WTERMSIG(status));
	else
		snprintf(text, size, "worker exited with %d",
		    WEXITSTATUS(status));
}

int64_t
job_first(const struct job *job)
{
	return range_count(job) > 0 ? ranges(job)[0].first : job->grant.first;
}

void
job_settle(struct job *job, struct hand *hand, enum action action, int status,
    void *letter)
{
	struct failure failure;
	char text[80];

	describe(job, status, &failure, text, sizeof(text));
	for (size_t i = 0; i < range_count(job); i++) {
		struct verdict *verdict = hand_add(hand, &job->grant,
		    ranges(job)[i].first, ranges(job)[i].last,
		    disposition_outcome(action));

		if (verdict == NULL || verdict->outcome == OUTCOME_ACCEPT)
			continue;
		if (action == ACTION_BROKEN)
			continue;
		verdict->is_attempt = true;
		verdict->delay_ms = -1;
		verdict_set_failure(verdict, &failure);
		verdict->context = letter;
		letter = NULL;
	}
}

void
job_renew(struct job *job, struct hand *hand)
{
	for (size_t i = 0; i < range_count(job); i++)
		hand_add(hand, &job->grant, ranges(job)[i].first,
		    ranges(job)[i].last, OUTCOME_RENEW);
}

void
job_give_back(struct job *job, struct hand *hand)
{
	for (size_t i = 0; i < range_count(job); i++)
		hand_give_back(hand, &job->grant, ranges(job)[i].first,
		    ranges(job)[i].last);
}

bool
is_job_in(const struct job *job, const struct verdict *verdict)
{
	if (!job->is_running || job->is_hook ||
	    job->grant.serial != verdict->grant.serial ||
	    job->grant.topic != verdict->grant.topic ||
	    job->grant.partition != verdict->grant.partition)
		return false;
	for (size_t i = 0; i < range_count(job); i++) {
		if (ranges(job)[i].first <= verdict->last &&
		    ranges(job)[i].last >= verdict->first)
			return true;
	}
	return false;
}
