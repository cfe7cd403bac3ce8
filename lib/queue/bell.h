/* A bell for poll: a descriptor that becomes readable when a doorbell rings. */
#ifndef QUEUE_BELL_H
#define QUEUE_BELL_H

#include "spool/topic.h"

/* A thread that sleeps on the doorbells while its owner sleeps in poll. */
struct bell;

/* Starts nothing yet. */
int bell_open(struct bell **bell, struct topic **topics, size_t count);
void bell_close(struct bell *bell); /* accepts NULL */

/* From now on the descriptor becomes readable once a doorbell does not have
 * its value in seen. The thread is started the first time. */
int bell_arm(struct bell *bell, const uint32_t *seen);

/* Takes the ring, if there was one: true. */
bool bell_answer(struct bell *bell);
int bell_descriptor(const struct bell *bell);

#endif
