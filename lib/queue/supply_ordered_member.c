/* Members of consumer groups: joining, being alive, leaving. */
#include "queue/supply_ordered_internal.h"

#include "base/clock.h"
#include "base/fail.h"
#include "kafka/error.h"
#include "kafka/membership.h"
#include "queue/assignment.h"

#include <stdio.h>
#include <stdlib.h>

#define PROTOCOL_TYPE "consumer"
#define PROTOCOL "range"

enum {
	SESSION_MS = 10 * 1000,   /* silent for so long, others take over */
	BEAT_MS = 2500,
	REBALANCE_MS = 60 * 1000, /* the others wait for us */
	LEAVE_MS = 1000,
};

/* A connection of its own to the coordinator, on first use. */
static int
connect_coordinator(struct supply_ordered *self)
{
	struct client *shared;
	int failed = self->coordinator != NULL ? 0 : brokers_coordinator(
	    self->brokers, self->supply.group, &shared);

	if (self->coordinator != NULL || failed < 0)
		return failed;
	failed = client_open(&self->coordinator, client_address(shared),
	    BROKERS_PATIENCE_MS);
	return failed < 0 ? failed : client_greet(self->coordinator);
}

static int
send_request(struct supply_ordered *self, const struct api *api,
    const void *message)
{
	int32_t correlation;
	int version = client_version(self->coordinator, api,
	    BROKERS_PATIENCE_MS);

	return version < 0 ? version : client_send(self->coordinator, api,
	    version, message, &correlation);
}

static int
send_join(struct supply_ordered *self)
{
	const char **names = memory_alloc(self->topic_count *
	    sizeof(*names));
	struct join_group_request_protocol protocol;
	struct join_group_request message;
	struct buf metadata = {0};
	int failed = connect_coordinator(self);

	for (size_t i = 0; i < self->topic_count; i++)
		names[i] = self->topics[i].name;
	subscription_append(&metadata, names, self->topic_count);
	schema_preset(&join_group_request_protocol_schema, &protocol);
	protocol.name = slice_of(PROTOCOL);
	protocol.metadata = buf_slice(&metadata);
	schema_preset(&join_group_request_schema, &message);
	message.group_id = slice_of(self->supply.group);
	message.session_timeout_ms = SESSION_MS;
	message.rebalance_timeout_ms = REBALANCE_MS;
	message.member_id = slice_of(self->member);
	message.protocol_type = slice_of(PROTOCOL_TYPE);
	message.protocols = (struct list){&protocol, 1};
	if (failed == 0)
		failed = send_request(self, &api_join_group, &message);
	buf_release(&metadata);
	free(names);
	if (failed == 0)
		self->state = ORDERED_JOINING;
	return failed;
}

/* The same for all answers: 0 if it is to be joined again. */
static int
take_code(struct supply_ordered *self, int code)
{
	switch (code) {
	case ERROR_UNKNOWN_MEMBER_ID:
	case ERROR_FENCED_INSTANCE_ID:
		self->member[0] = '\0';
		/* fall through */
	case ERROR_MEMBER_ID_REQUIRED:
	case ERROR_ILLEGAL_GENERATION:
	case ERROR_REBALANCE_IN_PROGRESS:
		supply_ordered_drop_parts(self);
		self->state = ORDERED_APART;
		return 0;
	case ERROR_INCONSISTENT_GROUP_PROTOCOL:
	case ERROR_GROUP_ID_NOT_FOUND:
		return fail(FAIL_USAGE, "group %s: its members use another "
		    "--order", self->supply.group);
	default:
		return brokers_error(code, (struct slice){0},
		    self->supply.group);
	}
}

static int
send_sync(struct supply_ordered *self,
    const struct join_group_response *joined)
{
	struct arena arena = arena_limited(SIZE_MAX);
	struct sync_group_request message;
	struct buf bytes = {0};
	int failed = 0;

	schema_preset(&sync_group_request_schema, &message);
	message.group_id = slice_of(self->supply.group);
	message.generation_id = self->generation;
	message.member_id = slice_of(self->member);
	message.protocol_type = slice_of(PROTOCOL_TYPE);
	message.protocol_name = slice_of(PROTOCOL);
	if (slice_equal(joined->leader, slice_of(self->member)) &&
	    !joined->skip_assignment)
		failed = supply_ordered_assign(self, joined, &arena,
		    &message.assignments, &bytes);
	if (failed == 0)
		failed = send_request(self, &api_sync_group, &message);
	arena_release(&arena);
	buf_release(&bytes);
	if (failed == 0)
		self->state = ORDERED_SYNCING;
	return failed;
}

static int
take_join(struct supply_ordered *self,
    const struct join_group_response *response)
{
	if (response->member_id.size >= sizeof(self->member))
		return fail(FAIL_PROTOCOL, "group %s: a member id of %zu bytes",
		    self->supply.group, response->member_id.size);
	if (response->member_id.size > 0)
		snprintf(self->member, sizeof(self->member), "%.*s",
		    (int)response->member_id.size,
		    (const char *)response->member_id.data);
	if (response->error_code != 0)
		return take_code(self, response->error_code);
	self->generation = response->generation_id;
	return send_sync(self, response);
}

