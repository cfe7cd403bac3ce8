/* Threads: started so that signals stay with those who start them. */
#include "base/thread.h"
#include "base/fail.h"

#include <signal.h>
#include <string.h>

int
thread_start(pthread_t *thread, void *(*run)(void *argument), void *argument,
    const char *what)
{
	sigset_t all, before;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(thread, NULL, run, argument);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return error == 0 ? 0 : fail(FAIL_SYSTEM, "%s: start a thread: %s",
	    what, strerror(error));
}
