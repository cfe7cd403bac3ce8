/* Threads: started so that signals stay with those who start them. */
#ifndef BASE_THREAD_H
#define BASE_THREAD_H

#include <pthread.h>

/* -FAIL_SYSTEM names what it is for. The caller joins it. */
int thread_start(pthread_t *thread, void *(*run)(void *argument),
    void *argument, const char *what);

#endif
