/* The fields of JoinGroup, SyncGroup, Heartbeat, LeaveGroup, by version. */
#include "kafka/membership.h"

static const struct field join_group_request_protocol_fields[] = {
	FIELD(join_group_request_protocol, STRING, name),
	FIELD(join_group_request_protocol, BYTES, metadata),
};
const struct schema join_group_request_protocol_schema =
    SCHEMA(join_group_request_protocol);

static const struct field join_group_request_fields[] = {
	FIELD(join_group_request, STRING, group_id),
	FIELD(join_group_request, INT32, session_timeout_ms),
	FIELD(join_group_request, INT32, rebalance_timeout_ms, .since = 1,
	    .preset = -1),
	FIELD(join_group_request, STRING, member_id),
	FIELD(join_group_request, STRING, group_instance_id, .since = 5,
	    NULLABLE(0)),
	FIELD(join_group_request, STRING, protocol_type),
	FIELD(join_group_request, ARRAY, protocols,
	    OF(join_group_request_protocol)),
	FIELD(join_group_request, STRING, reason, .since = 8, NULLABLE(0)),
};
const struct schema join_group_request_schema = SCHEMA(join_group_request);

static const struct field join_group_response_member_fields[] = {
	FIELD(join_group_response_member, STRING, member_id),
	FIELD(join_group_response_member, STRING, group_instance_id,
	    .since = 5, NULLABLE(0)),
	FIELD(join_group_response_member, BYTES, metadata),
};
const struct schema join_group_response_member_schema =
    SCHEMA(join_group_response_member);

static const struct field join_group_response_fields[] = {
	FIELD(join_group_response, INT32, throttle_time_ms, .since = 2),
	FIELD(join_group_response, INT16, error_code),
	FIELD(join_group_response, INT32, generation_id, .preset = -1),
	FIELD(join_group_response, STRING, protocol_type, .since = 7,
	    NULLABLE(0)),
	FIELD(join_group_response, STRING, protocol_name, NULLABLE(7)),
	FIELD(join_group_response, STRING, leader),
	FIELD(join_group_response, BOOL, skip_assignment, .since = 9),
	FIELD(join_group_response, STRING, member_id),
	FIELD(join_group_response, ARRAY, members,
	    OF(join_group_response_member)),
};
const struct schema join_group_response_schema = SCHEMA(join_group_response);

static const struct field sync_group_request_assignment_fields[] = {
	FIELD(sync_group_request_assignment, STRING, member_id),
	FIELD(sync_group_request_assignment, BYTES, assignment),
};
const struct schema sync_group_request_assignment_schema =
    SCHEMA(sync_group_request_assignment);

static const struct field sync_group_request_fields[] = {
	FIELD(sync_group_request, STRING, group_id),
	FIELD(sync_group_request, INT32, generation_id),
	FIELD(sync_group_request, STRING, member_id),
	FIELD(sync_group_request, STRING, group_instance_id, .since = 3,
	    NULLABLE(0)),
	FIELD(sync_group_request, STRING, protocol_type, .since = 5,
	    NULLABLE(0)),
	FIELD(sync_group_request, STRING, protocol_name, .since = 5,
	    NULLABLE(0)),
	FIELD(sync_group_request, ARRAY, assignments,
	    OF(sync_group_request_assignment)),
};
const struct schema sync_group_request_schema = SCHEMA(sync_group_request);

static const struct field sync_group_response_fields[] = {
	FIELD(sync_group_response, INT32, throttle_time_ms, .since = 1),
	FIELD(sync_group_response, INT16, error_code),
	FIELD(sync_group_response, STRING, protocol_type, .since = 5,
	    NULLABLE(0)),
	FIELD(sync_group_response, STRING, protocol_name, .since = 5,
	    NULLABLE(0)),
	FIELD(sync_group_response, BYTES, assignment),
};
const struct schema sync_group_response_schema = SCHEMA(sync_group_response);

static const struct field heartbeat_request_fields[] = {
	FIELD(heartbeat_request, STRING, group_id),
	FIELD(heartbeat_request, INT32, generation_id),
	FIELD(heartbeat_request, STRING, member_id),
	FIELD(heartbeat_request, STRING, group_instance_id, .since = 3,
	    NULLABLE(0)),
};
const struct schema heartbeat_request_schema = SCHEMA(heartbeat_request);

static const struct field heartbeat_response_fields[] = {
	FIELD(heartbeat_response, INT32, throttle_time_ms, .since = 1),
	FIELD(heartbeat_response, INT16, error_code),
};
const struct schema heartbeat_response_schema = SCHEMA(heartbeat_response);

static const struct field leave_group_request_member_fields[] = {
	FIELD(leave_group_request_member, STRING, member_id),
	FIELD(leave_group_request_member, STRING, group_instance_id,
	    NULLABLE(0)),
	FIELD(leave_group_request_member, STRING, reason, .since = 5,
	    NULLABLE(0)),
};
const struct schema leave_group_request_member_schema =
    SCHEMA(leave_group_request_member);

static const struct field leave_group_request_fields[] = {
	FIELD(leave_group_request, STRING, group_id),
	FIELD(leave_group_request, STRING, member_id, .before = 3),
	FIELD(leave_group_request, ARRAY, members,
	    OF(leave_group_request_member), .since = 3),
};
const struct schema leave_group_request_schema = SCHEMA(leave_group_request);

static const struct field leave_group_response_member_fields[] = {
	FIELD(leave_group_response_member, STRING, member_id),
	FIELD(leave_group_response_member, STRING, group_instance_id,
	    NULLABLE(0)),
	FIELD(leave_group_response_member, INT16, error_code),
};
const struct schema leave_group_response_member_schema =
    SCHEMA(leave_group_response_member);

static const struct field leave_group_response_fields[] = {
	FIELD(leave_group_response, INT32, throttle_time_ms, .since = 1),
	FIELD(leave_group_response, INT16, error_code),
	FIELD(leave_group_response, ARRAY, members,
	    OF(leave_group_response_member), .since = 3),
};
const struct schema leave_group_response_schema = SCHEMA(leave_group_response);
