/* What a keeper that is brokers has learned of them. */
#ifndef QUEUE_KEEPER_REMOTE_H
#define QUEUE_KEEPER_REMOTE_H

#include "kafka/group_tags.h"
#include "queue/brokers.h"
#include "queue/keeper_internal.h"

enum { KEEPER_RESPONSE_BYTES = 64 * 1024 * 1024 /* decoded */ };

/* A topic and both ends of its partitions. */
struct remote_log {
	struct remote_log *next;
	struct remote_topic topic;
	int64_t *starts;
	int64_t *ends;
};

struct remote_member {
	struct remote_member *next;
	const char *id;
	const char *client;
	const char *host;
};

/* A group on one partition. */
struct remote_place {
	const char *topic;
	const struct remote_log *log;
	int partition;
	int64_t start;
	int64_t lag;
	const char *metadata; /* NULL: none */
	struct group_counts counts; /* -1: not told */
};

struct remote_group {
	const char *name;
	bool is_shared;
	bool is_new;             /* of KIP-848: DescribeGroups knows it not */
	bool is_active;
	int member_count;        /* -1: somebody, nobody tells how many */
	struct remote_member *members;
	struct buf places;       /* of struct remote_place, by name, number */
};

/* Texts are the arena's, and live as long as the keeper. */
struct keeper_remote {
	struct keeper keeper;
	struct brokers *brokers;
	struct arena arena;
	struct remote_log *logs;
	struct buf groups;       /* of struct remote_group, by name */
	bool has_groups;
};

/* A copy that lives as long as the keeper. */
const char *keeper_remote_text(struct keeper_remote *remote,
    struct slice text);

/* A topic, asked for once. -FAIL_MISSING. */
int keeper_remote_log(struct keeper_remote *remote, const char *topic,
    struct remote_log **log);

/* Learns of all groups, once. */
int keeper_remote_learn(struct keeper_remote *remote);

/* NULL: there is none. */
struct remote_group *keeper_remote_group(struct keeper_remote *remote,
    const char *name);

/* Fills in where a group stands. */
int keeper_remote_places(struct keeper_remote *remote,
    struct remote_group *group);

/* A group, the part of its places that is meant, and where they go. */
struct remote_change {
	struct keeper_remote *remote;
	struct remote_group *group;
	const struct remote_place *places;
	size_t count;
	int64_t *targets; /* room for them, the caller's to free */
};

/* -FAIL_MISSING: no such group, or it does not read the topic; -FAIL_AGAIN:
 * it has living members. */
int keeper_remote_change(struct remote_change *change, struct keeper *keeper,
    const char *group, const char *topic);

/* Has the coordinator make it, with brokers_ask_group's ask. */
int keeper_remote_make(struct remote_change *change,
    int (*ask)(struct client *coordinator, void *change));

/* Fails, and says which of the two is missing; topic may be NULL. */
int keeper_remote_missing(const char *group, const char *topic);

int keeper_remote_reset(struct keeper *keeper,
    const struct keeper_reset *reset,
    void (*each)(const struct reset_change *change, void *context),
    void *context);
int keeper_remote_delete(struct keeper *keeper, const char *group,
    const char *topic, bool is_dry_run);

#endif
