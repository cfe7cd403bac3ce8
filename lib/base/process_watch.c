/* A thread that rings when one of some processes ends. */
#include "base/buf.h"
#include "base/fail.h"
#include "base/futex.h"
#include "base/process.h"
#include "base/thread.h"

#include <poll.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Invariant: polled[0] is the eventfd that stops the thread, the others are
 * pidfds; one whose process has ended is closed and -1, which poll skips. */
struct process_watch {
	pthread_t thread;
	uint32_t *word;
	struct pollfd *polled;
	nfds_t count;
};

static void *
watch(void *argument)
{
	struct process_watch *self = argument;

	while (!(self->polled[0].revents & POLLIN)) {
		if (poll(self->polled, self->count, -1) < 0)
			continue;
		for (nfds_t i = 1; i < self->count; i++) {
			if (self->polled[i].revents == 0)
				continue;
			close(self->polled[i].fd);
			self->polled[i].fd = -1;
			self->polled[i].revents = 0;
			futex_ring(self->word);
		}
	}
	return NULL;
}

static void
release(struct process_watch *self)
{
	for (nfds_t i = 0; i < self->count; i++) {
		if (self->polled[i].fd >= 0)
			close(self->polled[i].fd);
	}
	free(self->polled);
	free(self);
}

int
process_watch_start(struct process_watch **out, uint32_t *word,
    const pid_t *pids, int count)
{
	struct process_watch *self = memory_alloc(sizeof(*self));
	int stop = eventfd(0, EFD_CLOEXEC), failed;

	*out = NULL;
	self->word = word;
	self->polled = memory_alloc(((size_t)count + 1) *
	    sizeof(*self->polled));
	self->polled[0] = (struct pollfd){stop, POLLIN, 0};
	self->count = 1;
	if (stop < 0) {
		release(self);
		return fail_errno("eventfd");
	}
	for (int i = 0; i < count; i++) {
		int fd = (int)syscall(SYS_pidfd_open, pids[i], 0);

		if (fd >= 0)
			self->polled[self->count++] =
			    (struct pollfd){fd, POLLIN, 0};
	}
	failed = thread_start(&self->thread, watch, self, "processes");
	if (failed < 0) {
		release(self);
		return failed;
	}
	*out = self;
	return 0;
}

void
process_watch_stop(struct process_watch *self)
{
	if (self == NULL)
		return;
	/* The counter of a fresh eventfd cannot overflow. */
	(void)!eventfd_write(self->polled[0].fd, 1);
	pthread_join(self->thread, NULL);
	release(self);
}
