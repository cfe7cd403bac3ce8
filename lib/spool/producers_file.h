/* The file `producers` of a partition (internal to producers). */
#ifndef SPOOL_PRODUCERS_FILE_H
#define SPOOL_PRODUCERS_FILE_H

#include "spool/topic.h"

#define PRODUCERS_FILE "producers"

/* So many of a producer's batches may come again: Kafka's clients have no more
 * on their way. */
enum { PRODUCER_BATCHES = 5 };

struct producer_batch {
	int32_t first; /* sequences */
	int32_t last;
	int64_t offset;
};

struct producer_entry {
	int64_t id;
	int64_t seen_ms;  /* the timestamp of its last batch */
	int16_t epoch;
	int16_t batches;  /* 0: an empty slot */
	struct producer_batch last[PRODUCER_BATCHES];
};

/* What the file covers: all below next, in logs of no later epoch. */
struct producers_head {
	int32_t epoch;
	int64_t next;
};

/* 1 and each entry, 0 if there is no good file of this topic. */
int producers_file_read(struct topic *topic, int partition,
    struct producers_head *head,
    void (*each)(const struct producer_entry *entry, void *context),
    void *context);

/* Entries of a day ago are left out. */
int producers_file_write(struct topic *topic, int partition,
    const struct producers_head *head, const struct producer_entry *table,
    size_t capacity);

#endif
