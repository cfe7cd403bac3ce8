/* Share groups (KIP-932): ShareGroupHeartbeat, ShareGroupDescribe, ShareFetch,
 * ShareAcknowledge.
 *
 * Fields as in the message schemas of Apache Kafka; share.c says which
 * version has which. Those marked "tag" are ours: see share_tags.h. */
#ifndef KAFKA_SHARE_H
#define KAFKA_SHARE_H

#include "kafka/share_tags.h"

struct share_heartbeat_request {
	struct slice group_id;
	struct slice member_id;
	int32_t member_epoch;
	struct slice rack_id;
	struct list subscribed_topic_names; /* struct slice */
	bool asks_tags; /* tag: do you understand them? */
};

struct share_heartbeat_response_assigned {
	unsigned char topic_id[16];
	struct list partitions; /* int32_t */
};

struct share_heartbeat_response_assignment {
	/* struct share_heartbeat_response_assigned */
	struct list topic_partitions;
};

struct share_heartbeat_response {
	int32_t throttle_time_ms;
	int16_t error_code;
	struct slice error_message;
	struct slice member_id;
	int32_t member_epoch;
	int32_t heartbeat_interval_ms;
	struct share_heartbeat_response_assignment *assignment;
	int8_t tags; /* tag: SHARE_TAGS_SPOKEN, to those who ask */
};

struct share_describe_request {
	struct list group_ids; /* struct slice */
	bool include_authorized_operations;
};

struct share_describe_response_assigned {
	unsigned char topic_id[16];
	struct slice topic_name;
	struct list partitions; /* int32_t */
};

struct share_describe_response_assignment {
	/* struct share_describe_response_assigned */
	struct list topic_partitions;
};

struct share_describe_response_member {
	struct slice member_id;
	struct slice rack_id;
	int32_t member_epoch;
	struct slice client_id;
	struct slice client_host;
	struct list subscribed_topic_names; /* struct slice */
	struct share_describe_response_assignment assignment;
};

struct share_describe_response_group {
	int16_t error_code;
	struct slice error_message;
	struct slice group_id;
	struct slice group_state;
	int32_t group_epoch;
	int32_t assignment_epoch;
	struct slice assignor_name;
	struct list members; /* struct share_describe_response_member */
	int32_t authorized_operations;
};

struct share_describe_response {
	int32_t throttle_time_ms;
	struct list groups; /* struct share_describe_response_group */
};

/* What is said of a message (KIP-932). */
enum { SHARE_GAP, SHARE_ACCEPT, SHARE_RELEASE, SHARE_REJECT, SHARE_RENEW };

struct share_fetch_request_acknowledgement {
	int64_t first_offset;
	int64_t last_offset;
	struct list acknowledge_types; /* int8_t */
	struct share_details *details; /* tag */
};

struct share_fetch_request_partition {
	int32_t partition_index;
	int32_t partition_max_bytes;
	/* struct share_fetch_request_acknowledgement */
	struct list acknowledgement_batches;
};

struct share_fetch_request_topic {
	unsigned char topic_id[16];
	struct list partitions; /* struct share_fetch_request_partition */
};

struct share_fetch_request_forgotten {
	unsigned char topic_id[16];
	struct list partitions; /* int32_t */
};

struct share_fetch_request {
	struct slice group_id;
	struct slice member_id;
	int32_t share_session_epoch;
	int32_t max_wait_ms;
	int32_t min_bytes;
	int32_t max_bytes;
	int32_t max_records;
	int32_t batch_size;
	int8_t share_acquire_mode;
	bool is_renew_ack;
	struct list topics; /* struct share_fetch_request_topic */
	/* struct share_fetch_request_forgotten */
	struct list forgotten_topics_data;
	struct share_terms *terms; /* tag */
};

struct share_fetch_response_current_leader {
	int32_t leader_id;
	int32_t leader_epoch;
};

struct share_fetch_response_acquired {
	int64_t first_offset;
	int64_t last_offset;
	int16_t delivery_count;
	int64_t token; /* tag: of the lease, in a session with terms */
};

struct share_fetch_response_partition {
	int32_t partition_index;
	int16_t error_code;
	struct slice error_message;
	int16_t acknowledge_error_code;
	struct slice acknowledge_error_message;
	struct share_fetch_response_current_leader current_leader;
	struct records records;
	struct list acquired_records; /* struct share_fetch_response_acquired */
};

