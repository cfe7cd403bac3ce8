/* A sink that is a topic of a spool. */
#ifndef QUEUE_SINK_LOCAL_H
#define QUEUE_SINK_LOCAL_H

#include "queue/sink.h"
#include "spool/topic.h"

/* The topic must stay open as long as the sink, which does not own it. */
struct sink *sink_local_open(struct topic *topic);

#endif
