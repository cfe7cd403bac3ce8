/* Sleeping on shared words of memory, across processes. */
#ifndef BASE_FUTEX_H
#define BASE_FUTEX_H

#include <stddef.h>
#include <stdint.h>

/* Sleeps while *word == expected, at most timeout_ms (-1: no limit). Returns 1
 * when woken or changed, 0 on timeout or a signal. A hint: re-read. */
int futex_wait(uint32_t *word, uint32_t expected, int64_t timeout_ms);

struct futex_waiter {
	uint32_t *word;
	uint32_t expected;
};

/* As futex_wait on any of count words (futex_waitv; where the kernel has
 * none, or for more than 128, sleeps on the first in slices of 10 ms). */
int futex_wait_any(const struct futex_waiter *waiters, size_t count,
    int64_t timeout_ms);

void futex_wake(uint32_t *word);  /* everyone who sleeps on it */

/* Increments it, then wakes everyone who sleeps on it: in the kernel, so that a
 * word whose file somebody cut short is an error nobody sees, not a SIGBUS. */
void futex_ring(uint32_t *word);
void futex_ring_one(uint32_t *word); /* wakes one of them */

#endif
