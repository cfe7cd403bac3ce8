/* Offsets of share groups: DescribeShareGroupOffsets, AlterShareGroupOffsets,
 * DeleteShareGroupOffsets.
 *
 * Fields as in the message schemas of Apache Kafka; share_offsets.c says which
 * version has which. */
#ifndef KAFKA_SHARE_OFFSETS_H
#define KAFKA_SHARE_OFFSETS_H

#include "kafka/group_tags.h"

struct describe_share_offsets_request_topic {
	struct slice topic_name;
	struct list partitions; /* int32_t */
};

struct describe_share_offsets_request_group {
	struct slice group_id;
	struct list topics; /* struct describe_share_offsets_request_topic */
};

struct describe_share_offsets_request {
	struct list groups; /* struct describe_share_offsets_request_group */
	bool asks_counts;   /* tag: see group_tags.h */
};

struct describe_share_offsets_response_partition {
	int32_t partition_index;
	int64_t start_offset;
	int32_t leader_epoch;
	int64_t lag;
	int16_t error_code;
	struct slice error_message;
	struct group_counts *counts; /* tag */
};

struct describe_share_offsets_response_topic {
	struct slice topic_name;
	unsigned char topic_id[16];
	/* struct describe_share_offsets_response_partition */
	struct list partitions;
};

struct describe_share_offsets_response_group {
	struct slice group_id;
	struct list topics; /* struct describe_share_offsets_response_topic */
	int16_t error_code;
	struct slice error_message;
};

struct describe_share_offsets_response {
	int32_t throttle_time_ms;
	struct list groups; /* struct describe_share_offsets_response_group */
};

struct alter_share_offsets_request_partition {
	int32_t partition_index;
	int64_t start_offset;
};

struct alter_share_offsets_request_topic {
	struct slice topic_name;
	/* struct alter_share_offsets_request_partition */
	struct list partitions;
};

struct alter_share_offsets_request {
	struct slice group_id;
	struct list topics; /* struct alter_share_offsets_request_topic */
};

struct alter_share_offsets_response_partition {
	int32_t partition_index;
	int16_t error_code;
	struct slice error_message;
};

struct alter_share_offsets_response_topic {
	struct slice topic_name;
	unsigned char topic_id[16];
	/* struct alter_share_offsets_response_partition */
	struct list partitions;
};

struct alter_share_offsets_response {
	int32_t throttle_time_ms;
	int16_t error_code;
	struct slice error_message;
	struct list responses; /* struct alter_share_offsets_response_topic */
};

struct delete_share_offsets_request_topic {
	struct slice topic_name;
};

struct delete_share_offsets_request {
	struct slice group_id;
	struct list topics; /* struct delete_share_offsets_request_topic */
};

struct delete_share_offsets_response_topic {
	struct slice topic_name;
	unsigned char topic_id[16];
	int16_t error_code;
	struct slice error_message;
};

struct delete_share_offsets_response {
	int32_t throttle_time_ms;
	int16_t error_code;
	struct slice error_message;
	struct list responses; /* struct delete_share_offsets_response_topic */
};

extern const struct schema describe_share_offsets_request_topic_schema;
extern const struct schema describe_share_offsets_request_group_schema;
extern const struct schema describe_share_offsets_request_schema;
extern const struct schema describe_share_offsets_response_partition_schema;
extern const struct schema describe_share_offsets_response_topic_schema;
extern const struct schema describe_share_offsets_response_group_schema;
extern const struct schema describe_share_offsets_response_schema;
extern const struct schema alter_share_offsets_request_partition_schema;
extern const struct schema alter_share_offsets_request_topic_schema;
extern const struct schema alter_share_offsets_request_schema;
extern const struct schema alter_share_offsets_response_partition_schema;
extern const struct schema alter_share_offsets_response_topic_schema;
extern const struct schema alter_share_offsets_response_schema;
extern const struct schema delete_share_offsets_request_topic_schema;
extern const struct schema delete_share_offsets_request_schema;
extern const struct schema delete_share_offsets_response_topic_schema;
extern const struct schema delete_share_offsets_response_schema;

#endif
