/* The fields of share groups (KIP-932), by version. */
#include "kafka/share.h"

static const struct field share_heartbeat_request_fields[] = {
	FIELD(share_heartbeat_request, STRING, group_id),
	FIELD(share_heartbeat_request, STRING, member_id),
	FIELD(share_heartbeat_request, INT32, member_epoch),
	FIELD(share_heartbeat_request, STRING, rack_id, NULLABLE(0)),
	FIELD(share_heartbeat_request, ARRAY, subscribed_topic_names,
	    OF_STRING, NULLABLE(0)),
	FIELD(share_heartbeat_request, BOOL, asks_tags, TAGGED(SHARE_TAG)),
};
const struct schema share_heartbeat_request_schema =
    SCHEMA(share_heartbeat_request);

static const struct field share_heartbeat_response_assigned_fields[] = {
	FIELD(share_heartbeat_response_assigned, UUID, topic_id),
	FIELD(share_heartbeat_response_assigned, ARRAY, partitions, OF_INT32),
};
const struct schema share_heartbeat_response_assigned_schema =
    SCHEMA(share_heartbeat_response_assigned);

static const struct field share_heartbeat_response_assignment_fields[] = {
	FIELD(share_heartbeat_response_assignment, ARRAY, topic_partitions,
	    OF(share_heartbeat_response_assigned)),
};
const struct schema share_heartbeat_response_assignment_schema =
    SCHEMA(share_heartbeat_response_assignment);

static const struct field share_heartbeat_response_fields[] = {
	FIELD(share_heartbeat_response, INT32, throttle_time_ms),
	FIELD(share_heartbeat_response, INT16, error_code),
	FIELD(share_heartbeat_response, STRING, error_message, NULLABLE(0)),
	FIELD(share_heartbeat_response, STRING, member_id, NULLABLE(0)),
	FIELD(share_heartbeat_response, INT32, member_epoch),
	FIELD(share_heartbeat_response, INT32, heartbeat_interval_ms),
	FIELD(share_heartbeat_response, POINTER, assignment,
	    OF(share_heartbeat_response_assignment), NULLABLE(0)),
	FIELD(share_heartbeat_response, INT8, tags, TAGGED(SHARE_TAG)),
};
const struct schema share_heartbeat_response_schema =
    SCHEMA(share_heartbeat_response);

static const struct field share_describe_request_fields[] = {
	FIELD(share_describe_request, ARRAY, group_ids, OF_STRING),
	FIELD(share_describe_request, BOOL, include_authorized_operations),
};
const struct schema share_describe_request_schema =
    SCHEMA(share_describe_request);

static const struct field share_describe_response_assigned_fields[] = {
	FIELD(share_describe_response_assigned, UUID, topic_id),
	FIELD(share_describe_response_assigned, STRING, topic_name),
	FIELD(share_describe_response_assigned, ARRAY, partitions, OF_INT32),
};
const struct schema share_describe_response_assigned_schema =
    SCHEMA(share_describe_response_assigned);

static const struct field share_describe_response_assignment_fields[] = {
	FIELD(share_describe_response_assignment, ARRAY, topic_partitions,
	    OF(share_describe_response_assigned)),
};
const struct schema share_describe_response_assignment_schema =
    SCHEMA(share_describe_response_assignment);

static const struct field share_describe_response_member_fields[] = {
	FIELD(share_describe_response_member, STRING, member_id),
	FIELD(share_describe_response_member, STRING, rack_id, NULLABLE(0)),
	FIELD(share_describe_response_member, INT32, member_epoch),
	FIELD(share_describe_response_member, STRING, client_id),
	FIELD(share_describe_response_member, STRING, client_host),
	FIELD(share_describe_response_member, ARRAY, subscribed_topic_names,
	    OF_STRING),
	FIELD(share_describe_response_member, STRUCT, assignment,
	    OF(share_describe_response_assignment)),
};
const struct schema share_describe_response_member_schema =
    SCHEMA(share_describe_response_member);

