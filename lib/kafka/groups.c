/* The fields of ListGroups, DescribeGroups, DeleteGroups, by version. */
#include "kafka/groups.h"

static const struct field list_groups_request_fields[] = {
	FIELD(list_groups_request, ARRAY, states_filter, OF_STRING, .since = 4),
	FIELD(list_groups_request, ARRAY, types_filter, OF_STRING, .since = 5),
};
const struct schema list_groups_request_schema = SCHEMA(list_groups_request);

static const struct field list_groups_response_group_fields[] = {
	FIELD(list_groups_response_group, STRING, group_id),
	FIELD(list_groups_response_group, STRING, protocol_type),
	FIELD(list_groups_response_group, STRING, group_state, .since = 4),
	FIELD(list_groups_response_group, STRING, group_type, .since = 5),
};
const struct schema list_groups_response_group_schema =
    SCHEMA(list_groups_response_group);

static const struct field list_groups_response_fields[] = {
	FIELD(list_groups_response, INT32, throttle_time_ms, .since = 1),
	FIELD(list_groups_response, INT16, error_code),
	FIELD(list_groups_response, ARRAY, groups,
	    OF(list_groups_response_group)),
};
const struct schema list_groups_response_schema = SCHEMA(list_groups_response);

static const struct field describe_groups_request_fields[] = {
	FIELD(describe_groups_request, ARRAY, groups, OF_STRING),
	FIELD(describe_groups_request, BOOL, include_authorized_operations,
	    .since = 3),
};
const struct schema describe_groups_request_schema =
    SCHEMA(describe_groups_request);

static const struct field describe_groups_response_member_fields[] = {
	FIELD(describe_groups_response_member, STRING, member_id),
	FIELD(describe_groups_response_member, STRING, group_instance_id,
	    .since = 4, NULLABLE(0)),
	FIELD(describe_groups_response_member, STRING, client_id),
	FIELD(describe_groups_response_member, STRING, client_host),
	FIELD(describe_groups_response_member, BYTES, member_metadata),
	FIELD(describe_groups_response_member, BYTES, member_assignment),
};
const struct schema describe_groups_response_member_schema =
    SCHEMA(describe_groups_response_member);

static const struct field describe_groups_response_group_fields[] = {
	FIELD(describe_groups_response_group, INT16, error_code),
	FIELD(describe_groups_response_group, STRING, group_id),
	FIELD(describe_groups_response_group, STRING, group_state),
	FIELD(describe_groups_response_group, STRING, protocol_type),
	FIELD(describe_groups_response_group, STRING, protocol_data),
	FIELD(describe_groups_response_group, ARRAY, members,
	    OF(describe_groups_response_member)),
	FIELD(describe_groups_response_group, INT32, authorized_operations,
	    .since = 3, .preset = INT32_MIN),
};
const struct schema describe_groups_response_group_schema =
    SCHEMA(describe_groups_response_group);

static const struct field describe_groups_response_fields[] = {
	FIELD(describe_groups_response, INT32, throttle_time_ms, .since = 1),
	FIELD(describe_groups_response, ARRAY, groups,
	    OF(describe_groups_response_group)),
};
const struct schema describe_groups_response_schema =
    SCHEMA(describe_groups_response);

static const struct field delete_groups_request_fields[] = {
	FIELD(delete_groups_request, ARRAY, groups_names, OF_STRING),
};
const struct schema delete_groups_request_schema =
    SCHEMA(delete_groups_request);

static const struct field delete_groups_response_result_fields[] = {
	FIELD(delete_groups_response_result, STRING, group_id),
	FIELD(delete_groups_response_result, INT16, error_code),
};
const struct schema delete_groups_response_result_schema =
    SCHEMA(delete_groups_response_result);

static const struct field delete_groups_response_fields[] = {
	FIELD(delete_groups_response, INT32, throttle_time_ms),
	FIELD(delete_groups_response, ARRAY, results,
	    OF(delete_groups_response_result)),
};
const struct schema delete_groups_response_schema =
    SCHEMA(delete_groups_response);
