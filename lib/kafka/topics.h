/* Looking after topics: CreateTopics, DeleteTopics, CreatePartitions,
 * DeleteRecords.
 *
 * Fields as in the message schemas of Apache Kafka; topics.c says which
 * version has which. */
#ifndef KAFKA_TOPICS_H
#define KAFKA_TOPICS_H

#include "kafka/schema.h"

struct create_topics_request_assignment {
	int32_t partition_index;
	struct list broker_ids; /* int32_t */
};

struct create_topics_request_config {
	struct slice name;
	struct slice value;
};

struct create_topics_request_topic {
	struct slice name;
	int32_t num_partitions;
	int16_t replication_factor;
	struct list assignments; /* struct create_topics_request_assignment */
	struct list configs; /* struct create_topics_request_config */
};

struct create_topics_request {
	struct list topics; /* struct create_topics_request_topic */
	int32_t timeout_ms;
	bool validate_only;
};

struct create_topics_response_config {
	struct slice name;
	struct slice value;
	bool read_only;
	int8_t config_source;
	bool is_sensitive;
};

struct create_topics_response_topic {
	struct slice name;
	unsigned char topic_id[16];
	int16_t error_code;
	struct slice error_message;
	int16_t topic_config_error_code;
	int32_t num_partitions;
	int16_t replication_factor;
	struct list configs; /* struct create_topics_response_config */
};

struct create_topics_response {
	int32_t throttle_time_ms;
	struct list topics; /* struct create_topics_response_topic */
};

struct delete_topics_request_topic {
	struct slice name;
	unsigned char topic_id[16];
};

struct delete_topics_request {
	struct list topics; /* struct delete_topics_request_topic */
	struct list topic_names; /* struct slice */
	int32_t timeout_ms;
};

struct delete_topics_response_topic {
	struct slice name;
	unsigned char topic_id[16];
	int16_t error_code;
	struct slice error_message;
};

struct delete_topics_response {
	int32_t throttle_time_ms;
	struct list responses; /* struct delete_topics_response_topic */
};

struct create_partitions_request_assignment {
	struct list broker_ids; /* int32_t */
};

struct create_partitions_request_topic {
	struct slice name;
	int32_t count;
	/* struct create_partitions_request_assignment */
	struct list assignments;
};

struct create_partitions_request {
	struct list topics; /* struct create_partitions_request_topic */
	int32_t timeout_ms;
	bool validate_only;
};

struct create_partitions_response_result {
	struct slice name;
	int16_t error_code;
	struct slice error_message;
};

struct create_partitions_response {
	int32_t throttle_time_ms;
	struct list results; /* struct create_partitions_response_result */
};

struct delete_records_request_partition {
	int32_t partition_index;
	int64_t offset;
};

struct delete_records_request_topic {
	struct slice name;
	struct list partitions; /* struct delete_records_request_partition */
};

struct delete_records_request {
	struct list topics; /* struct delete_records_request_topic */
	int32_t timeout_ms;
};

struct delete_records_response_partition {
	int32_t partition_index;
	int64_t low_watermark;
	int16_t error_code;
};

struct delete_records_response_topic {
	struct slice name;
	struct list partitions; /* struct delete_records_response_partition */
};

struct delete_records_response {
	int32_t throttle_time_ms;
	struct list topics; /* struct delete_records_response_topic */
};

extern const struct schema create_topics_request_assignment_schema;
extern const struct schema create_topics_request_config_schema;
extern const struct schema create_topics_request_topic_schema;
extern const struct schema create_topics_request_schema;
extern const struct schema create_topics_response_config_schema;
extern const struct schema create_topics_response_topic_schema;
extern const struct schema create_topics_response_schema;
extern const struct schema delete_topics_request_topic_schema;
extern const struct schema delete_topics_request_schema;
extern const struct schema delete_topics_response_topic_schema;
extern const struct schema delete_topics_response_schema;
extern const struct schema create_partitions_request_assignment_schema;
extern const struct schema create_partitions_request_topic_schema;
extern const struct schema create_partitions_request_schema;
extern const struct schema create_partitions_response_result_schema;
extern const struct schema create_partitions_response_schema;
extern const struct schema delete_records_request_partition_schema;
extern const struct schema delete_records_request_topic_schema;
extern const struct schema delete_records_request_schema;
extern const struct schema delete_records_response_partition_schema;
extern const struct schema delete_records_response_topic_schema;
extern const struct schema delete_records_response_schema;

#endif
