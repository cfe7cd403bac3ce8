/* Members of consumer groups: JoinGroup, SyncGroup, Heartbeat, LeaveGroup.
 *
 * Fields as in the message schemas of Apache Kafka; membership.c says which
 * version has which. */
#ifndef KAFKA_MEMBERSHIP_H
#define KAFKA_MEMBERSHIP_H

#include "kafka/schema.h"

struct join_group_request_protocol {
	struct slice name;
	struct slice metadata;
};

struct join_group_request {
	struct slice group_id;
	int32_t session_timeout_ms;
	int32_t rebalance_timeout_ms;
	struct slice member_id;
	struct slice group_instance_id;
	struct slice protocol_type;
	struct list protocols; /* struct join_group_request_protocol */
	struct slice reason;
};

struct join_group_response_member {
	struct slice member_id;
	struct slice group_instance_id;
	struct slice metadata;
};

struct join_group_response {
	int32_t throttle_time_ms;
	int16_t error_code;
	int32_t generation_id;
	struct slice protocol_type;
	struct slice protocol_name;
	struct slice leader;
	bool skip_assignment;
	struct slice member_id;
	struct list members; /* struct join_group_response_member */
};

struct sync_group_request_assignment {
	struct slice member_id;
	struct slice assignment;
};

struct sync_group_request {
	struct slice group_id;
	int32_t generation_id;
	struct slice member_id;
	struct slice group_instance_id;
	struct slice protocol_type;
	struct slice protocol_name;
	struct list assignments; /* struct sync_group_request_assignment */
};

struct sync_group_response {
	int32_t throttle_time_ms;
	int16_t error_code;
	struct slice protocol_type;
	struct slice protocol_name;
	struct slice assignment;
};

struct heartbeat_request {
	struct slice group_id;
	int32_t generation_id;
	struct slice member_id;
	struct slice group_instance_id;
};

struct heartbeat_response {
	int32_t throttle_time_ms;
	int16_t error_code;
};

struct leave_group_request_member {
	struct slice member_id;
	struct slice group_instance_id;
	struct slice reason;
};

struct leave_group_request {
	struct slice group_id;
	struct slice member_id;
	struct list members; /* struct leave_group_request_member */
};

struct leave_group_response_member {
	struct slice member_id;
	struct slice group_instance_id;
	int16_t error_code;
};

struct leave_group_response {
	int32_t throttle_time_ms;
	int16_t error_code;
	struct list members; /* struct leave_group_response_member */
};

extern const struct schema join_group_request_protocol_schema;
extern const struct schema join_group_request_schema;
extern const struct schema join_group_response_member_schema;
extern const struct schema join_group_response_schema;
extern const struct schema sync_group_request_assignment_schema;
extern const struct schema sync_group_request_schema;
extern const struct schema sync_group_response_schema;
extern const struct schema heartbeat_request_schema;
extern const struct schema heartbeat_response_schema;
extern const struct schema leave_group_request_member_schema;
extern const struct schema leave_group_request_schema;
extern const struct schema leave_group_response_member_schema;
extern const struct schema leave_group_response_schema;

#endif
