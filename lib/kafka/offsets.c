/* The fields of OffsetCommit, OffsetFetch, OffsetDelete, by version. */
#include "kafka/offsets.h"

static const struct field offset_commit_request_partition_fields[] = {
	FIELD(offset_commit_request_partition, INT32, partition_index),
	FIELD(offset_commit_request_partition, INT64, committed_offset),
	FIELD(offset_commit_request_partition, INT32, committed_leader_epoch,
	    .since = 6, .preset = -1),
	FIELD(offset_commit_request_partition, INT64, commit_timestamp,
	    .since = 1, .before = 2, .preset = -1),
	FIELD(offset_commit_request_partition, STRING, committed_metadata,
	    NULLABLE(0), .may_have_nul = true),
	FIELD(offset_commit_request_partition, INT64, dead,
	    TAGGED(GROUP_TAG)),
};
const struct schema offset_commit_request_partition_schema =
    SCHEMA(offset_commit_request_partition);

static const struct field offset_commit_request_topic_fields[] = {
	FIELD(offset_commit_request_topic, STRING, name),
	FIELD(offset_commit_request_topic, ARRAY, partitions,
	    OF(offset_commit_request_partition)),
};
const struct schema offset_commit_request_topic_schema =
    SCHEMA(offset_commit_request_topic);

static const struct field offset_commit_request_fields[] = {
	FIELD(offset_commit_request, STRING, group_id),
	FIELD(offset_commit_request, INT32, generation_id_or_member_epoch,
	    .since = 1, .preset = -1),
	FIELD(offset_commit_request, STRING, member_id, .since = 1),
	FIELD(offset_commit_request, STRING, group_instance_id, .since = 7,
	    NULLABLE(0)),
	FIELD(offset_commit_request, INT64, retention_time_ms, .since = 2,
	    .before = 5, .preset = -1),
	FIELD(offset_commit_request, ARRAY, topics,
	    OF(offset_commit_request_topic)),
};
const struct schema offset_commit_request_schema =
    SCHEMA(offset_commit_request);

static const struct field offset_commit_response_partition_fields[] = {
	FIELD(offset_commit_response_partition, INT32, partition_index),
	FIELD(offset_commit_response_partition, INT16, error_code),
};
const struct schema offset_commit_response_partition_schema =
    SCHEMA(offset_commit_response_partition);

static const struct field offset_commit_response_topic_fields[] = {
	FIELD(offset_commit_response_topic, STRING, name),
	FIELD(offset_commit_response_topic, ARRAY, partitions,
	    OF(offset_commit_response_partition)),
};
const struct schema offset_commit_response_topic_schema =
    SCHEMA(offset_commit_response_topic);

static const struct field offset_commit_response_fields[] = {
	FIELD(offset_commit_response, INT32, throttle_time_ms, .since = 3),
	FIELD(offset_commit_response, ARRAY, topics,
	    OF(offset_commit_response_topic)),
};
const struct schema offset_commit_response_schema =
    SCHEMA(offset_commit_response);

static const struct field offset_fetch_request_topic_fields[] = {
	FIELD(offset_fetch_request_topic, STRING, name),
	FIELD(offset_fetch_request_topic, ARRAY, partition_indexes, OF_INT32),
};
const struct schema offset_fetch_request_topic_schema =
    SCHEMA(offset_fetch_request_topic);

static const struct field offset_fetch_request_group_fields[] = {
	FIELD(offset_fetch_request_group, STRING, group_id),
	FIELD(offset_fetch_request_group, STRING, member_id, .since = 9,
	    NULLABLE(0)),
	FIELD(offset_fetch_request_group, INT32, member_epoch, .since = 9,
	    .preset = -1),
	FIELD(offset_fetch_request_group, ARRAY, topics,
	    OF(offset_fetch_request_topic), NULLABLE(0)),
};
const struct schema offset_fetch_request_group_schema =
    SCHEMA(offset_fetch_request_group);

static const struct field offset_fetch_request_fields[] = {
	FIELD(offset_fetch_request, STRING, group_id, .before = 8),
	FIELD(offset_fetch_request, ARRAY, topics,
	    OF(offset_fetch_request_topic), .before = 8, NULLABLE(2)),
	FIELD(offset_fetch_request, ARRAY, groups,
	    OF(offset_fetch_request_group), .since = 8),
	FIELD(offset_fetch_request, BOOL, require_stable, .since = 7),
	FIELD(offset_fetch_request, BOOL, asks_counts, TAGGED(GROUP_TAG)),
};
const struct schema offset_fetch_request_schema = SCHEMA(offset_fetch_request);

