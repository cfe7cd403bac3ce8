/* Fetch: what leaders are asked for, and what they answer. */
#ifndef QUEUE_REMOTE_FETCH_H
#define QUEUE_REMOTE_FETCH_H

#include "kafka/client.h"
#include "kafka/fetch.h"

/* Fills in a partition of a request. */
void remote_fetch_part(struct fetch_request_partition *part, int number,
    int64_t offset);

/* Asks a leader for partitions of topics (of struct fetch_request_topic), for
 * up to wait_ms. */
int remote_fetch_send(struct client *client, struct list topics,
    int64_t wait_ms);

/* Calls take with each partition of an answer: its first failure, else its
 * first result that is not 0. */
int remote_fetch_each(const struct fetch_response *response,
    struct client *client, int (*take)(struct client *client,
    struct slice topic, const struct fetch_response_partition *part,
    void *context), void *context);

/* The size of the whole batches: the last may be cut, and comes whole the next
 * time. *end is the offset behind them, if there are any. */
size_t remote_fetch_whole(struct slice bytes, int64_t *end);

#endif
