/* The fields of looking after topics, by version. */
#include "kafka/topics.h"

static const struct field create_topics_request_assignment_fields[] = {
	FIELD(create_topics_request_assignment, INT32, partition_index),
	FIELD(create_topics_request_assignment, ARRAY, broker_ids, OF_INT32),
};
const struct schema create_topics_request_assignment_schema =
    SCHEMA(create_topics_request_assignment);

static const struct field create_topics_request_config_fields[] = {
	FIELD(create_topics_request_config, STRING, name),
	FIELD(create_topics_request_config, STRING, value, NULLABLE(0)),
};
const struct schema create_topics_request_config_schema =
    SCHEMA(create_topics_request_config);

static const struct field create_topics_request_topic_fields[] = {
	FIELD(create_topics_request_topic, STRING, name),
	FIELD(create_topics_request_topic, INT32, num_partitions),
	FIELD(create_topics_request_topic, INT16, replication_factor),
	FIELD(create_topics_request_topic, ARRAY, assignments,
	    OF(create_topics_request_assignment)),
	FIELD(create_topics_request_topic, ARRAY, configs,
	    OF(create_topics_request_config)),
};
const struct schema create_topics_request_topic_schema =
    SCHEMA(create_topics_request_topic);

static const struct field create_topics_request_fields[] = {
	FIELD(create_topics_request, ARRAY, topics,
	    OF(create_topics_request_topic)),
	FIELD(create_topics_request, INT32, timeout_ms, .preset = 60000),
	FIELD(create_topics_request, BOOL, validate_only, .since = 1),
};
const struct schema create_topics_request_schema =
    SCHEMA(create_topics_request);

static const struct field create_topics_response_config_fields[] = {
	FIELD(create_topics_response_config, STRING, name),
	FIELD(create_topics_response_config, STRING, value, NULLABLE(0)),
	FIELD(create_topics_response_config, BOOL, read_only),
	FIELD(create_topics_response_config, INT8, config_source, .preset = -1),
	FIELD(create_topics_response_config, BOOL, is_sensitive),
};
const struct schema create_topics_response_config_schema =
    SCHEMA(create_topics_response_config);

static const struct field create_topics_response_topic_fields[] = {
	FIELD(create_topics_response_topic, STRING, name),
	FIELD(create_topics_response_topic, UUID, topic_id, .since = 7),
	FIELD(create_topics_response_topic, INT16, error_code),
	FIELD(create_topics_response_topic, STRING, error_message, .since = 1,
	    NULLABLE(0)),
	FIELD(create_topics_response_topic, INT16, topic_config_error_code,
	    .since = 5, TAGGED(0)),
	FIELD(create_topics_response_topic, INT32, num_partitions, .since = 5,
	    .preset = -1),
	FIELD(create_topics_response_topic, INT16, replication_factor,
	    .since = 5, .preset = -1),
	FIELD(create_topics_response_topic, ARRAY, configs,
	    OF(create_topics_response_config), .since = 5, NULLABLE(0)),
};
const struct schema create_topics_response_topic_schema =
    SCHEMA(create_topics_response_topic);

static const struct field create_topics_response_fields[] = {
	FIELD(create_topics_response, INT32, throttle_time_ms, .since = 2),
	FIELD(create_topics_response, ARRAY, topics,
	    OF(create_topics_response_topic)),
};
const struct schema create_topics_response_schema =
    SCHEMA(create_topics_response);

static const struct field delete_topics_request_topic_fields[] = {
	FIELD(delete_topics_request_topic, STRING, name, NULLABLE(0)),
	FIELD(delete_topics_request_topic, UUID, topic_id),
};
const struct schema delete_topics_request_topic_schema =
    SCHEMA(delete_topics_request_topic);

static const struct field delete_topics_request_fields[] = {
	FIELD(delete_topics_request, ARRAY, topics,
	    OF(delete_topics_request_topic), .since = 6),
	FIELD(delete_topics_request, ARRAY, topic_names, OF_STRING,
	    .before = 6),
	FIELD(delete_topics_request, INT32, timeout_ms),
};
const struct schema delete_topics_request_schema =
    SCHEMA(delete_topics_request);

