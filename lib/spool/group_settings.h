/* Settings of a group: what holds for members who say nothing else. */
#ifndef SPOOL_GROUP_SETTINGS_H
#define SPOOL_GROUP_SETTINGS_H

#include "spool/settings.h"
#include "spool/spool.h"

/* A group may have settings before its first member comes. They are for groups
 * that share: the members of others say these things themselves. */
struct group_settings {
	int64_t lease_ms;     /* 0: the topic's mq.lease */
	int64_t start_age_ms; /* where it begins on a topic that is new to it:
	                         GROUP_START_FIRST, GROUP_START_END, or at the
	                         first message that is no older */
	int64_t max_attempts; /* 0: the topic's mq.max-attempts */
	int64_t session_ms;   /* of who shares over a network; 0: */
	int64_t beat_ms;      /* GROUP_SESSION_MS, GROUP_BEAT_MS */
};
enum { GROUP_START_FIRST = -1, GROUP_START_END = 0 };
enum { GROUP_SESSION_MS = 45000, GROUP_BEAT_MS = 5000 /* as Kafka's */ };
#define GROUP_SETTINGS_NONE ((struct group_settings){.start_age_ms = -1})

/* Those of a group, also if there is none. */
int group_settings_get(struct spool *spool, const char *group,
    struct group_settings *settings);

/* Whether they go together. -FAIL_CONFIG. */
int group_settings_check(const struct group_settings *settings);

/* How long a member may be silent, and how often it is to say something. */
int64_t group_session_ms(const struct group_settings *settings);
int64_t group_beat_ms(const struct group_settings *settings);

/* Durable on return; living members follow within a second. -FAIL_CONFIG. */
int group_settings_set(struct spool *spool, const char *group,
    const struct group_settings *settings);

/* Their names, as Kafka's clients know them; ends with NULL. */
extern const char *const group_setting_keys[];

/* Sets one from text; value NULL: back to its default. Kafka's settings that
 * groups do not have here take only what is so anyway. -FAIL_CONFIG names the
 * key, or what is possible. */
int group_settings_apply(struct group_settings *settings, const char *key,
    const char *value);

bool is_group_setting_number(const char *key);
bool is_group_setting_default(const struct group_settings *settings,
    const char *key);

/* Appends the value of a key. */
void group_settings_format(const struct group_settings *settings,
    const char *key, struct buf *out);

/* What is so anyway: name and value, ending with NULL. */
struct group_fixed {
	const char *name;
	const char *value;
};
extern const struct group_fixed group_settings_fixed[];

/* The first in a transaction, or a snapshot, of the index. */
struct sql;
int group_settings_read(struct sql *sql, const char *group,
    struct group_settings *settings);

#endif
