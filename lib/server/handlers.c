/* The table of handlers. */
#include "server/handlers.h"

static const struct {
	int key;
	void (*handle)(struct request *request);
} handlers[] = {
	{API_PRODUCE, handle_produce},
	{API_FETCH, handle_fetch},
	{API_LIST_OFFSETS, handle_list_offsets},
	{API_METADATA, handle_metadata},
	{API_OFFSET_COMMIT, handle_offset_commit},
	{API_OFFSET_FETCH, handle_offset_fetch},
	{API_FIND_COORDINATOR, handle_find_coordinator},
	{API_JOIN_GROUP, handle_join_group},
	{API_HEARTBEAT, handle_heartbeat},
	{API_LEAVE_GROUP, handle_leave_group},
	{API_SYNC_GROUP, handle_sync_group},
	{API_DESCRIBE_GROUPS, handle_describe_groups},
	{API_LIST_GROUPS, handle_list_groups},
	{API_API_VERSIONS, handle_api_versions},
	{API_CREATE_TOPICS, handle_create_topics},
	{API_DELETE_TOPICS, handle_delete_topics},
	{API_DELETE_RECORDS, handle_delete_records},
	{API_INIT_PRODUCER_ID, handle_init_producer_id},
	{API_LEADER_EPOCH, handle_leader_epoch},
	{API_DESCRIBE_CONFIGS, handle_describe_configs},
	{API_ALTER_CONFIGS, handle_change_configs},
	{API_CREATE_PARTITIONS, handle_create_partitions},
	{API_DELETE_GROUPS, handle_delete_groups},
	{API_CHANGE_CONFIGS, handle_change_configs},
	{API_OFFSET_DELETE, handle_offset_delete},
	{API_DESCRIBE_CLUSTER, handle_describe_cluster},
	{API_SHARE_HEARTBEAT, handle_share_heartbeat},
	{API_SHARE_DESCRIBE, handle_share_describe},
	{API_SHARE_FETCH, handle_share_fetch},
	{API_SHARE_ACKNOWLEDGE, handle_share_acknowledge},
	{API_DESCRIBE_SHARE_OFFSETS, handle_describe_share_offsets},
	{API_ALTER_SHARE_OFFSETS, handle_alter_share_offsets},
	{API_DELETE_SHARE_OFFSETS, handle_delete_share_offsets},
};

void (*handlers_find(int key))(struct request *request)
{
	for (size_t i = 0; i < sizeof handlers / sizeof handlers[0]; i++)
		if (handlers[i].key == key)
			return handlers[i].handle;
	return NULL;
}
