/* The table of APIs that we speak, as servers and as clients. */
#ifndef KAFKA_API_H
#define KAFKA_API_H

#include "kafka/schema.h"

enum api_key {
	API_PRODUCE = 0,
	API_FETCH = 1,
	API_LIST_OFFSETS = 2,
	API_METADATA = 3,
	API_OFFSET_COMMIT = 8,
	API_OFFSET_FETCH = 9,
	API_FIND_COORDINATOR = 10,
	API_JOIN_GROUP = 11,
	API_HEARTBEAT = 12,
	API_LEAVE_GROUP = 13,
	API_SYNC_GROUP = 14,
	API_DESCRIBE_GROUPS = 15,
	API_LIST_GROUPS = 16,
	API_API_VERSIONS = 18,
	API_CREATE_TOPICS = 19,
	API_DELETE_TOPICS = 20,
	API_DELETE_RECORDS = 21,
	API_INIT_PRODUCER_ID = 22,
	API_LEADER_EPOCH = 23,
	API_DESCRIBE_CONFIGS = 32,
	API_ALTER_CONFIGS = 33,
	API_CREATE_PARTITIONS = 37,
	API_DELETE_GROUPS = 42,
	API_CHANGE_CONFIGS = 44,
	API_OFFSET_DELETE = 47,
	API_DESCRIBE_CLUSTER = 60,
	API_SHARE_HEARTBEAT = 76,
	API_SHARE_DESCRIBE = 77,
	API_SHARE_FETCH = 78,
	API_SHARE_ACKNOWLEDGE = 79,
	API_DESCRIBE_SHARE_OFFSETS = 90,
	API_ALTER_SHARE_OFFSETS = 91,
	API_DELETE_SHARE_OFFSETS = 92,
};

/* Versions first..last are offered, served..last are understood: some clients
 * look at the first one to decide what else a broker can do. */
struct api {
	int16_t key;
	int16_t first;
	int16_t served;
	int16_t last;
	int16_t flexible; /* the first version of KIP-482; -1: none */
	const char *name;
	const struct schema *request;
	const struct schema *response;
};

/* A client names those that it uses. */
extern const struct api api_produce, api_fetch, api_list_offsets,
    api_metadata, api_offset_commit, api_offset_fetch, api_find_coordinator,
    api_join_group, api_heartbeat, api_leave_group, api_sync_group,
    api_describe_groups, api_list_groups, api_api_versions, api_create_topics,
    api_delete_topics, api_delete_records, api_init_producer_id,
    api_leader_epoch, api_describe_configs, api_alter_configs,
    api_create_partitions, api_delete_groups, api_change_configs,
    api_offset_delete, api_describe_cluster, api_share_heartbeat,
    api_share_describe, api_share_fetch, api_share_acknowledge,
    api_describe_share_offsets, api_alter_share_offsets,
    api_delete_share_offsets;

/* All, in order of their keys. */
extern const struct api *const api_table[];
extern const size_t api_count;

/* NULL if we do not speak it. */
const struct api *api_find(int key);

struct encoding api_encoding(const struct api *api, int version);

#endif
