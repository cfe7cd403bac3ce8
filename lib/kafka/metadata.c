/* The fields of who is there, by version. */
#include "kafka/metadata.h"

static const struct field api_versions_request_fields[] = {
	FIELD(api_versions_request, STRING, client_software_name, .since = 3),
	FIELD(api_versions_request, STRING, client_software_version,
	    .since = 3),
};
const struct schema api_versions_request_schema = SCHEMA(api_versions_request);

static const struct field api_versions_response_api_key_fields[] = {
	FIELD(api_versions_response_api_key, INT16, api_key),
	FIELD(api_versions_response_api_key, INT16, min_version),
	FIELD(api_versions_response_api_key, INT16, max_version),
};
const struct schema api_versions_response_api_key_schema =
    SCHEMA(api_versions_response_api_key);

static const struct field api_versions_response_supported_feature_fields[] = {
	FIELD(api_versions_response_supported_feature, STRING, name),
	FIELD(api_versions_response_supported_feature, INT16, min_version),
	FIELD(api_versions_response_supported_feature, INT16, max_version),
};
const struct schema api_versions_response_supported_feature_schema =
    SCHEMA(api_versions_response_supported_feature);

static const struct field api_versions_response_finalized_feature_fields[] = {
	FIELD(api_versions_response_finalized_feature, STRING, name),
	FIELD(api_versions_response_finalized_feature, INT16,
	    max_version_level),
	FIELD(api_versions_response_finalized_feature, INT16,
	    min_version_level),
};
const struct schema api_versions_response_finalized_feature_schema =
    SCHEMA(api_versions_response_finalized_feature);

static const struct field api_versions_response_fields[] = {
	FIELD(api_versions_response, INT16, error_code),
	FIELD(api_versions_response, ARRAY, api_keys,
	    OF(api_versions_response_api_key)),
	FIELD(api_versions_response, INT32, throttle_time_ms, .since = 1),
	FIELD(api_versions_response, ARRAY, supported_features,
	    OF(api_versions_response_supported_feature), .since = 3,
	    TAGGED(0)),
	FIELD(api_versions_response, INT64, finalized_features_epoch,
	    .since = 3, TAGGED(1), .preset = -1),
	FIELD(api_versions_response, ARRAY, finalized_features,
	    OF(api_versions_response_finalized_feature), .since = 3,
	    TAGGED(2)),
	FIELD(api_versions_response, BOOL, zk_migration_ready, .since = 3,
	    TAGGED(3)),
};
const struct schema api_versions_response_schema =
    SCHEMA(api_versions_response);

static const struct field metadata_request_topic_fields[] = {
	FIELD(metadata_request_topic, UUID, topic_id, .since = 10),
	FIELD(metadata_request_topic, STRING, name, NULLABLE(10)),
};
const struct schema metadata_request_topic_schema =
    SCHEMA(metadata_request_topic);

static const struct field metadata_request_fields[] = {
	FIELD(metadata_request, ARRAY, topics, OF(metadata_request_topic),
	    NULLABLE(1)),
	FIELD(metadata_request, BOOL, allow_auto_topic_creation, .since = 4,
	    .preset = true),
	FIELD(metadata_request, BOOL, include_cluster_authorized_operations,
	    .since = 8, .before = 11),
	FIELD(metadata_request, BOOL, include_topic_authorized_operations,
	    .since = 8),
};
const struct schema metadata_request_schema = SCHEMA(metadata_request);

static const struct field metadata_response_broker_fields[] = {
	FIELD(metadata_response_broker, INT32, node_id),
	FIELD(metadata_response_broker, STRING, host),
	FIELD(metadata_response_broker, INT32, port),
	FIELD(metadata_response_broker, STRING, rack, .since = 1, NULLABLE(0)),
};
const struct schema metadata_response_broker_schema =
    SCHEMA(metadata_response_broker);

static const struct field metadata_response_partition_fields[] = {
	FIELD(metadata_response_partition, INT16, error_code),
	FIELD(metadata_response_partition, INT32, partition_index),
	FIELD(metadata_response_partition, INT32, leader_id),
	FIELD(metadata_response_partition, INT32, leader_epoch, .since = 7,
	    .preset = -1),
	FIELD(metadata_response_partition, ARRAY, replica_nodes, OF_INT32),
	FIELD(metadata_response_partition, ARRAY, isr_nodes, OF_INT32),
	FIELD(metadata_response_partition, ARRAY, offline_replicas, OF_INT32,
	    .since = 5),
};
const struct schema metadata_response_partition_schema =
    SCHEMA(metadata_response_partition);

