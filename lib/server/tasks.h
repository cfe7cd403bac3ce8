/* Tasks: work on the spool that may wait for a lock or a disk, done by a thread
 * so that the loop never does. */
#ifndef SERVER_TASKS_H
#define SERVER_TASKS_H

#include "server/storage.h"

struct event_base;

/* A piece of work, embedded in whatever it is about. */
struct task {
	/* In the thread. All that are waiting are begun, then all are
	 * finished: what begin appends, one sync in finish serves. finish may
	 * be NULL. */
	void (*begin)(struct task *task, struct storage *storage);
	void (*finish)(struct task *task, struct storage *storage);
	/* In the loop, in the order of adding. */
	void (*done)(struct task *task);
	struct task *next; /* the queue's */
};

struct tasks;

/* Starts the thread. done is called from base's loop. */
int tasks_start(struct tasks **tasks, struct event_base *base,
    const char *path, bool force);

/* From the loop's thread. */
void tasks_add(struct tasks *tasks, struct task *task);

/* The thread's storage, as long as all that was added is done and nothing is
 * added: it is the loop's then, for what waits for nothing. Else NULL. */
struct storage *tasks_storage(const struct tasks *tasks);

/* Ends the thread when all that was added is finished, and calls done of
 * each. Accepts NULL. */
void tasks_stop(struct tasks *tasks);

#endif
