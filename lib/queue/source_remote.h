/* A source of topics of brokers. */
#ifndef QUEUE_SOURCE_REMOTE_H
#define QUEUE_SOURCE_REMOTE_H

#include "queue/brokers.h"
#include "queue/source.h"

/* Finds the topics and where their partitions begin and end. The brokers are
 * the source's from now on, also if this fails: -FAIL_MISSING. A *stop that is
 * not 0 ends all waiting; it may be NULL. */
int source_remote_open(struct source **source, struct brokers *brokers,
    char *const *names, size_t count, const uint32_t *stop);

#endif