static const struct field offset_fetch_response_partition_fields[] = {
	FIELD(offset_fetch_response_partition, INT32, partition_index),
	FIELD(offset_fetch_response_partition, INT64, committed_offset),
	FIELD(offset_fetch_response_partition, INT32, committed_leader_epoch,
	    .since = 5, .preset = -1),
	FIELD(offset_fetch_response_partition, STRING, metadata, NULLABLE(0),
	    .may_have_nul = true),
	FIELD(offset_fetch_response_partition, INT16, error_code),
	FIELD(offset_fetch_response_partition, POINTER, counts,
	    OF(group_counts), TAGGED(GROUP_TAG)),
};
const struct schema offset_fetch_response_partition_schema =
    SCHEMA(offset_fetch_response_partition);

static const struct field offset_fetch_response_topic_fields[] = {
	FIELD(offset_fetch_response_topic, STRING, name),
	FIELD(offset_fetch_response_topic, ARRAY, partitions,
	    OF(offset_fetch_response_partition)),
};
const struct schema offset_fetch_response_topic_schema =
    SCHEMA(offset_fetch_response_topic);

static const struct field offset_fetch_response_group_fields[] = {
	FIELD(offset_fetch_response_group, STRING, group_id),
	FIELD(offset_fetch_response_group, ARRAY, topics,
	    OF(offset_fetch_response_topic)),
	FIELD(offset_fetch_response_group, INT16, error_code),
};
const struct schema offset_fetch_response_group_schema =
    SCHEMA(offset_fetch_response_group);

static const struct field offset_fetch_response_fields[] = {
	FIELD(offset_fetch_response, INT32, throttle_time_ms, .since = 3),
	FIELD(offset_fetch_response, ARRAY, topics,
	    OF(offset_fetch_response_topic), .before = 8),
	FIELD(offset_fetch_response, INT16, error_code, .since = 2,
	    .before = 8),
	FIELD(offset_fetch_response, ARRAY, groups,
	    OF(offset_fetch_response_group), .since = 8),
};
const struct schema offset_fetch_response_schema =
    SCHEMA(offset_fetch_response);

static const struct field offset_delete_request_partition_fields[] = {
	FIELD(offset_delete_request_partition, INT32, partition_index),
};
const struct schema offset_delete_request_partition_schema =
    SCHEMA(offset_delete_request_partition);

static const struct field offset_delete_request_topic_fields[] = {
	FIELD(offset_delete_request_topic, STRING, name),
	FIELD(offset_delete_request_topic, ARRAY, partitions,
	    OF(offset_delete_request_partition)),
};
const struct schema offset_delete_request_topic_schema =
    SCHEMA(offset_delete_request_topic);

static const struct field offset_delete_request_fields[] = {
	FIELD(offset_delete_request, STRING, group_id),
	FIELD(offset_delete_request, ARRAY, topics,
	    OF(offset_delete_request_topic)),
};
const struct schema offset_delete_request_schema =
    SCHEMA(offset_delete_request);

static const struct field offset_delete_response_partition_fields[] = {
	FIELD(offset_delete_response_partition, INT32, partition_index),
	FIELD(offset_delete_response_partition, INT16, error_code),
};
const struct schema offset_delete_response_partition_schema =
    SCHEMA(offset_delete_response_partition);

static const struct field offset_delete_response_topic_fields[] = {
	FIELD(offset_delete_response_topic, STRING, name),
	FIELD(offset_delete_response_topic, ARRAY, partitions,
	    OF(offset_delete_response_partition)),
};
const struct schema offset_delete_response_topic_schema =
    SCHEMA(offset_delete_response_topic);

static const struct field offset_delete_response_fields[] = {
	FIELD(offset_delete_response, INT16, error_code),
	FIELD(offset_delete_response, INT32, throttle_time_ms),
	FIELD(offset_delete_response, ARRAY, topics,
	    OF(offset_delete_response_topic)),
};
const struct schema offset_delete_response_schema =
    SCHEMA(offset_delete_response);