static const struct field share_describe_response_group_fields[] = {
	FIELD(share_describe_response_group, INT16, error_code),
	FIELD(share_describe_response_group, STRING, error_message,
	    NULLABLE(0)),
	FIELD(share_describe_response_group, STRING, group_id),
	FIELD(share_describe_response_group, STRING, group_state),
	FIELD(share_describe_response_group, INT32, group_epoch),
	FIELD(share_describe_response_group, INT32, assignment_epoch),
	FIELD(share_describe_response_group, STRING, assignor_name),
	FIELD(share_describe_response_group, ARRAY, members,
	    OF(share_describe_response_member)),
	FIELD(share_describe_response_group, INT32, authorized_operations,
	    .preset = INT32_MIN),
};
const struct schema share_describe_response_group_schema =
    SCHEMA(share_describe_response_group);

static const struct field share_describe_response_fields[] = {
	FIELD(share_describe_response, INT32, throttle_time_ms),
	FIELD(share_describe_response, ARRAY, groups,
	    OF(share_describe_response_group)),
};
const struct schema share_describe_response_schema =
    SCHEMA(share_describe_response);

static const struct field share_fetch_request_acknowledgement_fields[] = {
	FIELD(share_fetch_request_acknowledgement, INT64, first_offset),
	FIELD(share_fetch_request_acknowledgement, INT64, last_offset),
	FIELD(share_fetch_request_acknowledgement, ARRAY, acknowledge_types,
	    OF_INT8),
	FIELD(share_fetch_request_acknowledgement, POINTER, details,
	    OF(share_details), TAGGED(SHARE_TAG)),
};
const struct schema share_fetch_request_acknowledgement_schema =
    SCHEMA(share_fetch_request_acknowledgement);

static const struct field share_fetch_request_partition_fields[] = {
	FIELD(share_fetch_request_partition, INT32, partition_index),
	FIELD(share_fetch_request_partition, INT32, partition_max_bytes,
	    .before = 1),
	FIELD(share_fetch_request_partition, ARRAY, acknowledgement_batches,
	    OF(share_fetch_request_acknowledgement)),
};
const struct schema share_fetch_request_partition_schema =
    SCHEMA(share_fetch_request_partition);

static const struct field share_fetch_request_topic_fields[] = {
	FIELD(share_fetch_request_topic, UUID, topic_id),
	FIELD(share_fetch_request_topic, ARRAY, partitions,
	    OF(share_fetch_request_partition)),
};
const struct schema share_fetch_request_topic_schema =
    SCHEMA(share_fetch_request_topic);

static const struct field share_fetch_request_forgotten_fields[] = {
	FIELD(share_fetch_request_forgotten, UUID, topic_id),
	FIELD(share_fetch_request_forgotten, ARRAY, partitions, OF_INT32),
};
const struct schema share_fetch_request_forgotten_schema =
    SCHEMA(share_fetch_request_forgotten);

static const struct field share_fetch_request_fields[] = {
	FIELD(share_fetch_request, STRING, group_id, NULLABLE(0)),
	FIELD(share_fetch_request, STRING, member_id, NULLABLE(0)),
	FIELD(share_fetch_request, INT32, share_session_epoch),
	FIELD(share_fetch_request, INT32, max_wait_ms),
	FIELD(share_fetch_request, INT32, min_bytes),
	FIELD(share_fetch_request, INT32, max_bytes, .preset = INT32_MAX),
	FIELD(share_fetch_request, INT32, max_records, .since = 1),
	FIELD(share_fetch_request, INT32, batch_size, .since = 1),
	FIELD(share_fetch_request, INT8, share_acquire_mode, .since = 2),
	FIELD(share_fetch_request, BOOL, is_renew_ack, .since = 2),
	FIELD(share_fetch_request, ARRAY, topics,
	    OF(share_fetch_request_topic)),
	FIELD(share_fetch_request, ARRAY, forgotten_topics_data,
	    OF(share_fetch_request_forgotten)),
	FIELD(share_fetch_request, POINTER, terms, OF(share_terms),
	    TAGGED(SHARE_TAG)),
};
const struct schema share_fetch_request_schema = SCHEMA(share_fetch_request);

