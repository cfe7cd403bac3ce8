/* Dead letters: messages of another topic, with the story of their failure. */
#ifndef SPOOL_DEAD_H
#define SPOOL_DEAD_H

#include "spool/group.h"

/* Header names (Kafka's KIP-1191 for the first six; mq.* is ours). */
#define DEAD_TOPIC "__dlq.errors.topic"
#define DEAD_PARTITION "__dlq.errors.partition"
#define DEAD_OFFSET "__dlq.errors.offset"
#define DEAD_GROUP "__dlq.errors.group"
#define DEAD_DELIVERY_COUNT "__dlq.errors.delivery.count"
#define DEAD_MESSAGE "__dlq.errors.message"
#define DEAD_EXIT_STATUS "mq.dead.exit-status"
#define DEAD_SIGNAL "mq.dead.signal"
#define DEAD_STARTED "mq.dead.started"
#define DEAD_ENDED "mq.dead.ended"
#define DEAD_STDERR "mq.dead.stderr"
/* TOPICID:GENERATION: which topic of that name, which reset of the group. */
#define DEAD_SOURCE "mq.dead.source"

/* On a message that was redriven: which letter it was, TOPIC:PARTITION:OFFSET. */
#define DEAD_REDRIVE "mq.redrive"

enum { DEAD_STDERR_MAX = 4096 };

/* One dead letter; views into the record, valid during the call. */
struct dead_letter {
	int64_t id;              /* its offset in the dead-letter topic */
	int partition;
	const struct record *record;
	struct slice topic, group, message, errors;
	int64_t origin_partition;
	int64_t origin_offset;
	int64_t attempts;
	int64_t exit_status;     /* -1: none */
	int64_t signal;          /* 0: none */
	int64_t started_ms;
	int64_t ended_ms;
};

/* The letters of a topic that were neither redriven nor dropped, in order. */
int dead_list(struct spool *spool, const char *topic,
    int (*each)(const struct dead_letter *letter, void *context),
    void *context);

/* Which letters: of one group or any (NULL), one by its partition and id or
 * all of them (-1 and -1). */
struct dead_choice {
	const char *group;
	int partition;
	int64_t id;
};

/* Sends letters back to their topic (key, value, headers and timestamp as they
 * were; once, even if killed in between and run again), or drops them. Returns
 * how many; -FAIL_MISSING if the one that is named is not there. */
int dead_redrive(struct spool *spool, const char *topic,
    const struct dead_choice *choice, bool dry_run);
int dead_drop(struct spool *spool, const char *topic,
    const struct dead_choice *choice, bool dry_run);

#endif
