/* SyncGroup, Heartbeat, LeaveGroup: what members do between two joins. */
#include "server/handlers.h"

#include "base/fail.h"
#include "kafka/membership.h"
#include "server/errand.h"
#include "server/roster.h"

/* Who speaks: the member, or why not. */
static enum error_code
find_member(const struct request *request, struct slice group, struct slice id,
    struct slice instance, struct roster_member **member)
{
	struct rosters *rosters = request->server->rosters;
	const struct roster *roster;

	if (group.size == 0)
		return ERROR_INVALID_GROUP_ID;
	if (!is_rosters_loaded(rosters))
		return ERROR_COORDINATOR_LOAD_IN_PROGRESS;
	roster = rosters_find(rosters, group, false);
	return roster == NULL ? ERROR_UNKNOWN_MEMBER_ID :
	    roster_identify(roster, id, instance, member);
}

static void
refuse_sync(struct request *request, enum error_code code)
{
	struct sync_group_response *answer = request->answer;

	answer->error_code = (int16_t)code;
	request_answer(request);
}

static void
cancel_sync(struct request *request)
{
	struct roster_member *member = request->state;

	member->sync = NULL;
	request_answer(request);
}

/* Members that the leader forgot get nothing. */
static void
take_assignments(struct roster *roster, const struct list *assignments)
{
	const struct sync_group_request_assignment *items = assignments->items;

	for (struct roster_member *member = roster->members; member != NULL;
	    member = member->next)
		buf_clear(&member->assignment);
	for (int32_t i = 0; i < assignments->count; i++) {
		struct roster_member *member = roster_member(roster,
		    items[i].member_id);

		if (member == NULL)
			continue;
		buf_clear(&member->assignment);
		buf_append_slice(&member->assignment, items[i].assignment);
		roster_count_memory(member);
	}
}

/* An assignment that cannot be kept would be another one after a restart. And
 * members that come while others have the group must go. */
static void
on_stored(struct roster *roster, int failed)
{
	if (roster->state != ROSTER_COMPLETING)
		return;
	if (failed == -FAIL_AGAIN || failed == -FAIL_USAGE)
		roster_dissolve(roster, ERROR_COORDINATOR_NOT_AVAILABLE);
	else if (failed < 0)
		roster_rebalance(roster);
	else
		roster_settle(roster);
}

static void
sync_member(struct roster_member *member, struct request *request)
{
	const struct sync_group_request *message = request->message;
	struct roster *roster = member->roster;

	if (roster->state == ROSTER_STABLE) {
		roster_answer_sync(member, request, ERROR_NONE);
		return;
	}
	if (member->sync != NULL)
		roster_answer_sync(member, member->sync,
		    ERROR_REBALANCE_IN_PROGRESS);
	member->sync = request;
	request->state = member;
	request->cancel = cancel_sync;
	roster_touch(member);
	if (member == roster->leader) {
		take_assignments(roster, &message->assignments);
		roster_store(roster, on_stored);
	}
}

static bool
differs(struct slice said, const char *ours)
{
	return said.data != NULL &&
	    !slice_equal(said, slice_of(ours == NULL ? "" : ours));
}

void
handle_sync_group(struct request *request)
{
	const struct sync_group_request *message = request->message;
	struct roster_member *member = NULL;
	enum error_code code = find_member(request, message->group_id,
	    message->member_id, message->group_instance_id, &member);
	const struct roster *roster = member == NULL ? NULL : member->roster;

	if (code == ERROR_NONE && message->generation_id != roster->generation)
		code = ERROR_ILLEGAL_GENERATION;
	else if (code == ERROR_NONE &&
	    (differs(message->protocol_type, roster->protocol_type) ||
	    differs(message->protocol_name, roster->protocol)))
		code = ERROR_INCONSISTENT_GROUP_PROTOCOL;
	else if (code == ERROR_NONE && roster->state == ROSTER_PREPARING)
		code = ERROR_REBALANCE_IN_PROGRESS;
	else if (code == ERROR_NONE && roster->state == ROSTER_EMPTY)
		code = ERROR_UNKNOWN_MEMBER_ID;
	else if (code == ERROR_NONE && roster->state != ROSTER_STABLE &&
	    is_rosters_full(roster->rosters))
		code = ERROR_COORDINATOR_NOT_AVAILABLE;
	if (code != ERROR_NONE)
		refuse_sync(request, code);
	else
		sync_member(member, request);
}

void
handle_heartbeat(struct request *request)
{
	const struct heartbeat_request *message = request->message;
	struct heartbeat_response *answer = request->answer;
	struct roster_member *member = NULL;
	enum error_code code = find_member(request, message->group_id,
	    message->member_id, message->group_instance_id, &member);

	if (code == ERROR_NONE &&
	    message->generation_id != member->roster->generation)
		code = ERROR_ILLEGAL_GENERATION;
	if (code == ERROR_NONE) {
		roster_touch(member);
		if (member->roster->state == ROSTER_PREPARING)
			code = ERROR_REBALANCE_IN_PROGRESS;
	}
	answer->error_code = (int16_t)code;
	request_answer(request);
}

static enum error_code
leave(const struct request *request, struct slice group, struct slice id,
    struct slice instance)
{
	struct roster_member *member = NULL;
	struct roster *roster = rosters_find(request->server->rosters, group,
	    false);
	enum error_code code;

	/* An operator may name a static member by its instance alone. */
	if (instance.data != NULL && id.size == 0 &&
	    is_rosters_loaded(request->server->rosters)) {
		member = roster == NULL ? NULL :
		    roster_static_member(roster, instance);
		code = member == NULL ? ERROR_UNKNOWN_MEMBER_ID : ERROR_NONE;
	} else {
		code = find_member(request, group, id, instance, &member);
	}
	if (code == ERROR_NONE)
		roster_remove(member, ERROR_UNKNOWN_MEMBER_ID);
	else if (code == ERROR_UNKNOWN_MEMBER_ID && roster != NULL &&
	    roster_drop_pending(roster, id))
		code = ERROR_NONE;
	return code;
}

static void
do_nothing(struct request *request, struct storage *storage)
{
	(void)request;
	(void)storage;
}

/* Answered behind what is to be stored: whoever hears of it finds the group
 * free, in the directory, too. */
void
handle_leave_group(struct request *request)
{
	static const struct errand answer_later = {.run = do_nothing};
	const struct leave_group_request *message = request->message;
	struct leave_group_response *answer = request->answer;
	const struct leave_group_request_member *members =
	    message->members.items;
	struct leave_group_response_member *answers = request_new_list(request,
	    &leave_group_response_member_schema, &answer->members,
	    message->members.count);

	if (request->header.version < 3) {
		answer->error_code = (int16_t)leave(request, message->group_id,
		    message->member_id, (struct slice){NULL, 0});
	} else if (!is_rosters_loaded(request->server->rosters)) {
		answer->error_code = ERROR_COORDINATOR_LOAD_IN_PROGRESS;
		answer->members.count = 0;
	} else {
		for (int32_t i = 0; i < message->members.count; i++) {
			answers[i].member_id = members[i].member_id;
			answers[i].group_instance_id =
			    members[i].group_instance_id;
			answers[i].error_code = (int16_t)leave(request,
			    message->group_id, members[i].member_id,
			    members[i].group_instance_id);
		}
	}
	errand_send(request, request->server->index, &answer_later);
}
