/* One running worker: its process, payload, last words and time limit. */
#include "queue/worker.h"
#include "base/clock.h"
#include "spool/dead.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

enum { ROUND_MAX = 64 * 1024 };

void
worker_init(struct worker *worker)
{
	*worker = (struct worker){.process = {0, -1, -1, -1}};
}

void
worker_release(struct worker *worker)
{
	process_release(&worker->process);
	buf_release(&worker->payload);
	buf_release(&worker->errors);
}

static void
close_input(struct worker *worker)
{
	close(worker->process.input);
	worker->process.input = -1;
}

/* Who has not got all of a message must not acknowledge it; unless it was he
 * who closed his end. */
static void
starve(struct worker *worker, int error)
{
	if (error != EPIPE)
		process_kill(&worker->process, SIGKILL);
	close_input(worker);
}

/* A worker that does not read all of its payload may know why: only its exit
 * status counts. */
static void
feed(struct worker *worker)
{
	while (worker->process.input >= 0) {
		size_t left = worker->payload.size - worker->fed;
		ssize_t put;

		if (left == 0) {
			close_input(worker);
			return;
		}
		put = write(worker->process.input,
		    worker->payload.data + worker->fed, left);
		if (put >= 0)
			worker->fed += (size_t)put;
		else if (errno == EAGAIN)
			return;
		else if (errno != EINTR)
			starve(worker, errno);
	}
}

static void
keep_end(struct buf *errors)
{
	size_t more;

	if (errors->size < 4 * DEAD_STDERR_MAX)
		return;
	more = errors->size - DEAD_STDERR_MAX;
	memmove(errors->data, errors->data + more, DEAD_STDERR_MAX);
	errors->size = DEAD_STDERR_MAX;
}

/* Hears at most max bytes, so that one loud worker does not hold up all. */
static void
hear(struct worker *worker, const struct worker_listener *listener, size_t max)
{
	size_t heard = 0;

	while (worker->process.errors >= 0 && heard < max) {
		char text[4096];
		ssize_t got = read(worker->process.errors, text, sizeof(text));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && errno == EAGAIN)
			return;
		if (got <= 0) {
			close(worker->process.errors);
			worker->process.errors = -1;
			return;
		}
		heard += (size_t)got;
		buf_append(&worker->errors, text, (size_t)got);
		keep_end(&worker->errors);
		listener->errors((struct slice){text, (size_t)got},
		    listener->context);
	}
}

int
worker_start(struct worker *worker, char *const argv[],
    char *const environment[], int64_t limit_ms)
{
	int result;

	worker->fed = 0;
	worker->timed_out = false;
	buf_clear(&worker->errors);
	worker->started_ms = clock_wall_ms();
	result = process_start(&worker->process, argv, environment);
	if (result < 0)
		return result;
	worker->limit_ms = limit_ms > INT64_MAX / 2
	    ? INT64_MAX
	    : clock_boot_ms() + limit_ms;
	feed(worker);
	return 0;
}

int
worker_poll(const struct worker *worker, struct pollfd *entries)
{
	const struct process *process = &worker->process;
	int count = 0;

	entries[count++] = (struct pollfd){process->pidfd, POLLIN, 0};
	if (process->input >= 0)
		entries[count++] =
		    (struct pollfd){process->input, POLLOUT, 0};
	if (process->errors >= 0)
		entries[count++] =
		    (struct pollfd){process->errors, POLLIN, 0};
	return count;
}

void
worker_serve(struct worker *worker, const struct worker_listener *listener)
{
	feed(worker);
	hear(worker, listener, ROUND_MAX);
}

void
worker_tick(struct worker *worker, int64_t now_ms)
{
	if (worker->process.pid == 0 || now_ms < worker->limit_ms)
		return;
	if (worker->timed_out) {
		process_kill(&worker->process, SIGKILL);
		worker->limit_ms = INT64_MAX;
		return;
	}
	worker->timed_out = true;
	worker->limit_ms = now_ms + WORKER_GRACE_MS;
	process_kill(&worker->process, SIGTERM);
}

/* True once the child can be collected, which frees its process id. */
static bool
has_ended(const struct worker *worker)
{
	return is_process_ended(&worker->process);
}

int
worker_end(struct worker *worker, const struct worker_listener *listener,
    int *status)
{
	if (!has_ended(worker))
		return 0;
	/* Its own children had their chance when it had. */
	if (worker->timed_out)
		process_kill(&worker->process, SIGKILL);
	if (process_collect(&worker->process, status) < 0)
		return 0;
	worker->ended_ms = clock_wall_ms();
	hear(worker, listener, 16 * ROUND_MAX);
	process_release(&worker->process);
	return 1;
}
