/* A producer: messages in, durable batches out, by key or sticky. */
#ifndef QUEUE_PRODUCER_H
#define QUEUE_PRODUCER_H

#include "queue/framing.h"
#include "queue/sink.h"

struct producer_options {
	int partition;         /* -1: by key, keyless ones sticky */
	int codec;             /* enum codec, or -1: the topic's */
	int64_t batch_count;   /* records in a batch at most; 0: no limit */
	int64_t batch_bytes;   /* and bytes; 0: default */
	/* Told of every batch once it is stored as the topic's mode promises,
	 * in order; NULL: nobody. */
	void (*stored)(const char *topic, int partition, int64_t first,
	    int64_t last, void *context);
	void *context;
};

/* The sink is the producer's from now on, and is closed with it, or at once if
 * this fails: -FAIL_MISSING, no such partition. */
struct producer;
int producer_open(struct producer **producer, struct sink *sink,
    const struct producer_options *options);

/* Adds one message; copies it. Appends full batches to the log. */
int producer_put(struct producer *producer, const struct message *message);

/* Appends a batch as it came (native, checked as framing_reader_next_batch
 * does), records untouched. Its partition: the option's, else by the keys of
 * its records if all agree, else it is split by key. -FAIL_DATA if it belongs
 * to a transaction. */
int producer_put_batch(struct producer *producer, struct slice bytes);

/* Appends what is collected; with wait, returns when all of it is stored. */
int producer_flush(struct producer *producer, bool wait);

/* Messages known to be stored so far, and handed in so far. */
int64_t producer_stored(const struct producer *producer);
int64_t producer_taken(const struct producer *producer);

/* Appended, and after a failure nobody knows whether they are stored. */
int64_t producer_unknown(const struct producer *producer);

/* For mq.sync=interval: syncs what the interval has made due. *due_ms is how
 * soon to call again, -1 if all is synced (or the mode needs none). */
int producer_tick(struct producer *producer, int64_t *due_ms);

/* The end of a stream: flushes, waits, and syncs whatever mq.sync=interval
 * still owes the disk. */
int producer_finish(struct producer *producer);

/* Frees it; what was not flushed is dropped. Accepts NULL. */
void producer_close(struct producer *producer);

#endif
