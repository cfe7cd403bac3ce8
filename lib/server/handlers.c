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
	{API_API_VERSIONS, handle_api_versions},
	{API_DESCRIBE_CLUSTER, handle_describe_cluster},
};

void (*handlers_find(int key))(struct request *request)
{
	for (size_t i = 0; i < sizeof handlers / sizeof handlers[0]; i++)
		if (handlers[i].key == key)
			return handlers[i].handle;
	return NULL;
}