struct share_fetch_response_topic {
	unsigned char topic_id[16];
	struct list partitions; /* struct share_fetch_response_partition */
	struct share_limits *limits; /* tag */
};

struct share_fetch_response_endpoint {
	int32_t node_id;
	struct slice host;
	int32_t port;
	struct slice rack;
};

struct share_fetch_response {
	int32_t throttle_time_ms;
	int16_t error_code;
	struct slice error_message;
	int32_t acquisition_lock_timeout_ms;
	struct list responses; /* struct share_fetch_response_topic */
	struct list node_endpoints; /* struct share_fetch_response_endpoint */
};

/* As share_fetch_request_acknowledgement. */
struct share_acknowledge_request_acknowledgement {
	int64_t first_offset;
	int64_t last_offset;
	struct list acknowledge_types; /* int8_t */
	struct share_details *details; /* tag */
};

struct share_acknowledge_request_partition {
	int32_t partition_index;
	/* struct share_acknowledge_request_acknowledgement */
	struct list acknowledgement_batches;
};

struct share_acknowledge_request_topic {
	unsigned char topic_id[16];
	struct list partitions; /* struct share_acknowledge_request_partition */
};

struct share_acknowledge_request {
	struct slice group_id;
	struct slice member_id;
	int32_t share_session_epoch;
	bool is_renew_ack;
	struct list topics; /* struct share_acknowledge_request_topic */
};

struct share_acknowledge_response_current_leader {
	int32_t leader_id;
	int32_t leader_epoch;
};

struct share_acknowledge_response_partition {
	int32_t partition_index;
	int16_t error_code;
	struct slice error_message;
	struct share_acknowledge_response_current_leader current_leader;
	struct list lost; /* tag: int32_t, which of those with details */
};

struct share_acknowledge_response_topic {
	unsigned char topic_id[16];
	/* struct share_acknowledge_response_partition */
	struct list partitions;
};

struct share_acknowledge_response_endpoint {
	int32_t node_id;
	struct slice host;
	int32_t port;
	struct slice rack;
};

struct share_acknowledge_response {
	int32_t throttle_time_ms;
	int16_t error_code;
	struct slice error_message;
	int32_t acquisition_lock_timeout_ms;
	struct list responses; /* struct share_acknowledge_response_topic */
	/* struct share_acknowledge_response_endpoint */
	struct list node_endpoints;
};

extern const struct schema share_heartbeat_request_schema;
extern const struct schema share_heartbeat_response_assigned_schema;
extern const struct schema share_heartbeat_response_assignment_schema;
extern const struct schema share_heartbeat_response_schema;
extern const struct schema share_describe_request_schema;
extern const struct schema share_describe_response_assigned_schema;
extern const struct schema share_describe_response_assignment_schema;
extern const struct schema share_describe_response_member_schema;
extern const struct schema share_describe_response_group_schema;
extern const struct schema share_describe_response_schema;
extern const struct schema share_fetch_request_acknowledgement_schema;
extern const struct schema share_fetch_request_partition_schema;
extern const struct schema share_fetch_request_topic_schema;
extern const struct schema share_fetch_request_forgotten_schema;
extern const struct schema share_fetch_request_schema;
extern const struct schema share_fetch_response_current_leader_schema;
extern const struct schema share_fetch_response_acquired_schema;
extern const struct schema share_fetch_response_partition_schema;
extern const struct schema share_fetch_response_topic_schema;
extern const struct schema share_fetch_response_endpoint_schema;
extern const struct schema share_fetch_response_schema;
extern const struct schema share_acknowledge_request_acknowledgement_schema;
extern const struct schema share_acknowledge_request_partition_schema;
extern const struct schema share_acknowledge_request_topic_schema;
extern const struct schema share_acknowledge_request_schema;
extern const struct schema share_acknowledge_response_current_leader_schema;
extern const struct schema share_acknowledge_response_partition_schema;
extern const struct schema share_acknowledge_response_topic_schema;
extern const struct schema share_acknowledge_response_endpoint_schema;
extern const struct schema share_acknowledge_response_schema;

#endif
