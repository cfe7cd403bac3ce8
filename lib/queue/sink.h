/* A sink: where the batches of one topic go, a spool or brokers. */
#ifndef QUEUE_SINK_H
#define QUEUE_SINK_H

#include "log/batch.h"

struct sink;

/* What a sink of some kind does. */
struct sink_kind {
	/* Takes a finished batch of count records; the bytes are the sink's
	 * to change, and bytes is left empty. */
	int (*append)(struct sink *sink, int partition, int64_t count,
	    struct buf *bytes);
	/* Returns when all that was appended is stored, and told of. */
	int (*wait)(struct sink *sink);
	/* See producer_tick; and what producer_finish does after its wait. */
	int (*tick)(struct sink *sink, int64_t *due_ms);
	int (*sync)(struct sink *sink);
	/* Messages that were appended and are not known to be stored. */
	int64_t (*unknown)(const struct sink *sink);
	void (*close)(struct sink *sink);
};

/*
 * The part of a sink that is alike in all kinds. Batches are told of once they
 * are stored, those of a partition in the order in which they were appended.
 */
struct sink {
	const struct sink_kind *kind;
	const char *topic;
	int partitions;            /* may grow with every call */
	const int64_t *max_bytes;  /* a larger message is refused before */
	enum codec codec;          /* the topic's */
	int64_t stored;            /* messages */
	/* Told of each stored batch; NULL: nobody. */
	void (*told)(const char *topic, int partition, int64_t first,
	    int64_t last, void *context);
	void *context;
};

#endif
