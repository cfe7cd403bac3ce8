/* The fields of Fetch, ListOffsets, OffsetForLeaderEpoch, by version. */
#include "kafka/fetch.h"

static const struct field fetch_request_replica_state_fields[] = {
	FIELD(fetch_request_replica_state, INT32, replica_id, .preset = -1),
	FIELD(fetch_request_replica_state, INT64, replica_epoch, .preset = -1),
};
const struct schema fetch_request_replica_state_schema =
    SCHEMA(fetch_request_replica_state);

static const struct field fetch_request_partition_fields[] = {
	FIELD(fetch_request_partition, INT32, partition),
	FIELD(fetch_request_partition, INT32, current_leader_epoch, .since = 9,
	    .preset = -1),
	FIELD(fetch_request_partition, INT64, fetch_offset),
	FIELD(fetch_request_partition, INT32, last_fetched_epoch, .since = 12,
	    .preset = -1),
	FIELD(fetch_request_partition, INT64, log_start_offset, .since = 5,
	    .preset = -1),
	FIELD(fetch_request_partition, INT32, partition_max_bytes),
	FIELD(fetch_request_partition, UUID, replica_directory_id, .since = 17,
	    TAGGED(0)),
};
const struct schema fetch_request_partition_schema =
    SCHEMA(fetch_request_partition);

static const struct field fetch_request_topic_fields[] = {
	FIELD(fetch_request_topic, STRING, topic, .before = 13),
	FIELD(fetch_request_topic, UUID, topic_id, .since = 13),
	FIELD(fetch_request_topic, ARRAY, partitions,
	    OF(fetch_request_partition)),
};
const struct schema fetch_request_topic_schema = SCHEMA(fetch_request_topic);

static const struct field fetch_request_forgotten_fields[] = {
	FIELD(fetch_request_forgotten, STRING, topic, .since = 7, .before = 13),
	FIELD(fetch_request_forgotten, UUID, topic_id, .since = 13),
	FIELD(fetch_request_forgotten, ARRAY, partitions, OF_INT32),
};
const struct schema fetch_request_forgotten_schema =
    SCHEMA(fetch_request_forgotten);

static const struct field fetch_request_fields[] = {
	FIELD(fetch_request, STRING, cluster_id, .since = 12, NULLABLE(0),
	    TAGGED(0)),
	FIELD(fetch_request, INT32, replica_id, .before = 15, .preset = -1),
	FIELD(fetch_request, POINTER, replica_state,
	    OF(fetch_request_replica_state), .since = 15, TAGGED(1)),
	FIELD(fetch_request, INT32, max_wait_ms),
	FIELD(fetch_request, INT32, min_bytes),
	FIELD(fetch_request, INT32, max_bytes, .since = 3, .preset = INT32_MAX),
	FIELD(fetch_request, INT8, isolation_level, .since = 4),
	FIELD(fetch_request, INT32, session_id, .since = 7),
	FIELD(fetch_request, INT32, session_epoch, .since = 7, .preset = -1),
	FIELD(fetch_request, ARRAY, topics, OF(fetch_request_topic)),
	FIELD(fetch_request, ARRAY, forgotten_topics_data,
	    OF(fetch_request_forgotten), .since = 7),
	FIELD(fetch_request, STRING, rack_id, .since = 11),
};
const struct schema fetch_request_schema = SCHEMA(fetch_request);

static const struct field fetch_response_diverging_epoch_fields[] = {
	FIELD(fetch_response_diverging_epoch, INT32, epoch, .preset = -1),
	FIELD(fetch_response_diverging_epoch, INT64, end_offset, .preset = -1),
};
const struct schema fetch_response_diverging_epoch_schema =
    SCHEMA(fetch_response_diverging_epoch);

static const struct field fetch_response_current_leader_fields[] = {
	FIELD(fetch_response_current_leader, INT32, leader_id, .preset = -1),
	FIELD(fetch_response_current_leader, INT32, leader_epoch, .preset = -1),
};
const struct schema fetch_response_current_leader_schema =
    SCHEMA(fetch_response_current_leader);

