/* Share groups: their members, as the loop knows them. */
#ifndef SERVER_SHARE_GROUPS_H
#define SERVER_SHARE_GROUPS_H

#include "server/request.h"
#include "spool/group_settings.h"

struct share_member {
	struct share_group *group;
	char *id;
	char *rack;      /* or NULL */
	char *client_id;
	char *client_host;
	int32_t epoch;
	char **topics;   /* subscribed to */
	int32_t topic_count;
	size_t memory;   /* as it is counted */
	uint64_t told;   /* a hash of the assignment that it was told last */
	struct event *timer;
	struct share_member *next;
};

struct share_group {
	struct server *server;
	char *id;
	int32_t epoch;   /* rises when members or subscriptions change */
	struct group_settings settings;
	int64_t read_ms; /* clock_boot_ms: when they were read */
	struct share_member *members;
	int32_t count;
	struct share_group *next;
};

/* NULL if nobody is in it. */
struct share_group *share_group_find(struct server *server, struct slice id);

/* Tells next, in the loop, what settings the group has, and whether who sends a
 * first ShareGroupHeartbeat may have it: GROUP_ID_NOT_FOUND if its members own
 * partitions, also while nobody is in it. */
void share_name_check(struct request *request,
    void (*next)(struct request *request, enum error_code code,
        const struct group_settings *settings));

/* Every member gets all partitions of its topics: on one node that shares them
 * best. A list of share_heartbeat_response_assigned. */
void share_member_partitions(struct request *request,
    const struct share_member *member, struct list *list);

/* All members leave. */
void share_groups_close(struct server *server);

#endif
