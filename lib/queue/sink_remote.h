/* A sink that is a topic of brokers. */
#ifndef QUEUE_SINK_REMOTE_H
#define QUEUE_SINK_REMOTE_H

#include "queue/brokers.h"
#include "queue/sink.h"

struct sink_remote_options {
	int acks;            /* 0, 1 or -1: all */
	int64_t patience_ms; /* how long to try again what can be */
};

/*
 * Sends to the leaders of the topic's partitions, several requests at a time.
 * With all acks more than one batch is stamped with a producer's identity and
 * sequence, so that what is sent again is stored once; a batch alone has none,
 * and is not sent again where nobody knows what became of it. Without acks a
 * batch counts as stored once it is sent, its offset is -1. Brokers and topic
 * are the sink's from now on.
 */
struct sink *sink_remote_open(struct brokers *brokers,
    struct remote_topic *topic, const struct sink_remote_options *options);

#endif
