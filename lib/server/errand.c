/* A task around a request. */
#include "server/errand.h"

#include "base/clock.h"

#include <stdlib.h>

enum { TURN_MS = 5 };

struct errand_task {
	struct task task;
	struct request *request;
	const struct errand *errand;
	struct tasks *tasks;
	bool has_more;
	size_t grown; /* counted in server->growing */
};

static void
take_steps(struct errand_task *sent, struct storage *storage)
{
	int64_t until_ms = clock_boot_ms() + TURN_MS;

	do {
		sent->has_more = sent->errand->step(sent->request, storage);
	} while (sent->has_more && clock_boot_ms() < until_ms);
}

static void
begin(struct task *task, struct storage *storage)
{
	struct errand_task *sent = (struct errand_task *)task;
	struct request *request = sent->request;
	size_t before = request->arena.held;

	if (sent->errand->step != NULL)
		take_steps(sent, storage);
	else
		sent->errand->run(request, storage);
	sent->grown += request->arena.held - before;
	__atomic_add_fetch(&request->server->growing,
	    request->arena.held - before, __ATOMIC_RELAXED);
}

static void
finish(struct task *task, struct storage *storage)
{
	struct errand_task *sent = (struct errand_task *)task;

	if (sent->errand->finish != NULL && !sent->has_more)
		sent->errand->finish(sent->request, storage);
}

static void
done(struct task *task)
{
	struct errand_task *sent = (struct errand_task *)task;
	struct request *request = sent->request;

	if (sent->has_more && request->connection != NULL &&
	    !request->server->is_closing) {
		tasks_add(sent->tasks, task);
		return;
	}
	__atomic_sub_fetch(&request->server->growing, sent->grown,
	    __ATOMIC_RELAXED);
	if (sent->errand->end != NULL)
		sent->errand->end(request);
	free(sent);
	request_answer(request);
}

void
errand_send(struct request *request, struct tasks *tasks,
    const struct errand *errand)
{
	struct errand_task *sent = memory_alloc(sizeof *sent);

	request->is_errand = true;
	sent->task.begin = begin;
	sent->task.finish = finish;
	sent->task.done = done;
	sent->request = request;
	sent->errand = errand;
	sent->tasks = tasks;
	tasks_add(tasks, &sent->task);
}
