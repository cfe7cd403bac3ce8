/* The crew of a pool: its workers, what they run and what becomes of it. */
#include "queue/crew.h"
#include "base/clock.h"
#include "base/fail.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

enum { BROKEN_STATUS = 126, MISSING_STATUS = 127 };

void
crew_keep_error(struct crew *crew, int error)
{
	if (crew->error == 0) {
		crew->error = error;
		snprintf(crew->message, sizeof(crew->message), "%s",
		    fail_message());
	}
	crew->is_draining = true;
}

/* The worker's code ends the run; the first such code counts. */
static void
finish_with(struct crew *crew, int status)
{
	if (crew->result->worker_status < 0)
		crew->result->worker_status = status;
	crew->is_draining = true;
}

static int64_t
max_attempts(const struct crew *crew, const struct grant *grant)
{
	struct supply *supply = crew->consumer->supply;

	return supply->kind->max_attempts(supply, grant->topic);
}

static bool
is_deadly(const struct crew *crew, const struct grant *grant,
    enum outcome outcome, bool is_attempt)
{
	if (outcome == OUTCOME_RELEASE)
		return is_attempt &&
		    grant->attempt >= max_attempts(crew, grant);
	return outcome == OUTCOME_REJECT;
}

static void
count_verdict(struct crew *crew, const struct verdict *verdict)
{
	int64_t count = verdict->last - verdict->first + 1;

	if (verdict->outcome == OUTCOME_ACCEPT ||
	    verdict->outcome == OUTCOME_RENEW)
		return;
	if (is_deadly(crew, &verdict->grant, verdict->outcome,
	        verdict->is_attempt))
		crew->result->dead += count;
	else
		crew->result->released += count;
}

static void
tell_verdict(const struct verdict *verdict, void *context)
{
	struct crew *crew = context;

	if (verdict->context != NULL)
		letters_tell(&crew->letters, verdict->context, verdict->lost);
	if (!verdict->lost) {
		count_verdict(crew, verdict);
		return;
	}
	crew->result->lost++;
	intake_mark_lost(&crew->intake, verdict);
	for (int64_t i = 0; i < crew->options->workers; i++) {
		if (is_job_in(&crew->jobs[i], verdict))
			crew->jobs[i].is_lost = true;
	}
	consumer_note_lost(crew->consumer, verdict);
}

void
crew_open(struct crew *crew, const struct pool_options *options,
    struct consumer_result *result)
{
	*crew = (struct crew){
		.options = options,
		.consumer = options->consumer,
		.result = result,
		.listener = {options->errors, options->context},
	};
	hand_init(&crew->hand, crew->consumer->supply);
	crew->hand.told = tell_verdict;
	crew->hand.context = crew;
	intake_open(&crew->intake, crew->consumer, &crew->hand,
	    options->workers);
	crew->jobs = memory_alloc((size_t)options->workers *
	    sizeof(*crew->jobs));
	for (int64_t i = 0; i < options->workers; i++)
		job_init(&crew->jobs[i], options->place,
		    options->framing);
}

void
crew_close(struct crew *crew)
{
	for (int64_t i = 0; i < crew->options->workers; i++)
		job_release(&crew->jobs[i]);
	free(crew->jobs);
	letters_release(&crew->letters);
	intake_close(&crew->intake);
	hand_release(&crew->hand);
}

/* The argument list of a job: the worker's, or a shell for --on-dead. */
static int
start_process(struct crew *crew, struct job *job)
{
	char *hook[] = {"/bin/sh", "-c", (char *)crew->options->on_dead, NULL};

	return worker_start(&job->worker,
	    job->is_hook ? hook : crew->options->argv,
	    environment_list(&job->environment),
	    crew->options->kill_after_ms);
}

static void
start_job(struct crew *crew, struct job *job)
{
	int result = start_process(crew, job);

	if (result == 0) {
		job->started_ms = clock_boot_ms();
		job->is_running = true;
		crew->running++;
		return;
	}
	job_give_back(job, &crew->hand);
	if (result != -FAIL_MISSING && result != -FAIL_PERMISSION) {
		crew_keep_error(crew, result);
		return;
	}
	consumer_note(crew->consumer, "%s", fail_message());
	finish_with(crew, result == -FAIL_MISSING ? MISSING_STATUS
	                                          : BROKEN_STATUS);
}

