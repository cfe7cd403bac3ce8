/* One worker: its payload, its last words, its time limit. */
#include "base/clock.h"
#include "queue/worker.h"
#include "spool/dead.h"
#include "unit.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

extern char **environ;

static size_t heard;

static void
count_errors(struct slice text, void *context)
{
	(void)context;
	heard += text.size;
}

static const struct worker_listener listener = {count_errors, NULL};

/* Runs a script on the payload to its end; its wait status. */
static int
run(struct worker *worker, char *script, int64_t limit_ms)
{
	char *argv[] = {"sh", "-c", script, NULL};
	int status;

	heard = 0;
	if (worker_start(worker, argv, environ, limit_ms) < 0)
		return -1;
	while (worker_end(worker, &listener, &status) == 0) {
		struct pollfd entries[WORKER_POLLED];
		int count = worker_poll(worker, entries);

		poll(entries, (nfds_t)count, 50);
		worker_serve(worker, &listener);
		worker_tick(worker, clock_boot_ms());
	}
	return status;
}

static void
test_payload(struct worker *worker)
{
	for (int i = 0; i < 300000; i++)
		buf_append_byte(&worker->payload, 'x');
	CHECK(run(worker, "test $(wc -c) = 300000", INT64_MAX) == 0,
	    "a payload larger than a pipe arrives whole");
	CHECK(WEXITSTATUS(run(worker, "exit 3", INT64_MAX)) == 3,
	    "a worker that reads nothing ends as it likes");
	buf_clear(&worker->payload);
	CHECK(run(worker, "test $(wc -c) = 0", INT64_MAX) == 0,
	    "an empty payload is an empty input");
}

static void
test_errors(struct worker *worker)
{
	run(worker, "yes | head -c 200000 >&2; echo last words >&2",
	    INT64_MAX);
	CHECK(heard == 200011, "all of stderr is passed on");
	CHECK(worker->errors.size >= DEAD_STDERR_MAX &&
	        worker->errors.size <= 4 * DEAD_STDERR_MAX + 4096 &&
	        memcmp(worker->errors.data + worker->errors.size - 11,
	            "last words\n", 11) == 0,
	    "its end is kept, its beginning is not");
	run(worker, "sleep 60 & echo gone >&2", INT64_MAX);
	CHECK(heard == 5, "a child left behind with stderr holds up nobody");
}

static void
test_limit(struct worker *worker)
{
	int64_t start_ms = clock_boot_ms();
	int status = run(worker, "sleep 60", 50);

	CHECK(worker->timed_out && WIFSIGNALED(status) &&
	        WTERMSIG(status) == SIGTERM,
	    "a worker beyond its limit gets TERM");
	status = run(worker, "trap '' TERM; while :; do sleep 1; done", 50);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL &&
	        clock_boot_ms() - start_ms >= WORKER_GRACE_MS,
	    "one that ignores it gets KILL, later");
	status = run(worker, "exit 0", INT64_MAX);
	CHECK(!worker->timed_out && status == 0, "and the next one is free");
}

int
main(void)
{
	struct worker worker;

	signal(SIGPIPE, SIG_IGN);
	worker_init(&worker);
	test_payload(&worker);
	test_errors(&worker);
	test_limit(&worker);
	worker_release(&worker);
	return unit_end();
}