static const struct field metadata_response_topic_fields[] = {
	FIELD(metadata_response_topic, INT16, error_code),
	FIELD(metadata_response_topic, STRING, name, NULLABLE(12)),
	FIELD(metadata_response_topic, UUID, topic_id, .since = 10),
	FIELD(metadata_response_topic, BOOL, is_internal, .since = 1),
	FIELD(metadata_response_topic, ARRAY, partitions,
	    OF(metadata_response_partition)),
	FIELD(metadata_response_topic, INT32, topic_authorized_operations,
	    .since = 8, .preset = INT32_MIN),
};
const struct schema metadata_response_topic_schema =
    SCHEMA(metadata_response_topic);

static const struct field metadata_response_fields[] = {
	FIELD(metadata_response, INT32, throttle_time_ms, .since = 3),
	FIELD(metadata_response, ARRAY, brokers, OF(metadata_response_broker)),
	FIELD(metadata_response, STRING, cluster_id, .since = 2, NULLABLE(0)),
	FIELD(metadata_response, INT32, controller_id, .since = 1,
	    .preset = -1),
	FIELD(metadata_response, ARRAY, topics, OF(metadata_response_topic)),
	FIELD(metadata_response, INT32, cluster_authorized_operations,
	    .since = 8, .before = 11, .preset = INT32_MIN),
};
const struct schema metadata_response_schema = SCHEMA(metadata_response);

static const struct field find_coordinator_request_fields[] = {
	FIELD(find_coordinator_request, STRING, key, .before = 4),
	FIELD(find_coordinator_request, INT8, key_type, .since = 1),
	FIELD(find_coordinator_request, ARRAY, coordinator_keys, OF_STRING,
	    .since = 4),
};
const struct schema find_coordinator_request_schema =
    SCHEMA(find_coordinator_request);

static const struct field find_coordinator_response_coordinator_fields[] = {
	FIELD(find_coordinator_response_coordinator, STRING, key),
	FIELD(find_coordinator_response_coordinator, INT32, node_id),
	FIELD(find_coordinator_response_coordinator, STRING, host),
	FIELD(find_coordinator_response_coordinator, INT32, port),
	FIELD(find_coordinator_response_coordinator, INT16, error_code),
	FIELD(find_coordinator_response_coordinator, STRING, error_message,
	    NULLABLE(0)),
};
const struct schema find_coordinator_response_coordinator_schema =
    SCHEMA(find_coordinator_response_coordinator);

static const struct field find_coordinator_response_fields[] = {
	FIELD(find_coordinator_response, INT32, throttle_time_ms, .since = 1),
	FIELD(find_coordinator_response, INT16, error_code, .before = 4),
	FIELD(find_coordinator_response, STRING, error_message, .since = 1,
	    .before = 4, NULLABLE(0)),
	FIELD(find_coordinator_response, INT32, node_id, .before = 4),
	FIELD(find_coordinator_response, STRING, host, .before = 4),
	FIELD(find_coordinator_response, INT32, port, .before = 4),
	FIELD(find_coordinator_response, ARRAY, coordinators,
	    OF(find_coordinator_response_coordinator), .since = 4),
};
const struct schema find_coordinator_response_schema =
    SCHEMA(find_coordinator_response);

static const struct field describe_cluster_request_fields[] = {
	FIELD(describe_cluster_request, BOOL,
	    include_cluster_authorized_operations),
	FIELD(describe_cluster_request, INT8, endpoint_type, .since = 1,
	    .preset = 1),
};
const struct schema describe_cluster_request_schema =
    SCHEMA(describe_cluster_request);

static const struct field describe_cluster_response_broker_fields[] = {
	FIELD(describe_cluster_response_broker, INT32, broker_id),
	FIELD(describe_cluster_response_broker, STRING, host),
	FIELD(describe_cluster_response_broker, INT32, port),
	FIELD(describe_cluster_response_broker, STRING, rack, NULLABLE(0)),
};
const struct schema describe_cluster_response_broker_schema =
    SCHEMA(describe_cluster_response_broker);

static const struct field describe_cluster_response_fields[] = {
	FIELD(describe_cluster_response, INT32, throttle_time_ms),
	FIELD(describe_cluster_response, INT16, error_code),
	FIELD(describe_cluster_response, STRING, error_message, NULLABLE(0)),
	FIELD(describe_cluster_response, INT8, endpoint_type, .since = 1,
	    .preset = 1),
	FIELD(describe_cluster_response, STRING, cluster_id),
	FIELD(describe_cluster_response, INT32, controller_id, .preset = -1),
	FIELD(describe_cluster_response, ARRAY, brokers,
	    OF(describe_cluster_response_broker)),
	FIELD(describe_cluster_response, INT32, cluster_authorized_operations,
	    .preset = INT32_MIN),
};
const struct schema describe_cluster_response_schema =
    SCHEMA(describe_cluster_response);
