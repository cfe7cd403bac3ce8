/* The fields of offsets of share groups, by version. */
#include "kafka/share_offsets.h"

static const struct field describe_share_offsets_request_topic_fields[] = {
	FIELD(describe_share_offsets_request_topic, STRING, topic_name),
	FIELD(describe_share_offsets_request_topic, ARRAY, partitions,
	    OF_INT32),
};
const struct schema describe_share_offsets_request_topic_schema =
    SCHEMA(describe_share_offsets_request_topic);

static const struct field describe_share_offsets_request_group_fields[] = {
	FIELD(describe_share_offsets_request_group, STRING, group_id),
	FIELD(describe_share_offsets_request_group, ARRAY, topics,
	    OF(describe_share_offsets_request_topic), NULLABLE(0)),
};
const struct schema describe_share_offsets_request_group_schema =
    SCHEMA(describe_share_offsets_request_group);

static const struct field describe_share_offsets_request_fields[] = {
	FIELD(describe_share_offsets_request, ARRAY, groups,
	    OF(describe_share_offsets_request_group)),
	FIELD(describe_share_offsets_request, BOOL, asks_counts,
	    TAGGED(GROUP_TAG)),
};
const struct schema describe_share_offsets_request_schema =
    SCHEMA(describe_share_offsets_request);

static const struct field describe_share_offsets_response_partition_fields[] = {
	FIELD(describe_share_offsets_response_partition, INT32,
	    partition_index),
	FIELD(describe_share_offsets_response_partition, INT64, start_offset),
	FIELD(describe_share_offsets_response_partition, INT32, leader_epoch),
	FIELD(describe_share_offsets_response_partition, INT64, lag,
	    .since = 1, .preset = -1),
	FIELD(describe_share_offsets_response_partition, INT16, error_code),
	FIELD(describe_share_offsets_response_partition, STRING, error_message,
	    NULLABLE(0)),
	FIELD(describe_share_offsets_response_partition, POINTER, counts,
	    OF(group_counts), TAGGED(GROUP_TAG)),
};
const struct schema describe_share_offsets_response_partition_schema =
    SCHEMA(describe_share_offsets_response_partition);

static const struct field describe_share_offsets_response_topic_fields[] = {
	FIELD(describe_share_offsets_response_topic, STRING, topic_name),
	FIELD(describe_share_offsets_response_topic, UUID, topic_id),
	FIELD(describe_share_offsets_response_topic, ARRAY, partitions,
	    OF(describe_share_offsets_response_partition)),
};
const struct schema describe_share_offsets_response_topic_schema =
    SCHEMA(describe_share_offsets_response_topic);

static const struct field describe_share_offsets_response_group_fields[] = {
	FIELD(describe_share_offsets_response_group, STRING, group_id),
	FIELD(describe_share_offsets_response_group, ARRAY, topics,
	    OF(describe_share_offsets_response_topic)),
	FIELD(describe_share_offsets_response_group, INT16, error_code),
	FIELD(describe_share_offsets_response_group, STRING, error_message,
	    NULLABLE(0)),
};
const struct schema describe_share_offsets_response_group_schema =
    SCHEMA(describe_share_offsets_response_group);

static const struct field describe_share_offsets_response_fields[] = {
	FIELD(describe_share_offsets_response, INT32, throttle_time_ms),
	FIELD(describe_share_offsets_response, ARRAY, groups,
	    OF(describe_share_offsets_response_group)),
};
const struct schema describe_share_offsets_response_schema =
    SCHEMA(describe_share_offsets_response);

static const struct field alter_share_offsets_request_partition_fields[] = {
	FIELD(alter_share_offsets_request_partition, INT32, partition_index),
	FIELD(alter_share_offsets_request_partition, INT64, start_offset),
};
const struct schema alter_share_offsets_request_partition_schema =
    SCHEMA(alter_share_offsets_request_partition);

static const struct field alter_share_offsets_request_topic_fields[] = {
	FIELD(alter_share_offsets_request_topic, STRING, topic_name),
	FIELD(alter_share_offsets_request_topic, ARRAY, partitions,
	    OF(alter_share_offsets_request_partition)),
};
const struct schema alter_share_offsets_request_topic_schema =
    SCHEMA(alter_share_offsets_request_topic);

static const struct field alter_share_offsets_request_fields[] = {
	FIELD(alter_share_offsets_request, STRING, group_id),
	FIELD(alter_share_offsets_request, ARRAY, topics,
	    OF(alter_share_offsets_request_topic)),
};
const struct schema alter_share_offsets_request_schema =
    SCHEMA(alter_share_offsets_request);

static const struct field alter_share_offsets_response_partition_fields[] = {
	FIELD(alter_share_offsets_response_partition, INT32, partition_index),
	FIELD(alter_share_offsets_response_partition, INT16, error_code),
	FIELD(alter_share_offsets_response_partition, STRING, error_message,
	    NULLABLE(0)),
};
const struct schema alter_share_offsets_response_partition_schema =
    SCHEMA(alter_share_offsets_response_partition);

static const struct field alter_share_offsets_response_topic_fields[] = {
	FIELD(alter_share_offsets_response_topic, STRING, topic_name),
	FIELD(alter_share_offsets_response_topic, UUID, topic_id),
	FIELD(alter_share_offsets_response_topic, ARRAY, partitions,
	    OF(alter_share_offsets_response_partition)),
};
const struct schema alter_share_offsets_response_topic_schema =
    SCHEMA(alter_share_offsets_response_topic);

static const struct field alter_share_offsets_response_fields[] = {
	FIELD(alter_share_offsets_response, INT32, throttle_time_ms),
	FIELD(alter_share_offsets_response, INT16, error_code),
	FIELD(alter_share_offsets_response, STRING, error_message, NULLABLE(0)),
	FIELD(alter_share_offsets_response, ARRAY, responses,
	    OF(alter_share_offsets_response_topic)),
};
const struct schema alter_share_offsets_response_schema =
    SCHEMA(alter_share_offsets_response);

static const struct field delete_share_offsets_request_topic_fields[] = {
	FIELD(delete_share_offsets_request_topic, STRING, topic_name),
};
const struct schema delete_share_offsets_request_topic_schema =
    SCHEMA(delete_share_offsets_request_topic);

static const struct field delete_share_offsets_request_fields[] = {
	FIELD(delete_share_offsets_request, STRING, group_id),
	FIELD(delete_share_offsets_request, ARRAY, topics,
	    OF(delete_share_offsets_request_topic)),
};
const struct schema delete_share_offsets_request_schema =
    SCHEMA(delete_share_offsets_request);

static const struct field delete_share_offsets_response_topic_fields[] = {
	FIELD(delete_share_offsets_response_topic, STRING, topic_name),
	FIELD(delete_share_offsets_response_topic, UUID, topic_id),
	FIELD(delete_share_offsets_response_topic, INT16, error_code),
	FIELD(delete_share_offsets_response_topic, STRING, error_message,
	    NULLABLE(0)),
};
const struct schema delete_share_offsets_response_topic_schema =
    SCHEMA(delete_share_offsets_response_topic);

static const struct field delete_share_offsets_response_fields[] = {
	FIELD(delete_share_offsets_response, INT32, throttle_time_ms),
	FIELD(delete_share_offsets_response, INT16, error_code),
	FIELD(delete_share_offsets_response, STRING, error_message,
	    NULLABLE(0)),
	FIELD(delete_share_offsets_response, ARRAY, responses,
	    OF(delete_share_offsets_response_topic)),
};
const struct schema delete_share_offsets_response_schema =
    SCHEMA(delete_share_offsets_response);