static const struct field fetch_response_snapshot_id_fields[] = {
	FIELD(fetch_response_snapshot_id, INT64, end_offset, .preset = -1),
	FIELD(fetch_response_snapshot_id, INT32, epoch, .preset = -1),
};
const struct schema fetch_response_snapshot_id_schema =
    SCHEMA(fetch_response_snapshot_id);

static const struct field fetch_response_aborted_fields[] = {
	FIELD(fetch_response_aborted, INT64, producer_id),
	FIELD(fetch_response_aborted, INT64, first_offset),
};
const struct schema fetch_response_aborted_schema =
    SCHEMA(fetch_response_aborted);

static const struct field fetch_response_partition_fields[] = {
	FIELD(fetch_response_partition, INT32, partition_index),
	FIELD(fetch_response_partition, INT16, error_code),
	FIELD(fetch_response_partition, INT64, high_watermark),
	FIELD(fetch_response_partition, INT64, last_stable_offset, .since = 4,
	    .preset = -1),
	FIELD(fetch_response_partition, INT64, log_start_offset, .since = 5,
	    .preset = -1),
	FIELD(fetch_response_partition, POINTER, diverging_epoch,
	    OF(fetch_response_diverging_epoch), .since = 12, TAGGED(0)),
	FIELD(fetch_response_partition, POINTER, current_leader,
	    OF(fetch_response_current_leader), .since = 12, TAGGED(1)),
	FIELD(fetch_response_partition, POINTER, snapshot_id,
	    OF(fetch_response_snapshot_id), .since = 12, TAGGED(2)),
	FIELD(fetch_response_partition, ARRAY, aborted_transactions,
	    OF(fetch_response_aborted), .since = 4, NULLABLE(0)),
	FIELD(fetch_response_partition, INT32, preferred_read_replica,
	    .since = 11, .preset = -1),
	FIELD(fetch_response_partition, RECORDS, records, NULLABLE(0)),
};
const struct schema fetch_response_partition_schema =
    SCHEMA(fetch_response_partition);

static const struct field fetch_response_topic_fields[] = {
	FIELD(fetch_response_topic, STRING, topic, .before = 13),
	FIELD(fetch_response_topic, UUID, topic_id, .since = 13),
	FIELD(fetch_response_topic, ARRAY, partitions,
	    OF(fetch_response_partition)),
};
const struct schema fetch_response_topic_schema = SCHEMA(fetch_response_topic);

static const struct field fetch_response_endpoint_fields[] = {
	FIELD(fetch_response_endpoint, INT32, node_id),
	FIELD(fetch_response_endpoint, STRING, host),
	FIELD(fetch_response_endpoint, INT32, port),
	FIELD(fetch_response_endpoint, STRING, rack, NULLABLE(0)),
};
const struct schema fetch_response_endpoint_schema =
    SCHEMA(fetch_response_endpoint);

static const struct field fetch_response_fields[] = {
	FIELD(fetch_response, INT32, throttle_time_ms, .since = 1),
	FIELD(fetch_response, INT16, error_code, .since = 7),
	FIELD(fetch_response, INT32, session_id, .since = 7),
	FIELD(fetch_response, ARRAY, responses, OF(fetch_response_topic)),
	FIELD(fetch_response, ARRAY, node_endpoints,
	    OF(fetch_response_endpoint), .since = 16, TAGGED(0)),
};
const struct schema fetch_response_schema = SCHEMA(fetch_response);

static const struct field list_offsets_request_partition_fields[] = {
	FIELD(list_offsets_request_partition, INT32, partition_index),
	FIELD(list_offsets_request_partition, INT32, current_leader_epoch,
	    .since = 4, .preset = -1),
	FIELD(list_offsets_request_partition, INT64, timestamp),
	FIELD(list_offsets_request_partition, INT32, max_num_offsets,
	    .before = 1, .preset = 1),
};
const struct schema list_offsets_request_partition_schema =
    SCHEMA(list_offsets_request_partition);

static const struct field list_offsets_request_topic_fields[] = {
	FIELD(list_offsets_request_topic, STRING, name),
	FIELD(list_offsets_request_topic, ARRAY, partitions,
	    OF(list_offsets_request_partition)),
};
const struct schema list_offsets_request_topic_schema =
    SCHEMA(list_offsets_request_topic);

