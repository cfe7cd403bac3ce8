/* A source: the topics that a scan reads, of a spool or of brokers. */
#ifndef QUEUE_SOURCE_H
#define QUEUE_SOURCE_H

#include "queue/lane.h"

struct source;

/* What a source of some kind does; topics are numbered from 0. */
struct source_kind {
	const char *(*name)(const struct source *source, size_t topic);
	int (*partitions)(const struct source *source, size_t topic);
	/* See lane_init; resolves the range on a partition. */
	int (*open)(struct source *source, size_t topic, int number,
	    const struct range *range, struct lane *lane);
	/* Called before the lanes are looked at: what comes after that ends
	 * the next wait. */
	void (*listen)(struct source *source);
	/* Sleeps until lanes may have more, *stop is not 0, or for timeout_ms
	 * (-1: any time; it may be less). 1 if woken, 0 if not. */
	int (*wait)(struct source *source, const uint32_t *stop,
	    int64_t timeout_ms);
	/* 1 if the topic may have got partitions; -FAIL_MISSING: it is gone. */
	int (*refresh)(struct source *source, size_t topic);
	void (*close)(struct source *source);
};

struct source {
	const struct source_kind *kind;
	size_t topic_count;
};

#endif
