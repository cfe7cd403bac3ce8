/* A server whose threads are no threads: what they do is done between the turns
 * of its loop, and chance is none, so that an input always does the same. */
#ifndef TURNS_H
#define TURNS_H

#include "base/hash.h"
#include "fuzz.h"
#include "server/tasks.h"

struct tasks {
	struct task *first;
	struct task **last;
	struct storage *storage;
	struct tasks *next;
};

/* In place of lib/server/tasks.c. */
static struct tasks *all_tasks;

int
tasks_start(struct tasks **out, struct event_base *base, const char *path,
    bool force)
{
	struct tasks *tasks = memory_alloc(sizeof *tasks);

	(void)base;
	tasks->last = &tasks->first;
	MUST(storage_open(&tasks->storage, path, force) == 0, "a spool opens");
	tasks->next = all_tasks;
	all_tasks = tasks;
	*out = tasks;
	return 0;
}

void
tasks_add(struct tasks *tasks, struct task *task)
{
	task->next = NULL;
	*tasks->last = task;
	tasks->last = &task->next;
}

struct storage *
tasks_storage(const struct tasks *tasks)
{
	return tasks->first == NULL ? tasks->storage : NULL;
}

static bool
do_tasks(struct tasks *tasks)
{
	struct task *first = tasks->first;

	for (struct task *task = first; task != NULL; task = task->next)
		task->begin(task, tasks->storage);
	for (struct task *task = first; task != NULL; task = task->next)
		if (task->finish != NULL)
			task->finish(task, tasks->storage);
	tasks->first = NULL;
	tasks->last = &tasks->first;
	for (struct task *task = first, *next; task != NULL; task = next) {
		next = task->next;
		task->done(task);
	}
	return first != NULL;
}

void
tasks_stop(struct tasks *tasks)
{
	struct tasks **place = &all_tasks;

	if (tasks == NULL)
		return;
	do_tasks(tasks);
	while (*place != tasks)
		place = &(*place)->next;
	*place = tasks->next;
	storage_close(tasks->storage);
	free(tasks);
}

/* In place of lib/base/random.c: ids that are no others, and the same again. */
static uint64_t random_count;

void
random_bytes(void *data, size_t size)
{
	random_count++;
	for (size_t i = 0; i < size; i++)
		((unsigned char *)data)[i] =
		    (unsigned char)(random_count >> 8 * (i % 8));
}

#endif
