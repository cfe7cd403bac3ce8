/* What members of a consumer group are told. */
#include "server/roster_protocol.h"

void
roster_answer_sync(struct roster_member *member, struct request *request,
    enum error_code code)
{
	struct sync_group_response *answer = request->answer;
	const struct roster *roster = member->roster;

	answer->error_code = (int16_t)code;
	if (code == ERROR_NONE) {
		answer->assignment = request_copy_bytes(request,
		    buf_slice(&member->assignment));
		answer->protocol_type = request_copy(request,
		    roster->protocol_type);
		answer->protocol_name = request_copy(request,
		    roster->protocol);
	}
	roster_touch(member);
	request_answer(request);
}

/* The leader shares the partitions out, so it is told who is there. */
static void
list_members(const struct roster *roster, struct request *request)
{
	struct join_group_response *answer = request->answer;
	struct join_group_response_member *members = request_new_list(request,
	    &join_group_response_member_schema, &answer->members,
	    roster->member_count);
	int32_t i = 0;

	for (const struct roster_member *member = roster->members;
	    member != NULL; member = member->next, i++) {
		members[i].member_id = request_copy(request, member->id);
		if (member->instance != NULL)
			members[i].group_instance_id =
			    request_copy(request, member->instance);
		members[i].metadata = request_copy_bytes(request,
		    roster_member_metadata(member));
	}
}

void
roster_answer_join(struct roster_member *member, struct request *request)
{
	struct join_group_response *answer = request->answer;
	const struct roster *roster = member->roster;

	answer->generation_id = roster->generation;
	answer->protocol_type = request_copy(request, roster->protocol_type);
	answer->protocol_name = request_copy(request, roster->protocol);
	answer->leader = request_copy(request, roster->leader->id);
	answer->member_id = request_copy(request, member->id);
	if (member == roster->leader)
		list_members(roster, request);
	roster_touch(member);
	request_answer(request);
}