static int
take_sync(struct supply_ordered *self,
    const struct sync_group_response *response)
{
	int failed;

	if (response->error_code != 0)
		return take_code(self, response->error_code);
	self->state = ORDERED_STABLE;
	self->must_rejoin = false;
	self->is_beating = false;
	self->beat_ms = clock_boot_ms() + BEAT_MS;
	failed = supply_ordered_take_parts(self, response->assignment);
	if (failed == 0)
		self->patience = (struct patience){0};
	return failed;
}

static int
take_beat(struct supply_ordered *self,
    const struct heartbeat_response *response)
{
	self->is_beating = false;
	if (response->error_code == ERROR_REBALANCE_IN_PROGRESS) {
		if (!self->must_rejoin)
			self->rejoin_ms = clock_boot_ms() + REBALANCE_MS / 2;
		self->must_rejoin = true;
		return 0;
	}
	return response->error_code == 0 ? 0 :
	    take_code(self, response->error_code);
}

static int
send_beat(struct supply_ordered *self)
{
	struct heartbeat_request message;
	int failed;

	schema_preset(&heartbeat_request_schema, &message);
	message.group_id = slice_of(self->supply.group);
	message.generation_id = self->generation;
	message.member_id = slice_of(self->member);
	failed = send_request(self, &api_heartbeat, &message);
	self->is_beating = failed == 0;
	self->beat_ms = clock_boot_ms() + BEAT_MS;
	return failed;
}

/* The answer that is to come in this state, within timeout_ms: 1 if it was
 * taken, 0 if it is not there yet. */
static int
take_answer(struct supply_ordered *self, int64_t timeout_ms)
{
	union {
		struct join_group_response join;
		struct sync_group_response sync;
		struct heartbeat_response beat;
	} response;
	struct arena arena = arena_limited(ORDERED_RESPONSE_BYTES);
	int32_t correlation;
	int result = client_receive(self->coordinator, &arena, &response,
	    &correlation, timeout_ms);
	bool is_late = result == -FAIL_AGAIN;

	if (result == 0 && self->state == ORDERED_JOINING)
		result = take_join(self, &response.join);
	else if (result == 0 && self->state == ORDERED_SYNCING)
		result = take_sync(self, &response.sync);
	else if (result == 0)
		result = take_beat(self, &response.beat);
	arena_release(&arena);
	if (is_late)
		return 0;
	return result < 0 ? result : 1;
}

static bool
is_rejoin_due(const struct supply_ordered *self)
{
	return self->must_rejoin && (!is_supply_ordered_out(self) ||
	    clock_boot_ms() >= self->rejoin_ms);
}

int
supply_ordered_tend(struct supply_ordered *self)
{
	int result = 1;

	while (result == 1) {
		if (self->state == ORDERED_STABLE && !self->is_beating &&
		    is_rejoin_due(self)) {
			supply_ordered_drop_parts(self);
			self->state = ORDERED_APART;
		}
		if (self->state == ORDERED_APART)
			result = send_join(self);
		else if (self->state == ORDERED_STABLE && !self->is_beating &&
		    clock_boot_ms() >= self->beat_ms)
			result = send_beat(self);
		if (result >= 0)
			result = self->state == ORDERED_STABLE &&
			    !self->is_beating ? 0 : take_answer(self, 0);
	}
	/* A coordinator that says nothing has forgotten us. */
	if (result == 0 && self->is_beating &&
	    clock_boot_ms() >= self->beat_ms - BEAT_MS + SESSION_MS)
		result = fail(FAIL_UNAVAILABLE, "%s: no answer in time",
		    client_address(self->coordinator));
	return result;
}

int
supply_ordered_call(struct supply_ordered *self, const struct api *api,
    const void *message, struct arena *arena, void *response)
{
	int failed = 0;

	if (self->is_beating)
		failed = take_answer(self, BROKERS_PATIENCE_MS);
	if (failed < 0)
		return failed;
	return client_call(self->coordinator, api, message, arena, response,
	    BROKERS_PATIENCE_MS);
}

/* The answers to what is on its way, and then to LeaveGroup. A broker that lets
 * it wait until all have joined is not waited for. */
static void
hear_leave(struct supply_ordered *self, struct arena *arena)
{
	union {
		struct join_group_response join;
		struct sync_group_response sync;
		struct leave_group_response leave;
	} response;
	int count = self->state == ORDERED_APART ? 1 : 2, failed = 0;
	int32_t correlation;

	while (failed == 0 && count-- > 0)
		failed = client_receive(self->coordinator, arena, &response,
		    &correlation, LEAVE_MS);
}

void
supply_ordered_leave(struct supply_ordered *self)
{
	struct leave_group_request_member leaving;
	struct leave_group_request message;
	struct leave_group_response response;
	struct arena arena = arena_limited(ORDERED_RESPONSE_BYTES);

	schema_preset(&leave_group_request_member_schema, &leaving);
	schema_preset(&leave_group_request_schema, &message);
	leaving.member_id = slice_of(self->member);
	message.group_id = slice_of(self->supply.group);
	message.member_id = slice_of(self->member);
	message.members = (struct list){&leaving, 1};
	if (self->coordinator != NULL && self->state == ORDERED_STABLE)
		(void)supply_ordered_call(self, &api_leave_group, &message,
		    &arena, &response);
	else if (self->coordinator != NULL &&
	    send_request(self, &api_leave_group, &message) == 0)
		hear_leave(self, &arena);
	arena_release(&arena);
}