static const struct field list_offsets_request_fields[] = {
	FIELD(list_offsets_request, INT32, replica_id),
	FIELD(list_offsets_request, INT8, isolation_level, .since = 2),
	FIELD(list_offsets_request, ARRAY, topics,
	    OF(list_offsets_request_topic)),
};
const struct schema list_offsets_request_schema = SCHEMA(list_offsets_request);

static const struct field list_offsets_response_partition_fields[] = {
	FIELD(list_offsets_response_partition, INT32, partition_index),
	FIELD(list_offsets_response_partition, INT16, error_code),
	FIELD(list_offsets_response_partition, ARRAY, old_style_offsets,
	    OF_INT64, .before = 1),
	FIELD(list_offsets_response_partition, INT64, timestamp, .since = 1,
	    .preset = -1),
	FIELD(list_offsets_response_partition, INT64, offset, .since = 1,
	    .preset = -1),
	FIELD(list_offsets_response_partition, INT32, leader_epoch, .since = 4,
	    .preset = -1),
};
const struct schema list_offsets_response_partition_schema =
    SCHEMA(list_offsets_response_partition);

static const struct field list_offsets_response_topic_fields[] = {
	FIELD(list_offsets_response_topic, STRING, name),
	FIELD(list_offsets_response_topic, ARRAY, partitions,
	    OF(list_offsets_response_partition)),
};
const struct schema list_offsets_response_topic_schema =
    SCHEMA(list_offsets_response_topic);

static const struct field list_offsets_response_fields[] = {
	FIELD(list_offsets_response, INT32, throttle_time_ms, .since = 2),
	FIELD(list_offsets_response, ARRAY, topics,
	    OF(list_offsets_response_topic)),
};
const struct schema list_offsets_response_schema =
    SCHEMA(list_offsets_response);

static const struct field leader_epoch_request_partition_fields[] = {
	FIELD(leader_epoch_request_partition, INT32, partition),
	FIELD(leader_epoch_request_partition, INT32, current_leader_epoch,
	    .since = 2, .preset = -1),
	FIELD(leader_epoch_request_partition, INT32, leader_epoch),
};
const struct schema leader_epoch_request_partition_schema =
    SCHEMA(leader_epoch_request_partition);

static const struct field leader_epoch_request_topic_fields[] = {
	FIELD(leader_epoch_request_topic, STRING, topic),
	FIELD(leader_epoch_request_topic, ARRAY, partitions,
	    OF(leader_epoch_request_partition)),
};
const struct schema leader_epoch_request_topic_schema =
    SCHEMA(leader_epoch_request_topic);

static const struct field leader_epoch_request_fields[] = {
	FIELD(leader_epoch_request, INT32, replica_id, .since = 3,
	    .preset = -2),
	FIELD(leader_epoch_request, ARRAY, topics,
	    OF(leader_epoch_request_topic)),
};
const struct schema leader_epoch_request_schema = SCHEMA(leader_epoch_request);

static const struct field leader_epoch_response_partition_fields[] = {
	FIELD(leader_epoch_response_partition, INT16, error_code),
	FIELD(leader_epoch_response_partition, INT32, partition),
	FIELD(leader_epoch_response_partition, INT32, leader_epoch, .since = 1,
	    .preset = -1),
	FIELD(leader_epoch_response_partition, INT64, end_offset, .preset = -1),
};
const struct schema leader_epoch_response_partition_schema =
    SCHEMA(leader_epoch_response_partition);

static const struct field leader_epoch_response_topic_fields[] = {
	FIELD(leader_epoch_response_topic, STRING, topic),
	FIELD(leader_epoch_response_topic, ARRAY, partitions,
	    OF(leader_epoch_response_partition)),
};
const struct schema leader_epoch_response_topic_schema =
    SCHEMA(leader_epoch_response_topic);

static const struct field leader_epoch_response_fields[] = {
	FIELD(leader_epoch_response, INT32, throttle_time_ms, .since = 2),
	FIELD(leader_epoch_response, ARRAY, topics,
	    OF(leader_epoch_response_topic)),
};
const struct schema leader_epoch_response_schema =
    SCHEMA(leader_epoch_response);