static const struct field share_fetch_response_current_leader_fields[] = {
	FIELD(share_fetch_response_current_leader, INT32, leader_id),
	FIELD(share_fetch_response_current_leader, INT32, leader_epoch),
};
const struct schema share_fetch_response_current_leader_schema =
    SCHEMA(share_fetch_response_current_leader);

static const struct field share_fetch_response_acquired_fields[] = {
	FIELD(share_fetch_response_acquired, INT64, first_offset),
	FIELD(share_fetch_response_acquired, INT64, last_offset),
	FIELD(share_fetch_response_acquired, INT16, delivery_count),
	FIELD(share_fetch_response_acquired, INT64, token, TAGGED(SHARE_TAG)),
};
const struct schema share_fetch_response_acquired_schema =
    SCHEMA(share_fetch_response_acquired);

static const struct field share_fetch_response_partition_fields[] = {
	FIELD(share_fetch_response_partition, INT32, partition_index),
	FIELD(share_fetch_response_partition, INT16, error_code),
	FIELD(share_fetch_response_partition, STRING, error_message,
	    NULLABLE(0)),
	FIELD(share_fetch_response_partition, INT16, acknowledge_error_code),
	FIELD(share_fetch_response_partition, STRING,
	    acknowledge_error_message, NULLABLE(0)),
	FIELD(share_fetch_response_partition, STRUCT, current_leader,
	    OF(share_fetch_response_current_leader)),
	FIELD(share_fetch_response_partition, RECORDS, records, NULLABLE(0)),
	FIELD(share_fetch_response_partition, ARRAY, acquired_records,
	    OF(share_fetch_response_acquired)),
};
const struct schema share_fetch_response_partition_schema =
    SCHEMA(share_fetch_response_partition);

static const struct field share_fetch_response_topic_fields[] = {
	FIELD(share_fetch_response_topic, UUID, topic_id),
	FIELD(share_fetch_response_topic, ARRAY, partitions,
	    OF(share_fetch_response_partition)),
	FIELD(share_fetch_response_topic, POINTER, limits, OF(share_limits),
	    TAGGED(SHARE_TAG)),
};
const struct schema share_fetch_response_topic_schema =
    SCHEMA(share_fetch_response_topic);

static const struct field share_fetch_response_endpoint_fields[] = {
	FIELD(share_fetch_response_endpoint, INT32, node_id),
	FIELD(share_fetch_response_endpoint, STRING, host),
	FIELD(share_fetch_response_endpoint, INT32, port),
	FIELD(share_fetch_response_endpoint, STRING, rack, NULLABLE(0)),
};
const struct schema share_fetch_response_endpoint_schema =
    SCHEMA(share_fetch_response_endpoint);

static const struct field share_fetch_response_fields[] = {
	FIELD(share_fetch_response, INT32, throttle_time_ms),
	FIELD(share_fetch_response, INT16, error_code),
	FIELD(share_fetch_response, STRING, error_message, NULLABLE(0)),
	FIELD(share_fetch_response, INT32, acquisition_lock_timeout_ms,
	    .since = 1),
	FIELD(share_fetch_response, ARRAY, responses,
	    OF(share_fetch_response_topic)),
	FIELD(share_fetch_response, ARRAY, node_endpoints,
	    OF(share_fetch_response_endpoint)),
};
const struct schema share_fetch_response_schema = SCHEMA(share_fetch_response);

static const struct field share_acknowledge_request_acknowledgement_fields[] = {
	FIELD(share_acknowledge_request_acknowledgement, INT64, first_offset),
	FIELD(share_acknowledge_request_acknowledgement, INT64, last_offset),
	FIELD(share_acknowledge_request_acknowledgement, ARRAY,
	    acknowledge_types, OF_INT8),
	FIELD(share_acknowledge_request_acknowledgement, POINTER, details,
	    OF(share_details), TAGGED(SHARE_TAG)),
};
const struct schema share_acknowledge_request_acknowledgement_schema =
    SCHEMA(share_acknowledge_request_acknowledgement);

