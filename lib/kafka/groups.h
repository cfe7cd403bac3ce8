/* Looking after groups: ListGroups, DescribeGroups, DeleteGroups.
 *
 * Fields as in the message schemas of Apache Kafka; groups.c says which
 * version has which. */
#ifndef KAFKA_GROUPS_H
#define KAFKA_GROUPS_H

#include "kafka/schema.h"

struct list_groups_request {
	struct list states_filter; /* struct slice */
	struct list types_filter; /* struct slice */
};

struct list_groups_response_group {
	struct slice group_id;
	struct slice protocol_type;
	struct slice group_state;
	struct slice group_type;
};

struct list_groups_response {
	int32_t throttle_time_ms;
	int16_t error_code;
	struct list groups; /* struct list_groups_response_group */
};

struct describe_groups_request {
	struct list groups; /* struct slice */
	bool include_authorized_operations;
};

struct describe_groups_response_member {
	struct slice member_id;
	struct slice group_instance_id;
	struct slice client_id;
	struct slice client_host;
	struct slice member_metadata;
	struct slice member_assignment;
};

struct describe_groups_response_group {
	int16_t error_code;
	struct slice group_id;
	struct slice group_state;
	struct slice protocol_type;
	struct slice protocol_data;
	struct list members; /* struct describe_groups_response_member */
	int32_t authorized_operations;
};

struct describe_groups_response {
	int32_t throttle_time_ms;
	struct list groups; /* struct describe_groups_response_group */
};

struct delete_groups_request {
	struct list groups_names; /* struct slice */
};

struct delete_groups_response_result {
	struct slice group_id;
	int16_t error_code;
};

struct delete_groups_response {
	int32_t throttle_time_ms;
	struct list results; /* struct delete_groups_response_result */
};

extern const struct schema list_groups_request_schema;
extern const struct schema list_groups_response_group_schema;
extern const struct schema list_groups_response_schema;
extern const struct schema describe_groups_request_schema;
extern const struct schema describe_groups_response_member_schema;
extern const struct schema describe_groups_response_group_schema;
extern const struct schema describe_groups_response_schema;
extern const struct schema delete_groups_request_schema;
extern const struct schema delete_groups_response_result_schema;
extern const struct schema delete_groups_response_schema;

#endif
