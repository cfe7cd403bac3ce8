/* A thread, a queue to it and a queue back. */
#include "server/tasks.h"

#include "base/fail.h"
#include "base/thread.h"

#include <event2/event.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* Invariant: *last is NULL. */
struct queue {
	struct task *first;
	struct task **last;
};

struct tasks {
	pthread_mutex_t mutex;
	pthread_cond_t work;
	pthread_t thread;
	struct queue waiting;
	struct queue finished;
	bool is_stopping;
	struct storage *storage; /* the thread's */
	int wakeup;              /* eventfd: finished is not empty */
	struct event *event;
	size_t count;            /* the loop's: added, and not yet done */
};

static void
queue_clear(struct queue *queue)
{
	queue->first = NULL;
	queue->last = &queue->first;
}

static void
queue_add(struct queue *queue, struct task *task)
{
	task->next = NULL;
	*queue->last = task;
	queue->last = &task->next;
}

/* All of it; the queue is empty then. */
static struct task *
queue_take(struct queue *queue)
{
	struct task *first = queue->first;

	queue_clear(queue);
	return first;
}

static void
hand_back(struct tasks *tasks, struct task *first)
{
	pthread_mutex_lock(&tasks->mutex);
	for (struct task *task = first, *next; task != NULL; task = next) {
		next = task->next;
		queue_add(&tasks->finished, task);
	}
	pthread_mutex_unlock(&tasks->mutex);
	(void)!eventfd_write(tasks->wakeup, 1);
}

static void *
run(void *argument)
{
	struct tasks *tasks = argument;

	for (;;) {
		struct task *first;

		pthread_mutex_lock(&tasks->mutex);
		while (tasks->waiting.first == NULL && !tasks->is_stopping)
			pthread_cond_wait(&tasks->work, &tasks->mutex);
		first = queue_take(&tasks->waiting);
		pthread_mutex_unlock(&tasks->mutex);
		if (first == NULL)
			return NULL;
		for (struct task *task = first; task; task = task->next)
			task->begin(task, tasks->storage);
		for (struct task *task = first; task; task = task->next)
			if (task->finish != NULL)
				task->finish(task, tasks->storage);
		hand_back(tasks, first);
	}
}

static void
deliver(struct tasks *tasks)
{
	struct task *first;
	eventfd_t count;

	(void)!eventfd_read(tasks->wakeup, &count);
	pthread_mutex_lock(&tasks->mutex);
	first = queue_take(&tasks->finished);
	pthread_mutex_unlock(&tasks->mutex);
	for (struct task *task = first, *next; task != NULL; task = next) {
		next = task->next;
		tasks->count--;
		task->done(task);
	}
}

static void
on_wakeup(evutil_socket_t fd, short what, void *argument)
{
	(void)fd;
	(void)what;
	deliver(argument);
}

static void
release(struct tasks *tasks)
{
	if (tasks->event != NULL)
		event_free(tasks->event);
	if (tasks->wakeup >= 0)
		close(tasks->wakeup);
	storage_close(tasks->storage);
	pthread_cond_destroy(&tasks->work);
	pthread_mutex_destroy(&tasks->mutex);
	free(tasks);
}

int
tasks_start(struct tasks **out, struct event_base *base, const char *path,
    bool force)
{
	struct tasks *tasks = memory_alloc(sizeof *tasks);
	int failed;

	*out = NULL;
	pthread_mutex_init(&tasks->mutex, NULL);
	pthread_cond_init(&tasks->work, NULL);
	queue_clear(&tasks->waiting);
	queue_clear(&tasks->finished);
	tasks->wakeup = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	failed = tasks->wakeup < 0 ? fail_errno("eventfd")
	                           : storage_open(&tasks->storage, path, force);
	if (failed == 0) {
		tasks->event = event_new(base, tasks->wakeup,
		    EV_READ | EV_PERSIST, on_wakeup, tasks);
		if (tasks->event == NULL || event_add(tasks->event, NULL) != 0)
			failed = fail(FAIL_SYSTEM, "cannot watch an eventfd");
	}
	if (failed == 0)
		failed = thread_start(&tasks->thread, run, tasks, "tasks");
	if (failed < 0) {
		release(tasks);
		return failed;
	}
	*out = tasks;
	return 0;
}

void
tasks_add(struct tasks *tasks, struct task *task)
{
	tasks->count++;
	pthread_mutex_lock(&tasks->mutex);
	queue_add(&tasks->waiting, task);
	pthread_mutex_unlock(&tasks->mutex);
	pthread_cond_signal(&tasks->work);
}

/* Whatever the thread did to it was before it gave its tasks back. */
struct storage *
tasks_storage(const struct tasks *tasks)
{
	return tasks->count == 0 ? tasks->storage : NULL;
}

void
tasks_stop(struct tasks *tasks)
{
	if (tasks == NULL)
		return;
	pthread_mutex_lock(&tasks->mutex);
	tasks->is_stopping = true;
	pthread_cond_signal(&tasks->work);
	pthread_mutex_unlock(&tasks->mutex);
	pthread_join(tasks->thread, NULL);
	deliver(tasks);
	release(tasks);
}
