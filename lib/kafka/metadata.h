/* Who is there: ApiVersions, Metadata, FindCoordinator, DescribeCluster.
 *
 * Fields as in the message schemas of Apache Kafka; metadata.c says which
 * version has which. */
#ifndef KAFKA_METADATA_H
#define KAFKA_METADATA_H

#include "kafka/schema.h"

struct api_versions_request {
	struct slice client_software_name;
	struct slice client_software_version;
};

struct api_versions_response_api_key {
	int16_t api_key;
	int16_t min_version;
	int16_t max_version;
};

struct api_versions_response_supported_feature {
	struct slice name;
	int16_t min_version;
	int16_t max_version;
};

struct api_versions_response_finalized_feature {
	struct slice name;
	int16_t max_version_level;
	int16_t min_version_level;
};

struct api_versions_response {
	int16_t error_code;
	struct list api_keys; /* struct api_versions_response_api_key */
	int32_t throttle_time_ms;
	/* struct api_versions_response_supported_feature */
	struct list supported_features;
	int64_t finalized_features_epoch;
	/* struct api_versions_response_finalized_feature */
	struct list finalized_features;
	bool zk_migration_ready;
};

struct metadata_request_topic {
	unsigned char topic_id[16];
	struct slice name;
};

struct metadata_request {
	struct list topics; /* struct metadata_request_topic */
	bool allow_auto_topic_creation;
	bool include_cluster_authorized_operations;
	bool include_topic_authorized_operations;
};

struct metadata_response_broker {
	int32_t node_id;
	struct slice host;
	int32_t port;
	struct slice rack;
};

struct metadata_response_partition {
	int16_t error_code;
	int32_t partition_index;
	int32_t leader_id;
	int32_t leader_epoch;
	struct list replica_nodes; /* int32_t */
	struct list isr_nodes; /* int32_t */
	struct list offline_replicas; /* int32_t */
};

struct metadata_response_topic {
	int16_t error_code;
	struct slice name;
	unsigned char topic_id[16];
	bool is_internal;
	struct list partitions; /* struct metadata_response_partition */
	int32_t topic_authorized_operations;
};

struct metadata_response {
	int32_t throttle_time_ms;
	struct list brokers; /* struct metadata_response_broker */
	struct slice cluster_id;
	int32_t controller_id;
	struct list topics; /* struct metadata_response_topic */
	int32_t cluster_authorized_operations;
};

struct find_coordinator_request {
	struct slice key;
	int8_t key_type;
	struct list coordinator_keys; /* struct slice */
};

struct find_coordinator_response_coordinator {
	struct slice key;
	int32_t node_id;
	struct slice host;
	int32_t port;
	int16_t error_code;
	struct slice error_message;
};

struct find_coordinator_response {
	int32_t throttle_time_ms;
	int16_t error_code;
	struct slice error_message;
	int32_t node_id;
	struct slice host;
	int32_t port;
	/* struct find_coordinator_response_coordinator */
	struct list coordinators;
};

struct describe_cluster_request {
	bool include_cluster_authorized_operations;
	int8_t endpoint_type;
};

struct describe_cluster_response_broker {
	int32_t broker_id;
	struct slice host;
	int32_t port;
	struct slice rack;
};

struct describe_cluster_response {
	int32_t throttle_time_ms;
	int16_t error_code;
	struct slice error_message;
	int8_t endpoint_type;
	struct slice cluster_id;
	int32_t controller_id;
	struct list brokers; /* struct describe_cluster_response_broker */
	int32_t cluster_authorized_operations;
};

extern const struct schema api_versions_request_schema;
extern const struct schema api_versions_response_api_key_schema;
extern const struct schema api_versions_response_supported_feature_schema;
extern const struct schema api_versions_response_finalized_feature_schema;
extern const struct schema api_versions_response_schema;
extern const struct schema metadata_request_topic_schema;
extern const struct schema metadata_request_schema;
extern const struct schema metadata_response_broker_schema;
extern const struct schema metadata_response_partition_schema;
extern const struct schema metadata_response_topic_schema;
extern const struct schema metadata_response_schema;
extern const struct schema find_coordinator_request_schema;
extern const struct schema find_coordinator_response_coordinator_schema;
extern const struct schema find_coordinator_response_schema;
extern const struct schema describe_cluster_request_schema;
extern const struct schema describe_cluster_response_broker_schema;
extern const struct schema describe_cluster_response_schema;

#endif