static const struct field share_acknowledge_request_partition_fields[] = {
	FIELD(share_acknowledge_request_partition, INT32, partition_index),
	FIELD(share_acknowledge_request_partition, ARRAY,
	    acknowledgement_batches,
	    OF(share_acknowledge_request_acknowledgement)),
};
const struct schema share_acknowledge_request_partition_schema =
    SCHEMA(share_acknowledge_request_partition);

static const struct field share_acknowledge_request_topic_fields[] = {
	FIELD(share_acknowledge_request_topic, UUID, topic_id),
	FIELD(share_acknowledge_request_topic, ARRAY, partitions,
	    OF(share_acknowledge_request_partition)),
};
const struct schema share_acknowledge_request_topic_schema =
    SCHEMA(share_acknowledge_request_topic);

static const struct field share_acknowledge_request_fields[] = {
	FIELD(share_acknowledge_request, STRING, group_id, NULLABLE(0)),
	FIELD(share_acknowledge_request, STRING, member_id, NULLABLE(0)),
	FIELD(share_acknowledge_request, INT32, share_session_epoch),
	FIELD(share_acknowledge_request, BOOL, is_renew_ack, .since = 2),
	FIELD(share_acknowledge_request, ARRAY, topics,
	    OF(share_acknowledge_request_topic)),
};
const struct schema share_acknowledge_request_schema =
    SCHEMA(share_acknowledge_request);

static const struct field share_acknowledge_response_current_leader_fields[] = {
	FIELD(share_acknowledge_response_current_leader, INT32, leader_id),
	FIELD(share_acknowledge_response_current_leader, INT32, leader_epoch),
};
const struct schema share_acknowledge_response_current_leader_schema =
    SCHEMA(share_acknowledge_response_current_leader);

static const struct field share_acknowledge_response_partition_fields[] = {
	FIELD(share_acknowledge_response_partition, INT32, partition_index),
	FIELD(share_acknowledge_response_partition, INT16, error_code),
	FIELD(share_acknowledge_response_partition, STRING, error_message,
	    NULLABLE(0)),
	FIELD(share_acknowledge_response_partition, STRUCT, current_leader,
	    OF(share_acknowledge_response_current_leader)),
	FIELD(share_acknowledge_response_partition, ARRAY, lost, OF_INT32,
	    TAGGED(SHARE_TAG)),
};
const struct schema share_acknowledge_response_partition_schema =
    SCHEMA(share_acknowledge_response_partition);

static const struct field share_acknowledge_response_topic_fields[] = {
	FIELD(share_acknowledge_response_topic, UUID, topic_id),
	FIELD(share_acknowledge_response_topic, ARRAY, partitions,
	    OF(share_acknowledge_response_partition)),
};
const struct schema share_acknowledge_response_topic_schema =
    SCHEMA(share_acknowledge_response_topic);

static const struct field share_acknowledge_response_endpoint_fields[] = {
	FIELD(share_acknowledge_response_endpoint, INT32, node_id),
	FIELD(share_acknowledge_response_endpoint, STRING, host),
	FIELD(share_acknowledge_response_endpoint, INT32, port),
	FIELD(share_acknowledge_response_endpoint, STRING, rack, NULLABLE(0)),
};
const struct schema share_acknowledge_response_endpoint_schema =
    SCHEMA(share_acknowledge_response_endpoint);

static const struct field share_acknowledge_response_fields[] = {
	FIELD(share_acknowledge_response, INT32, throttle_time_ms),
	FIELD(share_acknowledge_response, INT16, error_code),
	FIELD(share_acknowledge_response, STRING, error_message, NULLABLE(0)),
	FIELD(share_acknowledge_response, INT32, acquisition_lock_timeout_ms,
	    .since = 2),
	FIELD(share_acknowledge_response, ARRAY, responses,
	    OF(share_acknowledge_response_topic)),
	FIELD(share_acknowledge_response, ARRAY, node_endpoints,
	    OF(share_acknowledge_response_endpoint)),
};
const struct schema share_acknowledge_response_schema =
    SCHEMA(share_acknowledge_response);
