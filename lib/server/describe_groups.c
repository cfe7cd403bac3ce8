/* DescribeGroups: who is in consumer groups. */
#include "server/handlers.h"

#include "kafka/groups.h"
#include "server/errand.h"
#include "server/roster_protocol.h"
#include "spool/state.h"

#include <stdlib.h>

/* Assignments are shown once they hold. */
static void
describe_members(struct request *request, const struct roster *roster,
    struct describe_groups_response_group *answer)
{
	struct describe_groups_response_member *members = request_new_list(
	    request, &describe_groups_response_member_schema,
	    &answer->members, roster->member_count);
	int32_t i = 0;

	for (const struct roster_member *member = roster->members;
	    member != NULL; member = member->next, i++) {
		members[i].member_id = request_copy(request, member->id);
		if (member->instance != NULL)
			members[i].group_instance_id =
			    request_copy(request, member->instance);
		members[i].client_id = request_copy(request,
		    member->client_id == NULL ? "" : member->client_id);
		members[i].client_host = request_copy(request,
		    member->client_host == NULL ? "" : member->client_host);
		if (roster->state != ROSTER_STABLE)
			continue;
		members[i].member_metadata = request_copy_bytes(request,
		    roster_member_metadata(member));
		members[i].member_assignment = request_copy_bytes(request,
		    buf_slice(&member->assignment));
	}
}

static void
describe_roster(struct request *request, const struct roster *roster,
    struct describe_groups_response_group *answer)
{
	answer->group_state = slice_of(roster_state_name(roster));
	if (roster->protocol_type != NULL)
		answer->protocol_type = request_copy(request,
		    roster->protocol_type);
	if (roster->protocol != NULL && roster->state == ROSTER_STABLE)
		answer->protocol_data = request_copy(request,
		    roster->protocol);
	describe_members(request, roster, answer);
}

/* A group of the directory, or one whose members have all gone. */
static int
note_state(const struct group_state *state, void *context)
{
	struct describe_groups_response_group *answer = context;

	if (state->order != ORDER_PARTITION)
		return 0;
	answer->group_state = slice_of(state->members > 0 ? "Stable" :
	    "Empty");
	answer->protocol_type = slice_of("consumer");
	return 0;
}

static void
run_describe(struct request *request, struct storage *storage)
{
	struct describe_groups_response *answer = request->answer;
	struct describe_groups_response_group *groups = answer->groups.items;

	for (int32_t i = 0; i < answer->groups.count; i++) {
		char *name;

		if (groups[i].error_code != 0)
			continue;
		name = slice_copy(groups[i].group_id);
		if (state_list(storage_spool(storage), name, NULL, note_state,
		    &groups[i]) < 0)
			groups[i].error_code = ERROR_COORDINATOR_NOT_AVAILABLE;
		free(name);
	}
}

static void
end_describe(struct request *request)
{
	struct describe_groups_response *answer = request->answer;
	struct describe_groups_response_group *groups = answer->groups.items;

	for (int32_t i = 0; i < answer->groups.count; i++) {
		const struct roster *roster = rosters_find(
		    request->server->rosters, groups[i].group_id, false);

		if (is_request_large(request))
			groups[i].error_code =
			    ERROR_COORDINATOR_NOT_AVAILABLE;
		if (groups[i].error_code == 0 && roster != NULL &&
		    (roster->members != NULL || (roster->generation > 0 &&
		    slice_equal(groups[i].group_state, slice_of("Dead")))))
			describe_roster(request, roster, &groups[i]);
	}
}

void
handle_describe_groups(struct request *request)
{
	static const struct errand describe = {.run = run_describe,
	    .end = end_describe};
	const struct describe_groups_request *message = request->message;
	struct describe_groups_response *answer = request->answer;
	const struct slice *names = message->groups.items;
	struct describe_groups_response_group *groups = request_new_list(
	    request, &describe_groups_response_group_schema, &answer->groups,
	    message->groups.count);

	for (int32_t i = 0; i < message->groups.count; i++) {
		groups[i].group_id = names[i];
		groups[i].group_state = slice_of("Dead");
		if (message->include_authorized_operations)
			groups[i].authorized_operations = OPERATIONS_GROUP;
		if (names[i].size == 0)
			groups[i].error_code = ERROR_INVALID_GROUP_ID;
		else if (!is_rosters_loaded(request->server->rosters))
			groups[i].error_code =
			    ERROR_COORDINATOR_LOAD_IN_PROGRESS;
	}
	errand_send(request, request->server->index, &describe);
}
