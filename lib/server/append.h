/* Appending a batch that a client sent: at once, or by its partition's writer. */
#ifndef SERVER_APPEND_H
#define SERVER_APPEND_H

#include "kafka/produce.h"
#include "server/request.h"

/* One batch of a request. The caller sets what comes first; *answer is filled
 * but for its index. */
struct append {
	struct task task;       /* its done: called later, unless append_start
	                           says that nothing is left to do */
	struct request *request;
	struct slice topic;     /* its name */
	struct slice bytes;     /* a batch, in the request */
	struct produce_response_partition *answer;
	unsigned char topic_id[16];
	int64_t end;            /* behind what was appended; -1: nothing was */
	int64_t sync_ms;        /* to be synced within that time; -1: not */
};

/* True if it is appended, and nobody has to wait for a sync. Else the writer
 * has it, and task.done is called when it is stored as its topic promises, or
 * has failed. */
bool append_start(struct append *append);

#endif
