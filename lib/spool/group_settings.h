/* Settings of a group: what holds for members who say nothing else. */
#ifndef SPOOL_GROUP_SETTINGS_H
#define SPOOL_GROUP_SETTINGS_H

#include "spool/spool.h"

/* A group may have settings before its first member comes. They are for groups
 * that share: the members of others say these things themselves. */
struct group_settings {
	int64_t lease_ms;     /* 0: the topic's mq.lease */
	int64_t start_age_ms; /* where it begins on a topic that is new to it:
	                         GROUP_START_FIRST, GROUP_START_END, or at the
	                         first message that is no older */
};
enum { GROUP_START_FIRST = -1, GROUP_START_END = 0 };
#define GROUP_SETTINGS_NONE ((struct group_settings){.start_age_ms = -1})

/* Those of a group, also if there is none. */
int group_settings_get(struct spool *spool, const char *group,
    struct group_settings *settings);

/* Durable on return; living members follow within a second. -FAIL_CONFIG. */
int group_settings_set(struct spool *spool, const char *group,
    const struct group_settings *settings);

/* The first in a transaction, or a snapshot, of the index. */
struct sql;
int group_settings_read(struct sql *sql, const char *group,
    struct group_settings *settings);

#endif
