/* Producing: Produce, InitProducerId.
 *
 * Fields as in the message schemas of Apache Kafka; produce.c says which
 * version has which. */
#ifndef KAFKA_PRODUCE_H
#define KAFKA_PRODUCE_H

#include "kafka/schema.h"

struct produce_request_partition {
	int32_t index;
	struct records records;
};

struct produce_request_topic {
	struct slice name;
	struct list partition_data; /* struct produce_request_partition */
};

struct produce_request {
	struct slice transactional_id;
	int16_t acks;
	int32_t timeout_ms;
	struct list topic_data; /* struct produce_request_topic */
};

struct produce_response_record_error {
	int32_t batch_index;
	struct slice batch_index_error_message;
};

struct produce_response_current_leader {
	int32_t leader_id;
	int32_t leader_epoch;
};

struct produce_response_partition {
	int32_t index;
	int16_t error_code;
	int64_t base_offset;
	int64_t log_append_time_ms;
	int64_t log_start_offset;
	struct list record_errors; /* struct produce_response_record_error */
	struct slice error_message;
	struct produce_response_current_leader *current_leader;
};

struct produce_response_topic {
	struct slice name;
	struct list partition_responses; /* struct produce_response_partition */
};

struct produce_response_endpoint {
	int32_t node_id;
	struct slice host;
	int32_t port;
	struct slice rack;
};

struct produce_response {
	struct list responses; /* struct produce_response_topic */
	int32_t throttle_time_ms;
	struct list node_endpoints; /* struct produce_response_endpoint */
};

struct init_producer_id_request {
	struct slice transactional_id;
	int32_t transaction_timeout_ms;
	int64_t producer_id;
	int16_t producer_epoch;
};

struct init_producer_id_response {
	int32_t throttle_time_ms;
	int16_t error_code;
	int64_t producer_id;
	int16_t producer_epoch;
};

extern const struct schema produce_request_partition_schema;
extern const struct schema produce_request_topic_schema;
extern const struct schema produce_request_schema;
extern const struct schema produce_response_record_error_schema;
extern const struct schema produce_response_current_leader_schema;
extern const struct schema produce_response_partition_schema;
extern const struct schema produce_response_topic_schema;
extern const struct schema produce_response_endpoint_schema;
extern const struct schema produce_response_schema;
extern const struct schema init_producer_id_request_schema;
extern const struct schema init_producer_id_response_schema;

#endif
