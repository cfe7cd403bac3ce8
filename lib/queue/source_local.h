/* A source of topics of a spool. */
#ifndef QUEUE_SOURCE_LOCAL_H
#define QUEUE_SOURCE_LOCAL_H

#include "queue/source.h"

/* The topics must stay open as long as the source. follow: it will wait. */
struct source *source_local_open(struct topic **topics, size_t count,
    bool follow);

#endif
