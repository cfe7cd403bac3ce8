/* A task around a request. */
#include "server/errand.h"

#include <stdlib.h>

struct errand_task {
	struct task task;
	struct request *request;
	const struct errand *errand;
};

static void
begin(struct task *task, struct storage *storage)
{
	struct errand_task *sent = (struct errand_task *)task;

	sent->errand->run(sent->request, storage);
}

static void
finish(struct task *task, struct storage *storage)
{
	struct errand_task *sent = (struct errand_task *)task;

	if (sent->errand->finish != NULL)
		sent->errand->finish(sent->request, storage);
}

static void
done(struct task *task)
{
	struct errand_task *sent = (struct errand_task *)task;
	struct request *request = sent->request;

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

	sent->task.begin = begin;
	sent->task.finish = finish;
	sent->task.done = done;
	sent->request = request;
	sent->errand = errand;
	tasks_add(tasks, &sent->task);
}
