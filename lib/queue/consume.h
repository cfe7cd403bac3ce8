/* Consuming a group to an output: lease, write, settle. */
#ifndef QUEUE_CONSUME_H
#define QUEUE_CONSUME_H

#include "queue/consumer.h"

enum consume_ack {
	CONSUME_AFTER,  /* acknowledged once the output took it */
	CONSUME_BEFORE, /* acknowledged, then written: at most once */
	CONSUME_MANUAL, /* left to mq-ack, but for what does not match */
};

/* Takes leases until there is nothing more to do, and writes their messages to
 * fd. A message is delivered once write() took all of it; what was not is
 * released, not as an attempt. Leases are renewed while fd blocks. save, if
 * not NULL, names a file that gets the payloads, with a newline between two,
 * before fd gets the messages. What is held at an error is released. Returns 0
 * and the result, or the error. */
int consume_run(const struct consumer_options *options, enum consume_ack ack,
    int fd, const char *save, struct consumer_result *result);

#endif
