/* Which versions of which APIs: Apache Kafka 4.2's, down to what the clients of
 * 2018 send. */
#include "kafka/api.h"

#include "kafka/configs.h"
#include "kafka/fetch.h"
#include "kafka/groups.h"
#include "kafka/membership.h"
#include "kafka/metadata.h"
#include "kafka/offsets.h"
#include "kafka/produce.h"
#include "kafka/share.h"
#include "kafka/share_offsets.h"
#include "kafka/topics.h"

/* librdkafka until 2.8 compresses only for brokers with Produce 0, and knows
 * record batches only by Produce 3 and Fetch 4. */
#define APIS(API) \
	API(API_PRODUCE, 0, 3, 11, 9, "Produce", produce) \
	API(API_FETCH, 4, 4, 17, 12, "Fetch", fetch) \
	API(API_LIST_OFFSETS, 1, 1, 7, 6, "ListOffsets", list_offsets) \
	API(API_METADATA, 0, 0, 12, 9, "Metadata", metadata) \
	API(API_OFFSET_COMMIT, 2, 2, 9, 8, "OffsetCommit", offset_commit) \
	API(API_OFFSET_FETCH, 1, 1, 9, 6, "OffsetFetch", offset_fetch) \
	API(API_FIND_COORDINATOR, 0, 0, 4, 3, \
	    "FindCoordinator", find_coordinator) \
	API(API_JOIN_GROUP, 0, 0, 9, 6, "JoinGroup", join_group) \
	API(API_HEARTBEAT, 0, 0, 4, 4, "Heartbeat", heartbeat) \
	API(API_LEAVE_GROUP, 0, 0, 5, 4, "LeaveGroup", leave_group) \
	API(API_SYNC_GROUP, 0, 0, 5, 4, "SyncGroup", sync_group) \
	API(API_DESCRIBE_GROUPS, 0, 0, 5, 5, \
	    "DescribeGroups", describe_groups) \
	API(API_LIST_GROUPS, 0, 0, 5, 3, "ListGroups", list_groups) \
	API(API_API_VERSIONS, 0, 0, 4, 3, "ApiVersions", api_versions) \
	API(API_CREATE_TOPICS, 0, 0, 7, 5, "CreateTopics", create_topics) \
	API(API_DELETE_TOPICS, 0, 0, 6, 4, "DeleteTopics", delete_topics) \
	API(API_DELETE_RECORDS, 0, 0, 2, 2, "DeleteRecords", delete_records) \
	API(API_INIT_PRODUCER_ID, 0, 0, 5, 2, \
	    "InitProducerId", init_producer_id) \
	API(API_LEADER_EPOCH, 2, 2, 4, 4, \
	    "OffsetForLeaderEpoch", leader_epoch) \
	API(API_DESCRIBE_CONFIGS, 0, 0, 4, 4, \
	    "DescribeConfigs", describe_configs) \
	API(API_ALTER_CONFIGS, 0, 0, 2, 2, "AlterConfigs", alter_configs) \
	API(API_CREATE_PARTITIONS, 0, 0, 3, 2, \
	    "CreatePartitions", create_partitions) \
	API(API_DELETE_GROUPS, 0, 0, 2, 2, "DeleteGroups", delete_groups) \
	API(API_CHANGE_CONFIGS, 0, 0, 1, 1, \
	    "IncrementalAlterConfigs", change_configs) \
	API(API_OFFSET_DELETE, 0, 0, 0, -1, "OffsetDelete", offset_delete) \
	API(API_DESCRIBE_CLUSTER, 0, 0, 1, 0, \
	    "DescribeCluster", describe_cluster) \
	API(API_SHARE_HEARTBEAT, 1, 1, 1, 0, \
	    "ShareGroupHeartbeat", share_heartbeat) \
	API(API_SHARE_DESCRIBE, 1, 1, 1, 0, \
	    "ShareGroupDescribe", share_describe) \
	API(API_SHARE_FETCH, 1, 1, 2, 0, "ShareFetch", share_fetch) \
	API(API_SHARE_ACKNOWLEDGE, 1, 1, 2, 0, \
	    "ShareAcknowledge", share_acknowledge) \
	API(API_DESCRIBE_SHARE_OFFSETS, 0, 0, 1, 0, \
	    "DescribeShareGroupOffsets", describe_share_offsets) \
	API(API_ALTER_SHARE_OFFSETS, 0, 0, 0, 0, \
	    "AlterShareGroupOffsets", alter_share_offsets) \
	API(API_DELETE_SHARE_OFFSETS, 0, 0, 0, 0, \
	    "DeleteShareGroupOffsets", delete_share_offsets)

/* Objects of their own, so that a short tool has only those that it names. */
#define DEFINE(key, first, served, last, flexible, name, messages) \
	const struct api api_##messages = {key, first, served, last, \
	    flexible, name, &messages##_request_schema, \
	    &messages##_response_schema};
APIS(DEFINE)

#define LIST(key, first, served, last, flexible, name, messages) \
	&api_##messages,
const struct api *const api_table[] = {APIS(LIST)};
const size_t api_count = sizeof api_table / sizeof api_table[0];

const struct api *
api_find(int key)
{
	for (size_t i = 0; i < api_count; i++)
		if (api_table[i]->key == key)
			return api_table[i];
	return NULL;
}

struct encoding
api_encoding(const struct api *api, int version)
{
	return (struct encoding){version,
	    api->flexible >= 0 && version >= api->flexible};
}
