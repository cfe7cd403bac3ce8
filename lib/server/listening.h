/* A thread that sleeps on words of memory and tells an event loop when one
 * changes. */
#ifndef SERVER_LISTENING_H
#define SERVER_LISTENING_H

#include "base/futex.h"

#include <event2/event.h>
#include <stdbool.h>

/* How many words it can listen to. */
enum { LISTENING_MAX = 127 };

struct listening;

/* heard is called by the loop; nothing is listened to then, until the next
 * listening_start. All that follows is the loop's to call. */
int listening_open(struct listening **listening, struct event_base *base,
    void (*heard)(void *), void *context);
void listening_close(struct listening *listening); /* accepts NULL */

/* Listens to these words, each for as long as it has its value; perhaps to
 * others from before, too. */
void listening_start(struct listening *listening,
    const struct futex_waiter *words, size_t count);

/* Looks at all of them anew: their memory may have been mapped again. */
void listening_renew(struct listening *listening);

/* A word is about to change to this value, and that is no news. */
void listening_expect(struct listening *listening, uint32_t *word,
    uint32_t value);

/* The word is no longer to be listened to: its memory may become another's. */
void listening_drop(struct listening *listening, const uint32_t *word);

#endif
