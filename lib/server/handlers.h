/* Handlers: which function serves which API. */
#ifndef SERVER_HANDLERS_H
#define SERVER_HANDLERS_H

#include "server/request.h"

/* What a client may do, if it asks (KIP-430): everything, as bits of Kafka's
 * AclOperation codes. */
enum {
	OPERATIONS_TOPIC = 0x0df8,   /* read, write, create, delete, alter,
	                                describe, and describe and alter
	                                settings */
	OPERATIONS_CLUSTER = 0x1fa0, /* create, alter, describe, settings,
	                                cluster actions, idempotent writes */
	OPERATIONS_GROUP = 0x0148,   /* read, delete, describe */
};

/* NULL if this server does not serve it. */
void (*handlers_find(int key))(struct request *request);

/* Each answers its request, now or later. */
void handle_api_versions(struct request *request);
void handle_metadata(struct request *request);
void handle_describe_cluster(struct request *request);
void handle_find_coordinator(struct request *request);
void handle_produce(struct request *request);
void handle_fetch(struct request *request);
void handle_list_offsets(struct request *request);
void handle_join_group(struct request *request);
void handle_sync_group(struct request *request);
void handle_heartbeat(struct request *request);
void handle_leave_group(struct request *request);
void handle_offset_commit(struct request *request);
void handle_offset_fetch(struct request *request);
void handle_create_topics(struct request *request);
void handle_delete_topics(struct request *request);
void handle_delete_records(struct request *request);
void handle_leader_epoch(struct request *request);
void handle_create_partitions(struct request *request);
void handle_describe_configs(struct request *request);
void handle_change_configs(struct request *request);
void handle_list_groups(struct request *request);
void handle_describe_groups(struct request *request);
void handle_delete_groups(struct request *request);
void handle_offset_delete(struct request *request);
void handle_init_producer_id(struct request *request);
void handle_share_heartbeat(struct request *request);
void handle_share_describe(struct request *request);
void handle_share_fetch(struct request *request);
void handle_share_acknowledge(struct request *request);
void handle_describe_share_offsets(struct request *request);
void handle_alter_share_offsets(struct request *request);
void handle_delete_share_offsets(struct request *request);

#endif
