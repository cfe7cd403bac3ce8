/* Runs the processes of mq-bench and collects what they reached. */
#include "bench.h"
#include "base/futex.h"
#include "tool.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

void *
bench_processes_share(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (memory == MAP_FAILED)
		tool_fail(fail_errno("memory shared by processes"));
	return memory;
}

/* In the child: one part of the run, then the end. */
static _Noreturn void
run_part(const struct bench *bench, const struct bench_plan *plan, int producer,
    struct bench_shared *shared, struct bench_part *part)
{
	struct bench_way way;
	int failed;

	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	bench_way_open(&way, bench);
	if (producer >= 0)
		failed = bench_put_run(plan, bench_way_sink(&way, bench),
		    producer, shared, part);
	else if (bench->kind == BENCH_WORK)
		failed = bench_work_run(plan, way.topic, shared, part);
	else
		failed = bench_get_run(plan, bench_way_source(&way, bench),
		    shared, part);
	tool_must(failed);
	bench_way_close(&way);
	_exit(0);
}

static void
add_part(struct bench_part *sum, const struct bench_part *part)
{
	if (sum->started_us == 0 || part->started_us < sum->started_us)
		sum->started_us = part->started_us;
	if (part->ended_us > sum->ended_us)
		sum->ended_us = part->ended_us;
	sum->messages += part->messages;
	sum->tally.lost += part->tally.lost;
	sum->tally.duplicated += part->tally.duplicated;
	sum->tally.reordered += part->tally.reordered;
	bench_histogram_merge(&sum->latency, &part->latency);
}

/* Waits until every child is ready, or one has ended; then all may go. */
static void
start_all(struct bench_shared *shared, int count)
{
	siginfo_t ended = {0};
	uint32_t ready;

	for (;;) {
		ready = __atomic_load_n(&shared->ready, __ATOMIC_SEQ_CST);
		if (ready >= (uint32_t)count)
			break;
		waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT);
		if (ended.si_pid != 0)
			break;
		futex_wait(&shared->ready, ready, 100);
	}
	__atomic_store_n(&shared->go, 1, __ATOMIC_SEQ_CST);
	futex_wake(&shared->go);
}

/* The children's worst exit status. A signal to us ends them first. */
static int
collect_all(const pid_t *children, int count)
{
	int status, worst = 0, i;

	for (;;) {
		if (tool_signal != 0)
			for (i = 0; i < count; i++)
				kill(children[i], SIGTERM);
		if (wait(&status) < 0) {
			if (errno == EINTR)
				continue;
			return worst;
		}
		status = WIFEXITED(status) ? WEXITSTATUS(status)
					   : 128 + WTERMSIG(status);
		if (status > worst)
			worst = status;
	}
}

int
bench_processes_run(struct bench *bench, const struct bench_plan *plan,
    int producers, int consumers)
{
	int count = producers + consumers, i, worst;
	struct bench_shared *shared = bench_processes_share(sizeof(*shared));
	struct bench_part *parts = bench_processes_share(
	    (size_t)count * sizeof(*parts));
	pid_t *children = memory_alloc((size_t)count * sizeof(*children));

	for (i = 0; i < count; i++) {
		children[i] = fork();
		if (children[i] < 0)
			tool_fail(fail_errno("a process of the run"));
		if (children[i] == 0)
			run_part(bench, plan, i < producers ? i : -1, shared,
			    &parts[i]);
	}
	start_all(shared, count);
	worst = collect_all(children, count);
	free(children);
	for (i = 0; i < count; i++)
		add_part(i < producers ? &bench->puts : &bench->gets,
		    &parts[i]);
	return worst;
}
