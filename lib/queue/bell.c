/* A bell for poll: a descriptor that becomes readable when a doorbell rings. */
#include "queue/bell.h"
#include "base/fail.h"
#include "base/futex.h"
#include "base/thread.h"

#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/*
 * Invariants: waiters[0] is the control word, the others the doorbells and the
 * values to wait for; all but the words are read and changed under the mutex.
 * The thread rings at most once for each time that it is armed.
 */
struct bell {
	pthread_mutex_t mutex;
	pthread_t thread;
	bool has_thread;
	bool is_armed;
	bool is_closing;
	int event;
	uint32_t control;
	struct futex_waiter *waiters;
	struct futex_waiter *copy; /* the thread's */
	size_t count;
};

int
bell_open(struct bell **out, struct topic **topics, size_t count)
{
	struct bell *bell = memory_alloc(sizeof(*bell));

	*out = NULL;
	bell->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (bell->event < 0) {
		free(bell);
		return fail_errno("eventfd");
	}
	pthread_mutex_init(&bell->mutex, NULL);
	bell->waiters = memory_alloc((count + 1) * sizeof(*bell->waiters));
	bell->copy = memory_alloc((count + 1) * sizeof(*bell->copy));
	bell->waiters[0].word = &bell->control;
	bell->count = count + 1;
	for (size_t i = 0; i < count; i++)
		bell->waiters[i + 1].word = topic_doorbell(topics[i]);
	*out = bell;
	return 0;
}

static bool
has_rung(const struct bell *bell)
{
	for (size_t i = 1; i < bell->count; i++) {
		/* The kernel looks: the word's file may have been cut. */
		if (futex_wait(bell->waiters[i].word,
		    bell->waiters[i].expected, 0) == 1)
			return true;
	}
	return false;
}

static void *
wait_for_rings(void *argument)
{
	struct bell *bell = argument;
	bool is_closing = false;

	while (!is_closing) {
		size_t count;

		pthread_mutex_lock(&bell->mutex);
		if (bell->is_armed && has_rung(bell)) {
			bell->is_armed = false;
			(void)!eventfd_write(bell->event, 1);
		}
		bell->waiters[0].expected =
		    __atomic_load_n(&bell->control, __ATOMIC_ACQUIRE);
		is_closing = bell->is_closing;
		count = bell->is_armed ? bell->count : 1;
		memcpy(bell->copy, bell->waiters,
		    bell->count * sizeof(*bell->copy));
		pthread_mutex_unlock(&bell->mutex);
		if (!is_closing)
			futex_wait_any(bell->copy, count, -1);
	}
	return NULL;
}

int
bell_arm(struct bell *bell, const uint32_t *seen)
{
	int failed;

	pthread_mutex_lock(&bell->mutex);
	for (size_t i = 1; i < bell->count; i++)
		bell->waiters[i].expected = seen[i - 1];
	bell->is_armed = true;
	pthread_mutex_unlock(&bell->mutex);
	if (bell->has_thread) {
		futex_ring(&bell->control);
		return 0;
	}
	failed = thread_start(&bell->thread, wait_for_rings, bell,
	    "doorbells");
	bell->has_thread = failed == 0;
	return failed;
}

bool
bell_answer(struct bell *bell)
{
	eventfd_t count;

	return eventfd_read(bell->event, &count) == 0;
}

int
bell_descriptor(const struct bell *bell)
{
	return bell->event;
}

void
bell_close(struct bell *bell)
{
	if (bell == NULL)
		return;
	if (bell->has_thread) {
		pthread_mutex_lock(&bell->mutex);
		bell->is_closing = true;
		pthread_mutex_unlock(&bell->mutex);
		futex_ring(&bell->control);
		pthread_join(bell->thread, NULL);
	}
	pthread_mutex_destroy(&bell->mutex);
	close(bell->event);
	free(bell->waiters);
	free(bell->copy);
	free(bell);
}
