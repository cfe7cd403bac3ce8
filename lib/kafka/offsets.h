/* Committed offsets: OffsetCommit, OffsetFetch, OffsetDelete.
 *
 * Fields as in the message schemas of Apache Kafka; offsets.c says which
 * version has which. Those marked "tag" are ours: see group_tags.h. */
#ifndef KAFKA_OFFSETS_H
#define KAFKA_OFFSETS_H

#include "kafka/group_tags.h"

struct offset_commit_request_partition {
	int32_t partition_index;
	int64_t committed_offset;
	int32_t committed_leader_epoch;
	int64_t commit_timestamp;
	struct slice committed_metadata;
	int64_t dead; /* tag: letters made since the last commit */
};

struct offset_commit_request_topic {
	struct slice name;
	struct list partitions; /* struct offset_commit_request_partition */
};

struct offset_commit_request {
	struct slice group_id;
	int32_t generation_id_or_member_epoch;
	struct slice member_id;
	struct slice group_instance_id;
	int64_t retention_time_ms;
	struct list topics; /* struct offset_commit_request_topic */
};

struct offset_commit_response_partition {
	int32_t partition_index;
	int16_t error_code;
};

struct offset_commit_response_topic {
	struct slice name;
	struct list partitions; /* struct offset_commit_response_partition */
};

struct offset_commit_response {
	int32_t throttle_time_ms;
	struct list topics; /* struct offset_commit_response_topic */
};

struct offset_fetch_request_topic {
	struct slice name;
	struct list partition_indexes; /* int32_t */
};

struct offset_fetch_request_group {
	struct slice group_id;
	struct slice member_id;
	int32_t member_epoch;
	struct list topics; /* struct offset_fetch_request_topic */
};

struct offset_fetch_request {
	struct slice group_id;
	struct list topics; /* struct offset_fetch_request_topic */
	struct list groups; /* struct offset_fetch_request_group */
	bool require_stable;
	bool asks_counts; /* tag */
};

struct offset_fetch_response_partition {
	int32_t partition_index;
	int64_t committed_offset;
	int32_t committed_leader_epoch;
	struct slice metadata;
	int16_t error_code;
	struct group_counts *counts; /* tag */
};

struct offset_fetch_response_topic {
	struct slice name;
	struct list partitions; /* struct offset_fetch_response_partition */
};

struct offset_fetch_response_group {
	struct slice group_id;
	struct list topics; /* struct offset_fetch_response_topic */
	int16_t error_code;
};

struct offset_fetch_response {
	int32_t throttle_time_ms;
	struct list topics; /* struct offset_fetch_response_topic */
	int16_t error_code;
	struct list groups; /* struct offset_fetch_response_group */
};

struct offset_delete_request_partition {
	int32_t partition_index;
};

struct offset_delete_request_topic {
	struct slice name;
	struct list partitions; /* struct offset_delete_request_partition */
};

struct offset_delete_request {
	struct slice group_id;
	struct list topics; /* struct offset_delete_request_topic */
};

struct offset_delete_response_partition {
	int32_t partition_index;
	int16_t error_code;
};

struct offset_delete_response_topic {
	struct slice name;
	struct list partitions; /* struct offset_delete_response_partition */
};

struct offset_delete_response {
	int16_t error_code;
	int32_t throttle_time_ms;
	struct list topics; /* struct offset_delete_response_topic */
};

extern const struct schema offset_commit_request_partition_schema;
extern const struct schema offset_commit_request_topic_schema;
extern const struct schema offset_commit_request_schema;
extern const struct schema offset_commit_response_partition_schema;
extern const struct schema offset_commit_response_topic_schema;
extern const struct schema offset_commit_response_schema;
extern const struct schema offset_fetch_request_topic_schema;
extern const struct schema offset_fetch_request_group_schema;
extern const struct schema offset_fetch_request_schema;
extern const struct schema offset_fetch_response_partition_schema;
extern const struct schema offset_fetch_response_topic_schema;
extern const struct schema offset_fetch_response_group_schema;
extern const struct schema offset_fetch_response_schema;
extern const struct schema offset_delete_request_partition_schema;
extern const struct schema offset_delete_request_topic_schema;
extern const struct schema offset_delete_request_schema;
extern const struct schema offset_delete_response_partition_schema;
extern const struct schema offset_delete_response_topic_schema;
extern const struct schema offset_delete_response_schema;

#endif
