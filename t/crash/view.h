/* All messages of a spool, as a reader sees them. */
#ifndef CRASH_VIEW_H
#define CRASH_VIEW_H

#include "promise.h"
#include "spool/group.h"

enum { SEEN_MAX = 4096, TOPICS_MAX = 16 };

/* A message; of a dead letter, where it came from, else group is "". */
struct seen {
	char topic[WORD_MAX];
	int partition;
	int64_t offset;
	char value[WORD_MAX];
	char group[WORD_MAX];
	int origin_partition;
	int64_t origin_offset;
};

struct view {
	struct seen list[SEEN_MAX];
	int count;
	char topics[TOPICS_MAX][WORD_MAX];
	int partitions[TOPICS_MAX];
	int topic_count;
	int holes;      /* ranges that are damaged */
	char hole[200]; /* what was said of the last one */
};

/* Reads all; negative: fail_message() says what cannot be read. */
int view_read(struct view *view, struct spool *spool);

bool has_view_topic(const struct view *view, const char *topic,
    int *partitions);

/* How many messages of the topic have the value; *at is one of them. */
int view_find(const struct view *view, const char *topic, const char *value,
    const struct seen **at);

/* True if it is there, at the same place. */
bool has_view_message(const struct view *view, const struct seen *seen);

/* How many letters there are of a message. */
int view_letters(const struct view *view, const char *topic,
    const char *group, int partition, int64_t offset);

#endif