void
crew_start(struct crew *crew)
{
	for (int64_t i = 0; i < crew->options->workers; i++) {
		struct job *job = &crew->jobs[i];
		int result;

		if (job->is_running)
			continue;
		if (letters_take(&crew->letters, job)) {
			start_job(crew, job);
			continue;
		}
		if (crew->is_draining)
			continue;
		result = intake_take(&crew->intake, job);
		if (result < 0)
			crew_keep_error(crew, result);
		if (result == 1)
			start_job(crew, job);
	}
}

static void
end_hook(struct crew *crew, int status)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return;
	consumer_note(crew->consumer, "--on-dead: failed with %d",
	    WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

/* Names a delivery that failed, and how. */
static void
note_failure(struct crew *crew, const struct job *job, int status)
{
	char how[64];

	if (job->worker.timed_out)
		snprintf(how, sizeof(how), "was killed at its time limit");
	else if (WIFSIGNALED(status))
		snprintf(how, sizeof(how), "died of signal %d",
		    WTERMSIG(status));
	else
		snprintf(how, sizeof(how), "exited with %d",
		    WEXITSTATUS(status));
	consumer_note(crew->consumer, "%s:%d:%lld: attempt %d: worker %s",
	    consumer_topic(crew->consumer, &job->grant), job->grant.partition,
	    (long long)job_first(job), job->grant.attempt, how);
}

/* A worker has ended: what becomes of its messages. */
static void
settle_job(struct crew *crew, struct job *job, int status)
{
	enum action action = disposition_of(crew->options->disposition, status,
	    job->worker.timed_out);
	struct letter *letter = NULL;

	if (job->worker.timed_out)
		crew->result->timed_out = true;
	if (job->is_lost)
		return;
	if (job->was_told && action == ACTION_RETRY) {
		job_give_back(job, &crew->hand);
		return;
	}
	if (disposition_outcome(action) != OUTCOME_ACCEPT)
		note_failure(crew, job, status);
	if (action == ACTION_FINISH)
		finish_with(crew, 0);
	if (action == ACTION_BROKEN)
		finish_with(crew, WEXITSTATUS(status));
	if (crew->options->on_dead != NULL &&
	    (action == ACTION_DEAD ||
	        (action == ACTION_RETRY &&
	            is_deadly(crew, &job->grant, OUTCOME_RELEASE, true))))
		letter = letters_add(&crew->letters, job);
	job_settle(job, &crew->hand, action, status, letter);
	if (disposition_outcome(action) == OUTCOME_ACCEPT)
		crew->result->delivered += job->count;
}

void
crew_serve(struct crew *crew, struct job *job)
{
	int status;

	worker_serve(&job->worker, &crew->listener);
	if (worker_end(&job->worker, &crew->listener, &status) == 0)
		return;
	if (job->is_hook) {
		end_hook(crew, status);
	} else {
		intake_note_run(&crew->intake,
		    clock_boot_ms() - job->started_ms);
		settle_job(crew, job, status);
	}
	job->is_running = false;
	crew->running--;
}

void
crew_note_signals(struct crew *crew)
{
	consumer_tell_status(crew->consumer, crew->result, crew->running);
	if (*crew->consumer->stop == 0)
		return;
	crew->is_draining = true;
	if (*crew->consumer->urgent == 0 || crew->was_urgent)
		return;
	crew->was_urgent = true;
	for (int64_t i = 0; i < crew->options->workers; i++) {
		struct job *job = &crew->jobs[i];

		if (!job->is_running)
			continue;
		job->was_told = true;
		process_kill(&job->worker.process, SIGTERM);
	}
}

int64_t
crew_tick(struct crew *crew)
{
	int64_t now_ms = clock_boot_ms();
	int64_t next_ms = intake_tick(&crew->intake,
	    crew->running == crew->options->workers);

	for (int64_t i = 0; i < crew->options->workers; i++) {
		struct job *job = &crew->jobs[i];

		if (!job->is_running)
			continue;
		worker_tick(&job->worker, now_ms);
		if (job->worker.limit_ms < next_ms)
			next_ms = job->worker.limit_ms;
		if (job->is_hook || job->is_lost)
			continue;
		if (now_ms >= job->renew_ms) {
			job->renew_ms = now_ms + consumer_renew_ms(
			    crew->consumer, &job->grant);
			job_renew(job, &crew->hand);
		}
		if (job->renew_ms < next_ms)
			next_ms = job->renew_ms;
	}
	return next_ms;
}
