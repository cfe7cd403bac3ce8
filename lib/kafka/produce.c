/* The fields of Produce, InitProducerId, by version. */
#include "kafka/produce.h"

static const struct field produce_request_partition_fields[] = {
	FIELD(produce_request_partition, INT32, index),
	FIELD(produce_request_partition, RECORDS, records, NULLABLE(0)),
};
const struct schema produce_request_partition_schema =
    SCHEMA(produce_request_partition);

static const struct field produce_request_topic_fields[] = {
	FIELD(produce_request_topic, STRING, name),
	FIELD(produce_request_topic, ARRAY, partition_data,
	    OF(produce_request_partition)),
};
const struct schema produce_request_topic_schema =
    SCHEMA(produce_request_topic);

static const struct field produce_request_fields[] = {
	FIELD(produce_request, STRING, transactional_id, .since = 3,
	    NULLABLE(0)),
	FIELD(produce_request, INT16, acks),
	FIELD(produce_request, INT32, timeout_ms),
	FIELD(produce_request, ARRAY, topic_data, OF(produce_request_topic)),
};
const struct schema produce_request_schema = SCHEMA(produce_request);

static const struct field produce_response_record_error_fields[] = {
	FIELD(produce_response_record_error, INT32, batch_index),
	FIELD(produce_response_record_error, STRING, batch_index_error_message,
	    NULLABLE(0)),
};
const struct schema produce_response_record_error_schema =
    SCHEMA(produce_response_record_error);

static const struct field produce_response_current_leader_fields[] = {
	FIELD(produce_response_current_leader, INT32, leader_id, .preset = -1),
	FIELD(produce_response_current_leader, INT32, leader_epoch,
	    .preset = -1),
};
const struct schema produce_response_current_leader_schema =
    SCHEMA(produce_response_current_leader);

static const struct field produce_response_partition_fields[] = {
	FIELD(produce_response_partition, INT32, index),
	FIELD(produce_response_partition, INT16, error_code),
	FIELD(produce_response_partition, INT64, base_offset),
	FIELD(produce_response_partition, INT64, log_append_time_ms,
	    .since = 2, .preset = -1),
	FIELD(produce_response_partition, INT64, log_start_offset, .since = 5,
	    .preset = -1),
	FIELD(produce_response_partition, ARRAY, record_errors,
	    OF(produce_response_record_error), .since = 8),
	FIELD(produce_response_partition, STRING, error_message, .since = 8,
	    NULLABLE(0)),
	FIELD(produce_response_partition, POINTER, current_leader,
	    OF(produce_response_current_leader), .since = 10, TAGGED(0)),
};
const struct schema produce_response_partition_schema =
    SCHEMA(produce_response_partition);

static const struct field produce_response_topic_fields[] = {
	FIELD(produce_response_topic, STRING, name),
	FIELD(produce_response_topic, ARRAY, partition_responses,
	    OF(produce_response_partition)),
};
const struct schema produce_response_topic_schema =
    SCHEMA(produce_response_topic);

static const struct field produce_response_endpoint_fields[] = {
	FIELD(produce_response_endpoint, INT32, node_id),
	FIELD(produce_response_endpoint, STRING, host),
	FIELD(produce_response_endpoint, INT32, port),
	FIELD(produce_response_endpoint, STRING, rack, NULLABLE(0)),
};
const struct schema produce_response_endpoint_schema =
    SCHEMA(produce_response_endpoint);

static const struct field produce_response_fields[] = {
	FIELD(produce_response, ARRAY, responses, OF(produce_response_topic)),
	FIELD(produce_response, INT32, throttle_time_ms, .since = 1),
	FIELD(produce_response, ARRAY, node_endpoints,
	    OF(produce_response_endpoint), .since = 10, TAGGED(0)),
};
const struct schema produce_response_schema = SCHEMA(produce_response);

static const struct field init_producer_id_request_fields[] = {
	FIELD(init_producer_id_request, STRING, transactional_id, NULLABLE(0)),
	FIELD(init_producer_id_request, INT32, transaction_timeout_ms),
	FIELD(init_producer_id_request, INT64, producer_id, .since = 3,
	    .preset = -1),
	FIELD(init_producer_id_request, INT16, producer_epoch, .since = 3,
	    .preset = -1),
};
const struct schema init_producer_id_request_schema =
    SCHEMA(init_producer_id_request);

static const struct field init_producer_id_response_fields[] = {
	FIELD(init_producer_id_response, INT32, throttle_time_ms),
	FIELD(init_producer_id_response, INT16, error_code),
	FIELD(init_producer_id_response, INT64, producer_id, .preset = -1),
	FIELD(init_producer_id_response, INT16, producer_epoch),
};
const struct schema init_producer_id_response_schema =
    SCHEMA(init_producer_id_response);
