/* A keeper: who keeps topics and groups, a spool or brokers, asked what is
 * there. What it does not tell is -1, or NULL. */
#ifndef QUEUE_KEEPER_H
#define QUEUE_KEEPER_H

#include "spool/state.h"

struct keeper;

/* The spool is the keeper's from now on. */
struct keeper *keeper_local_open(struct spool *spool);

/* -FAIL_USAGE, -FAIL_UNAVAILABLE. Brokers that are no mq-serve tell, of a group,
 * its members and where it stands; not what is ready, leased, delayed or dead;
 * and one that shares has ORDER_NONE. */
int keeper_remote_open(struct keeper **keeper, const char *addresses);

void keeper_close(struct keeper *keeper); /* accepts NULL */

/* The spool of a keeper that is one; NULL: it is brokers. */
struct spool *keeper_spool(const struct keeper *keeper);

/* One partition of a topic. */
struct keeper_partition {
	int number;
	int is_stopped;         /* 0, 1, -1 */
	int64_t log_start;
	int64_t log_end;
	int64_t durable_end;
	int64_t high_watermark;
	int64_t epoch;
	int64_t bytes;
	int64_t segments;
};

/* Adds to a sum: one of what is not told all is not known. */
void keeper_add_count(int64_t *sum, int64_t count);

/* Calls each with the names of all topics, in order; a negative result ends
 * it. */
int keeper_topics(struct keeper *keeper,
    int (*each)(const char *name, void *context), void *context);

/* Calls each with the partitions of a topic. -FAIL_MISSING. */
int keeper_partitions(struct keeper *keeper, const char *topic,
    int (*each)(const struct keeper_partition *partition, void *context),
    void *context);

/* state_list, state_members, state_reset and state_delete_group, of both. */
int keeper_groups(struct keeper *keeper, const char *group, const char *topic,
    int (*each)(const struct group_state *state, void *context), void *context);
int keeper_members(struct keeper *keeper, const char *group,
    void (*each)(const struct member_state *member, void *context),
    void *context);

/* Calls each with the settings of a group that are not the defaults. */
int keeper_group_settings(struct keeper *keeper, const char *group,
    void (*each)(const char *key, const char *value, void *context),
    void *context);

/* Changes some, each to a value, or empty: back to the default. A dry run only
 * asks whether they can be. -FAIL_CONFIG. */
struct admin_setting;
int keeper_alter_group(struct keeper *keeper, const char *group,
    const struct admin_setting *settings, size_t count, bool is_dry_run);

struct keeper_reset {
	const char *group;
	const char *topic; /* NULL: all that it reads */
	enum reset kind;
	int64_t value;
	bool is_dry_run;
};
int keeper_reset(struct keeper *keeper, const struct keeper_reset *reset,
    void (*each)(const struct reset_change *change, void *context),
    void *context);
int keeper_delete_group(struct keeper *keeper, const char *group,
    const char *topic, bool is_dry_run);

#endif
