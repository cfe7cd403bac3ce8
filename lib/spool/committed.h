/* Committed offsets: how far a consumer group is, as its members say. */
#ifndef SPOOL_COMMITTED_H
#define SPOOL_COMMITTED_H

#include "spool/topic.h"

/* One partition. The offset is that of the next message to be read; it is the
 * start of the group that mq-get and mq-group see. */
struct committed {
	struct topic *topic;
	int partition;
	int64_t offset;        /* -1: none */
	int32_t leader_epoch;  /* of the message before, -1: not said */
	struct buf metadata;   /* what the member left with it */
	int64_t dead;          /* letters it made since the last commit */
};

/* Keeps them, all or none; the group is made if it is new. Durable after
 * committed_durable. -FAIL_USAGE if the group shares its messages,
 * -FAIL_AGAIN while processes of the directory are members of it. */
int committed_store(struct spool *spool, const char *group,
    const struct committed *rows, size_t count);
int committed_durable(struct spool *spool);

/* Fills offset, leader_epoch and metadata of rows that say topic and
 * partition. */
int committed_find(struct spool *spool, const char *group,
    struct committed *rows, size_t count);

/* All that the group has: calls each with the name of the topic. */
int committed_each(struct spool *spool, const char *group,
    void (*each)(const char *topic, int partition, void *context),
    void *context);

/* Forgets one partition: 1, or 0 if there was nothing; or as above. */
int committed_forget(struct spool *spool, const char *group,
    const struct topic *topic, int partition);

#endif
