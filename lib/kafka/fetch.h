/* Reading: Fetch, ListOffsets, OffsetForLeaderEpoch.
 *
 * Fields as in the message schemas of Apache Kafka; fetch.c says which
 * version has which. */
#ifndef KAFKA_FETCH_H
#define KAFKA_FETCH_H

#include "kafka/schema.h"

struct fetch_request_replica_state {
	int32_t replica_id;
	int64_t replica_epoch;
};

struct fetch_request_partition {
	int32_t partition;
	int32_t current_leader_epoch;
	int64_t fetch_offset;
	int32_t last_fetched_epoch;
	int64_t log_start_offset;
	int32_t partition_max_bytes;
	unsigned char replica_directory_id[16];
};

struct fetch_request_topic {
	struct slice topic;
	unsigned char topic_id[16];
	struct list partitions; /* struct fetch_request_partition */
};

struct fetch_request_forgotten {
	struct slice topic;
	unsigned char topic_id[16];
	struct list partitions; /* int32_t */
};

struct fetch_request {
	struct slice cluster_id;
	int32_t replica_id;
	struct fetch_request_replica_state *replica_state;
	int32_t max_wait_ms;
	int32_t min_bytes;
	int32_t max_bytes;
	int8_t isolation_level;
	int32_t session_id;
	int32_t session_epoch;
	struct list topics; /* struct fetch_request_topic */
	struct list forgotten_topics_data; /* struct fetch_request_forgotten */
	struct slice rack_id;
};

struct fetch_response_diverging_epoch {
	int32_t epoch;
	int64_t end_offset;
};

struct fetch_response_current_leader {
	int32_t leader_id;
	int32_t leader_epoch;
};

struct fetch_response_snapshot_id {
	int64_t end_offset;
	int32_t epoch;
};

struct fetch_response_aborted {
	int64_t producer_id;
	int64_t first_offset;
};

struct fetch_response_partition {
	int32_t partition_index;
	int16_t error_code;
	int64_t high_watermark;
	int64_t last_stable_offset;
	int64_t log_start_offset;
	struct fetch_response_diverging_epoch *diverging_epoch;
	struct fetch_response_current_leader *current_leader;
	struct fetch_response_snapshot_id *snapshot_id;
	struct list aborted_transactions; /* struct fetch_response_aborted */
	int32_t preferred_read_replica;
	struct records records;
};

struct fetch_response_topic {
	struct slice topic;
	unsigned char topic_id[16];
	struct list partitions; /* struct fetch_response_partition */
};

struct fetch_response_endpoint {
	int32_t node_id;
	struct slice host;
	int32_t port;
	struct slice rack;
};

struct fetch_response {
	int32_t throttle_time_ms;
	int16_t error_code;
	int32_t session_id;
	struct list responses; /* struct fetch_response_topic */
	struct list node_endpoints; /* struct fetch_response_endpoint */
};

/* Instead of a time. */
enum {
	LIST_OFFSETS_LATEST = -1,
	LIST_OFFSETS_EARLIEST = -2,
	LIST_OFFSETS_MAX_TIMESTAMP = -3,
};

struct list_offsets_request_partition {
	int32_t partition_index;
	int32_t current_leader_epoch;
	int64_t timestamp;
	int32_t max_num_offsets;
};

struct list_offsets_request_topic {
	struct slice name;
	struct list partitions; /* struct list_offsets_request_partition */
};

struct list_offsets_request {
	int32_t replica_id;
	int8_t isolation_level;
	struct list topics; /* struct list_offsets_request_topic */
};

struct list_offsets_response_partition {
	int32_t partition_index;
	int16_t error_code;
	struct list old_style_offsets; /* int64_t */
	int64_t timestamp;
	int64_t offset;
	int32_t leader_epoch;
};

struct list_offsets_response_topic {
	struct slice name;
	struct list partitions; /* struct list_offsets_response_partition */
};

struct list_offsets_response {
	int32_t throttle_time_ms;
	struct list topics; /* struct list_offsets_response_topic */
};

struct leader_epoch_request_partition {
	int32_t partition;
	int32_t current_leader_epoch;
	int32_t leader_epoch;
};

struct leader_epoch_request_topic {
	struct slice topic;
	struct list partitions; /* struct leader_epoch_request_partition */
};

struct leader_epoch_request {
	int32_t replica_id;
	struct list topics; /* struct leader_epoch_request_topic */
};

struct leader_epoch_response_partition {
	int16_t error_code;
	int32_t partition;
	int32_t leader_epoch;
	int64_t end_offset;
};

struct leader_epoch_response_topic {
	struct slice topic;
	struct list partitions; /* struct leader_epoch_response_partition */
};

struct leader_epoch_response {
	int32_t throttle_time_ms;
	struct list topics; /* struct leader_epoch_response_topic */
};

extern const struct schema fetch_request_replica_state_schema;
extern const struct schema fetch_request_partition_schema;
extern const struct schema fetch_request_topic_schema;
extern const struct schema fetch_request_forgotten_schema;
extern const struct schema fetch_request_schema;
extern const struct schema fetch_response_diverging_epoch_schema;
extern const struct schema fetch_response_current_leader_schema;
extern const struct schema fetch_response_snapshot_id_schema;
extern const struct schema fetch_response_aborted_schema;
extern const struct schema fetch_response_partition_schema;
extern const struct schema fetch_response_topic_schema;
extern const struct schema fetch_response_endpoint_schema;
extern const struct schema fetch_response_schema;
extern const struct schema list_offsets_request_partition_schema;
extern const struct schema list_offsets_request_topic_schema;
extern const struct schema list_offsets_request_schema;
extern const struct schema list_offsets_response_partition_schema;
extern const struct schema list_offsets_response_topic_schema;
extern const struct schema list_offsets_response_schema;
extern const struct schema leader_epoch_request_partition_schema;
extern const struct schema leader_epoch_request_topic_schema;
extern const struct schema leader_epoch_request_schema;
extern const struct schema leader_epoch_response_partition_schema;
extern const struct schema leader_epoch_response_topic_schema;
extern const struct schema leader_epoch_response_schema;

#endif
