/* Topics: a directory of partitions, its configuration, its doorbell. */
#ifndef SPOOL_TOPIC_H
#define SPOOL_TOPIC_H

#include "spool/spool.h"

struct topic;

/* Opens a topic. -FAIL_USAGE for a bad name, -FAIL_MISSING if there is none,
 * -FAIL_CONFIG for a bad topic.yaml. Its partitions are opened on first use. */
int topic_open(struct topic **topic, struct spool *spool, const char *name);
void topic_close(struct topic *topic); /* accepts NULL */

/* Makes a topic: a complete directory under a temporary name, then a rename,
 * so it is there whole or not at all. -FAIL_CREATE if it exists. */
int topic_create(struct spool *spool, const char *name,
    const struct topic_settings *settings);

/* True if the temporary directory is locked by who makes it, or gone since. */
bool is_topic_being_made(int topics, const char *temporary);

/* topic_open, and topic_create before it where the spool's settings allow. */
int topic_open_or_create(struct topic **topic, struct spool *spool,
    const char *name);

/* -FAIL_CONFIG for settings that no topic of this name can have: one whose dead
 * letters would be its own messages. */
int topic_check_settings(const char *name,
    const struct topic_settings *settings);

/* Replaces the configuration: what differs from topic_settings(topic) is
 * changed, so that two who alter different keys at once both succeed.
 * Partitions may only grow (-FAIL_CONFIG). Open handles see it at their next
 * topic_refresh; this one has. */
int topic_alter(struct topic *topic, const struct topic_settings *settings);

/* Renames the directory away, then removes it. Open handles find out by
 * topic_refresh. */
int topic_delete(struct spool *spool, const char *name);

/* Looks whether topic.yaml changed: 1 if it did (settings and partition count
 * are new, also for the partitions that are open), 0 if not, -FAIL_MISSING if
 * the topic is gone or another one has its name. Costs a microsecond: call it
 * after every wait, and between the last append and the claim that its
 * messages are stored, since a deleted topic's files still take appends. */
int topic_refresh(struct topic *topic);

const char *topic_name(const struct topic *topic);
const unsigned char *topic_id(const struct topic *topic); /* 16 bytes */
const struct topic_settings *topic_settings(const struct topic *topic);
int topic_partition_count(const struct topic *topic);
struct spool *topic_spool(const struct topic *topic);
int topic_directory(const struct topic *topic); /* its descriptor */

/* True once somebody has called topic_partition for it. */
bool is_topic_partition_open(const struct topic *topic, int number);

/* The partition, opened on first use, owned by the topic. -FAIL_MISSING. */
int topic_partition(struct topic *topic, int number,
    struct partition **partition);

/* For who appends once, and then tells that it is stored: waits until all below
 * end is, in interval mode too. -FAIL_MISSING if the topic was deleted. */
int topic_wait(struct topic *topic, struct partition *partition, int64_t end);

/* The doorbell: a shared futex word in a mapped file of the topic, rung
 * whenever readers or consumers may have something new to see. Read its value,
 * look for work, then wait for a change of that value, for TOPIC_LOOK_MS at
 * most: topic_refresh finds out if the file was replaced meanwhile. The address
 * stays the same. NULL in a read-only spool without one. */
uint32_t *topic_doorbell(struct topic *topic);
enum { TOPIC_LOOK_MS = 2000 };

/* Its value now; 0 if there is none. Never look at the word itself: where its
 * file was cut, only the kernel may. */
uint32_t topic_doorbell_value(const struct topic *topic);

/* murmur2(key) mod partitions, as Kafka's Java client does. */
int topic_partition_of_key(const struct topic *topic, struct slice key);

#endif