static const struct field delete_topics_response_topic_fields[] = {
	FIELD(delete_topics_response_topic, STRING, name, NULLABLE(6)),
	FIELD(delete_topics_response_topic, UUID, topic_id, .since = 6),
	FIELD(delete_topics_response_topic, INT16, error_code),
	FIELD(delete_topics_response_topic, STRING, error_message, .since = 5,
	    NULLABLE(0)),
};
const struct schema delete_topics_response_topic_schema =
    SCHEMA(delete_topics_response_topic);

static const struct field delete_topics_response_fields[] = {
	FIELD(delete_topics_response, INT32, throttle_time_ms, .since = 1),
	FIELD(delete_topics_response, ARRAY, responses,
	    OF(delete_topics_response_topic)),
};
const struct schema delete_topics_response_schema =
    SCHEMA(delete_topics_response);

static const struct field create_partitions_request_assignment_fields[] = {
	FIELD(create_partitions_request_assignment, ARRAY, broker_ids,
	    OF_INT32),
};
const struct schema create_partitions_request_assignment_schema =
    SCHEMA(create_partitions_request_assignment);

static const struct field create_partitions_request_topic_fields[] = {
	FIELD(create_partitions_request_topic, STRING, name),
	FIELD(create_partitions_request_topic, INT32, count),
	FIELD(create_partitions_request_topic, ARRAY, assignments,
	    OF(create_partitions_request_assignment), NULLABLE(0)),
};
const struct schema create_partitions_request_topic_schema =
    SCHEMA(create_partitions_request_topic);

static const struct field create_partitions_request_fields[] = {
	FIELD(create_partitions_request, ARRAY, topics,
	    OF(create_partitions_request_topic)),
	FIELD(create_partitions_request, INT32, timeout_ms),
	FIELD(create_partitions_request, BOOL, validate_only),
};
const struct schema create_partitions_request_schema =
    SCHEMA(create_partitions_request);

static const struct field create_partitions_response_result_fields[] = {
	FIELD(create_partitions_response_result, STRING, name),
	FIELD(create_partitions_response_result, INT16, error_code),
	FIELD(create_partitions_response_result, STRING, error_message,
	    NULLABLE(0)),
};
const struct schema create_partitions_response_result_schema =
    SCHEMA(create_partitions_response_result);

static const struct field create_partitions_response_fields[] = {
	FIELD(create_partitions_response, INT32, throttle_time_ms),
	FIELD(create_partitions_response, ARRAY, results,
	    OF(create_partitions_response_result)),
};
const struct schema create_partitions_response_schema =
    SCHEMA(create_partitions_response);

static const struct field delete_records_request_partition_fields[] = {
	FIELD(delete_records_request_partition, INT32, partition_index),
	FIELD(delete_records_request_partition, INT64, offset),
};
const struct schema delete_records_request_partition_schema =
    SCHEMA(delete_records_request_partition);

static const struct field delete_records_request_topic_fields[] = {
	FIELD(delete_records_request_topic, STRING, name),
	FIELD(delete_records_request_topic, ARRAY, partitions,
	    OF(delete_records_request_partition)),
};
const struct schema delete_records_request_topic_schema =
    SCHEMA(delete_records_request_topic);

static const struct field delete_records_request_fields[] = {
	FIELD(delete_records_request, ARRAY, topics,
	    OF(delete_records_request_topic)),
	FIELD(delete_records_request, INT32, timeout_ms),
};
const struct schema delete_records_request_schema =
    SCHEMA(delete_records_request);

static const struct field delete_records_response_partition_fields[] = {
	FIELD(delete_records_response_partition, INT32, partition_index),
	FIELD(delete_records_response_partition, INT64, low_watermark),
	FIELD(delete_records_response_partition, INT16, error_code),
};
const struct schema delete_records_response_partition_schema =
    SCHEMA(delete_records_response_partition);

static const struct field delete_records_response_topic_fields[] = {
	FIELD(delete_records_response_topic, STRING, name),
	FIELD(delete_records_response_topic, ARRAY, partitions,
	    OF(delete_records_response_partition)),
};
const struct schema delete_records_response_topic_schema =
    SCHEMA(delete_records_response_topic);

static const struct field delete_records_response_fields[] = {
	FIELD(delete_records_response, INT32, throttle_time_ms),
	FIELD(delete_records_response, ARRAY, topics,
	    OF(delete_records_response_topic)),
};
const struct schema delete_records_response_schema =
    SCHEMA(delete_records_response);
