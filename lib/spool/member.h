/* A member: struct group, and its place in the index (internal to groups). */
#ifndef SPOOL_MEMBER_H
#define SPOOL_MEMBER_H

#include "base/process.h"
#include "spool/group_settings.h"
#include "spool/lease.h"
#include "spool/session.h"

/*
 * Invariants: generation is that of the index in which row, the sources' rows
 * and the subs' ids were looked up, 0 if they have to be looked up (again).
 */
struct group {
	struct spool *spool;
	struct index *index;
	char *name;
	struct group_options options;
	struct group_settings settings;
	int64_t settings_ms;       /* they were read */
	struct session session;
	struct source *sources;
	size_t source_count;
	int64_t row;
	uint64_t generation;
	size_t turn;               /* the partition to look at first */
	bool has_surplus;          /* partitions to give back after a lease */
	bool is_idle;              /* the last exchange found nothing */
	int64_t refreshed_ms;      /* topics were looked at */
	int64_t reaped_ms;         /* sessions were looked at */
	int64_t balanced_ms;       /* partitions were shared out */
	int64_t membership;        /* grp.generation at that time */
	struct session_peers peers; /* living members but us */
	struct process_watch *watch;
	struct session_peers watched; /* whom the watch watches */
};

/* Reads the group's settings: 1 if they have changed. */
int member_read_settings(struct group *group);

/* What an option says, or else the group's setting, or else the topic's. */
void member_follow(const struct group *group, struct source *source);

/* What is given, or else the topic's setting. */
void member_set_policy(struct source *source, int64_t lease_ms,
    int64_t max_attempts, int64_t backoff_low_ms, int64_t backoff_high_ms);

/* Makes the subs of partitions that have none yet. */
void member_grow(struct group *group, struct source *source);
void member_release_source(struct source *source);

/* Asks where the group is to begin on topics that are new to it, outside of any
 * transaction: the answers (one a partition, -1: no wish) are put into begin,
 * which is filled per source. */
int member_ask_starts(struct group *group, int64_t **begin);

/* Finds or makes group, session, subscriptions, in a transaction. */
int member_attach(struct group *group, int64_t **begin);

/* Writes what the subs have changed, and forgets what they read. */
int member_flush(struct group *group);

/* Ends dead sessions; at most every 100 ms unless forced. Returns how many it
 * ended. Flushes the subs, because it changes their rows. */
int member_reap(struct group *group, int64_t now_ms, bool is_forced);

int64_t member_heartbeat_ms(const struct group *group);

#endif
