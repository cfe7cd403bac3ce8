/* A pool of workers on the messages of a group. */
#include "queue/pool.h"
#include "base/clock.h"
#include "base/fail.h"
#include "queue/crew.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

struct pool {
	struct crew crew;
	struct intake *intake; /* the crew's */
	const struct consumer_options *consumer;
	struct pollfd *polled; /* the supply's, and room for each worker's */
	int64_t started_ms;
};

static int
timeout_until(int64_t next_ms)
{
	int64_t left_ms = next_ms - clock_boot_ms();

	if (next_ms == INT64_MAX)
		return -1;
	if (left_ms < 0)
		return 0;
	return left_ms > INT_MAX ? INT_MAX : (int)left_ms;
}

/* Fills in what to poll for; each job knows its part. */
static nfds_t
fill_polled(struct pool *pool, int bell)
{
	nfds_t count = 1;

	pool->polled[0] = (struct pollfd){bell, POLLIN, 0};
	for (int64_t i = 0; i < pool->crew.options->workers; i++) {
		struct job *job = &pool->crew.jobs[i];

		job->polled = pool->polled + count;
		job->polled_count = job->is_running
		    ? worker_poll(&job->worker, job->polled)
		    : 0;
		count += (nfds_t)job->polled_count;
	}
	return count;
}

static bool
has_events(const struct job *job)
{
	for (int i = 0; i < job->polled_count; i++) {
		if (job->polled[i].revents != 0)
			return true;
	}
	return false;
}

/* Sleeps until a worker or the supply (unless bell is -1) has something for us,
 * or until next_ms. */
static void
sleep_in_poll(struct pool *pool, int64_t next_ms, int bell)
{
	enum { PAUSE_MS = 10 };
	struct supply *supply = pool->consumer->supply;
	nfds_t count = fill_polled(pool, bell);
	int ready = poll(pool->polled, count, timeout_until(next_ms));

	if (ready == 0 || (ready < 0 && errno == EINTR))
		return;
	/* No memory to wait with: everybody is looked at now and then. */
	if (ready < 0)
		clock_sleep_ms(PAUSE_MS);
	if (bell >= 0 && (ready < 0 || pool->polled[0].revents != 0) &&
	    supply->kind->answer(supply))
		pool->intake->look = true;
	for (int64_t i = 0; i < pool->crew.options->workers; i++) {
		struct job *job = &pool->crew.jobs[i];

		if (job->is_running && (ready < 0 || has_events(job)))
			crew_serve(&pool->crew, job);
	}
}

static int64_t
wanted(const struct pool *pool)
{
	if (pool->crew.is_draining)
		return 0;
	return intake_wanted(pool->intake,
	    pool->crew.options->workers - pool->crew.running);
}

/* Sleeps while workers run. */
static void
sleep_busy(struct pool *pool)
{
	int64_t next_ms = crew_tick(&pool->crew);
	int64_t look_ms = INT64_MAX;
	struct supply *supply = pool->consumer->supply;
	int bell = -1;

	/* Renewals are told first, unless the group cannot be told. */
	if (!is_hand_empty(&pool->crew.hand) && pool->crew.error == 0)
		return;
	if (wanted(pool) > 0 && !pool->intake->look) {
		int result = supply->kind->arm(supply, &bell);

		if (result < 0)
			crew_keep_error(&pool->crew, result);
		pool->intake->look = result == 1;
		if (result == 1)
			return;
		look_ms = clock_boot_ms() + TOPIC_LOOK_MS;
		if (pool->intake->wake_ms < look_ms)
			look_ms = pool->intake->wake_ms;
	}
	sleep_in_poll(pool, next_ms < look_ms ? next_ms : look_ms, bell);
	if (clock_boot_ms() >= look_ms)
		pool->intake->look = true;
}

/* Sleeps with nothing in hand. False if it is time to end. */
static bool
sleep_idle(struct pool *pool)
{
	struct supply *supply = pool->consumer->supply;
	int64_t until_ms = consumer_wait_until(pool->consumer,
	    pool->started_ms, pool->intake->taken > 0, pool->intake->wake_ms);
	int result;

	if (until_ms == 0)
		return false;
	result = supply->kind->sleep(supply, until_ms);
	if (result < 0)
		crew_keep_error(&pool->crew, result);
	pool->intake->look = true;
	return true;
}

/* Tells the group what is settled and takes more. True if something was to be
 * told or taken; an error keeps the verdicts, for one more try at the end. */
static bool
exchange(struct pool *pool)
{
	int64_t more = wanted(pool);
	int result;

	if (is_hand_empty(&pool->crew.hand) &&
	    (more == 0 || !pool->intake->look))
		return false;
	result = intake_exchange(pool->intake, more);
	if (result < 0)
		crew_keep_error(&pool->crew, result);
	return result >= 0;
}

/* One turn: start what can be, exchange what there is, sleep if nothing else
 * is left. False at the end. */
static bool
turn(struct pool *pool)
{
	struct crew *crew = &pool->crew;

	crew_note_signals(crew);
	if (crew->is_draining)
		intake_give_back(pool->intake);
	crew_start(crew);
	if (exchange(pool))
		return true;
	if (crew->running > 0) {
		sleep_busy(pool);
		return true;
	}
	if (crew->error < 0)
		return false;
	if (has_letters_ready(&crew->letters))
		return true;
	if (crew->is_draining ||
	    pool->intake->taken >= pool->consumer->count)
		return false;
	return intake_held(pool->intake) > 0 || sleep_idle(pool);
}

int
pool_run(const struct pool_options *options, struct consumer_result *result)
{
	struct pool pool = {.consumer = options->consumer};
	struct crew *crew = &pool.crew;
	int error;

	*result = (struct consumer_result){.worker_status = -1};
	crew_open(crew, options, result);
	pool.intake = &crew->intake;
	pool.polled = memory_alloc(((size_t)options->workers *
	        WORKER_POLLED + 1) * sizeof(*pool.polled));
	pool.started_ms = clock_boot_ms();
	while (turn(&pool))
		;
	/* What an error left untold stays settled if it can. */
	intake_give_back(pool.intake);
	if (!is_hand_empty(&crew->hand))
		(void)intake_exchange(pool.intake, 0);
	error = crew->error;
	if (error < 0)
		fail((enum fail)-error, "%s", crew->message);
	free(pool.polled);
	crew_close(crew);
	return error;
}
