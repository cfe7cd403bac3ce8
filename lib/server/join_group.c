/* JoinGroup: into a consumer group, or into its next generation. */
#include "server/handlers.h"

#include "base/fail.h"
#include "base/hash.h"
#include "kafka/membership.h"
#include "server/roster_protocol.h"
#include "server/share_groups.h"

#include <stdlib.h>

enum {
	SESSION_MIN_MS = 6000, /* Kafka's group.min.session.timeout.ms, */
	SESSION_MAX_MS = 1800000,
	MEMBERS_MAX = 10000,
	NAME_MAX_BYTES = 1024,
	PROTOCOLS_MAX = 100,
};

static void
refuse(struct request *request, enum error_code code, struct slice member_id)
{
	struct join_group_response *answer = request->answer;

	answer->error_code = (int16_t)code;
	answer->member_id = member_id;
	request_answer(request);
}

static void
set_text(char **place, struct slice text)
{
	free(*place);
	*place = slice_copy(text);
}

/* Takes over what the member says of itself. */
static void
update(struct roster_member *member, struct request *request)
{
	const struct join_group_request *message = request->message;
	const struct join_group_request_protocol *items =
	    message->protocols.items;

	roster_forget_protocols(member);
	member->protocol_count = message->protocols.count;
	member->protocols = memory_alloc((size_t)message->protocols.count *
	    sizeof *member->protocols);
	for (int32_t i = 0; i < message->protocols.count; i++) {
		set_text(&member->protocols[i].name, items[i].name);
		buf_append_slice(&member->protocols[i].metadata,
		    items[i].metadata);
	}
	set_text(&member->client_id, request->header.client_id);
	set_text(&member->client_host, request_client_host(request));
	member->session_ms = message->session_timeout_ms;
	member->rebalance_ms = request->header.version >= 1 ?
	    message->rebalance_timeout_ms : message->session_timeout_ms;
	set_text(&member->roster->protocol_type, message->protocol_type);
	roster_count_memory(member);
}

/* The client has gone while it waited: it may come back until its session
 * ends. */
static void
cancel_join(struct request *request)
{
	struct roster_member *member = request->state;

	member->join = NULL;
	request_answer(request);
}

static void
wait_for_others(struct roster_member *member, struct request *request)
{
	if (member->join != NULL) {
		struct request *older = member->join;

		member->join = NULL;
		refuse(older, ERROR_REBALANCE_IN_PROGRESS,
		    request_copy(older, member->id));
	}
	member->join = request;
	member->has_joined = true;
	request->state = member;
	request->cancel = cancel_join;
	roster_touch(member);
}

static void
join_and_rebalance(struct roster_member *member, struct request *request)
{
	struct roster *roster = member->roster;

	update(member, request);
	wait_for_others(member, request);
	if (roster->state == ROSTER_PREPARING)
		roster_try_complete(roster);
	else
		roster_rebalance(roster);
}

/* "client-" and a random UUID. */
static void
make_id(struct slice client, struct buf *id)
{
	unsigned char random[16];
	char text[33];

	random_bytes(random, sizeof random);
	hex_encode(random, sizeof random, text);
	buf_append_slice(id, client);
	buf_printf(id, "-%.8s-%.4s-%.4s-%.4s-%s", text, text + 8, text + 12,
	    text + 16, text + 20);
}

/* KIP-394: a client that never comes back must not cause a rebalance. */
static void
hand_out_id(struct roster *roster, struct request *request, const char *id)
{
	const struct join_group_request *message = request->message;

	roster_hand_out(roster, id, message->session_timeout_ms);
	refuse(request, ERROR_MEMBER_ID_REQUIRED, request_copy(request, id));
}

/* A static member that restarted: if nothing else changed, its generation goes
 * on, and it is told the old leader's id so that it does not take itself for
 * the leader (or, since version 9, that nothing is to be assigned). */
static void
come_back(struct roster_member *member, struct request *request,
    struct slice id)
{
	const struct join_group_request *message = request->message;
	struct join_group_response *answer = request->answer;
	struct roster *roster = member->roster;
	bool is_leader = member == roster->leader;
	struct slice old = request_copy(request, member->id);

	roster_rename(member, id);
	if (roster->state != ROSTER_STABLE ||
	    !is_roster_member_same(member, message)) {
		join_and_rebalance(member, request);
		return;
	}
	update(member, request);
	roster_store(roster, NULL);
	if (!is_leader || request->header.version >= 9) {
		answer->skip_assignment = is_leader;
		roster_answer_join(member, request);
		return;
	}
	answer->generation_id = roster->generation;
	answer->protocol_type = request_copy(request, roster->protocol_type);
	answer->protocol_name = request_copy(request, roster->protocol);
	answer->leader = old;
	answer->member_id = request_copy(request, member->id);
	roster_touch(member);
	request_answer(request);
}

static bool
is_full(const struct roster *roster)
{
	return roster->member_count + roster->pending_count >= MEMBERS_MAX;
}

static void
join_new(struct roster *roster, struct request *request)
{
	const struct join_group_request *message = request->message;
	struct slice instance = message->group_instance_id;
	struct roster_member *member = instance.data == NULL ? NULL :
	    roster_static_member(roster, instance);
	struct buf id = {0};

	make_id(instance.data != NULL ? instance : request->header.client_id,
	    &id);
	if (!is_roster_consistent(roster, member, message))
		refuse(request, ERROR_INCONSISTENT_GROUP_PROTOCOL,
		    slice_of(""));
	else if (member == NULL && is_full(roster))
		refuse(request, ERROR_GROUP_MAX_SIZE_REACHED, slice_of(""));
	else if (member != NULL)
		come_back(member, request, buf_slice(&id));
	else if (instance.data == NULL && request->header.version >= 4)
		hand_out_id(roster, request, buf_text(&id));
	else
		join_and_rebalance(roster_add(roster, buf_slice(&id),
		    instance), request);
	buf_release(&id);
	rosters_forget_unused(roster);
}

/* A member that is known joins again. */
static void
join_again(struct roster_member *member, struct request *request)
{
	const struct join_group_request *message = request->message;
	const struct roster *roster = member->roster;
	bool is_unchanging = is_roster_member_unchanged(member,
	    &message->protocols);

	if (!is_roster_consistent(roster, member, message))
		refuse(request, ERROR_INCONSISTENT_GROUP_PROTOCOL,
		    message->member_id);
	else if ((roster->state == ROSTER_COMPLETING && is_unchanging) ||
	    (roster->state == ROSTER_STABLE && is_unchanging &&
	    member != roster->leader))
		roster_answer_join(member, request);
	else
		join_and_rebalance(member, request);
}

/* A member that used the id that it was given. */
static void
join_pending(struct roster *roster, struct request *request)
{
	const struct join_group_request *message = request->message;

	if (is_roster_consistent(roster, NULL, message)) {
		roster_take_pending(roster, message->member_id);
		join_and_rebalance(roster_add(roster, message->member_id,
		    message->group_instance_id), request);
		return;
	}
	refuse(request, ERROR_INCONSISTENT_GROUP_PROTOCOL, message->member_id);
	roster_drop_pending(roster, message->member_id);
}

static void
join_known(struct roster *roster, struct request *request)
{
	const struct join_group_request *message = request->message;
	struct roster_member *member;
	enum error_code code = roster == NULL ? ERROR_UNKNOWN_MEMBER_ID :
	    roster_identify(roster, message->member_id,
	    message->group_instance_id, &member);

	if (code == ERROR_NONE)
		join_again(member, request);
	else if (code == ERROR_UNKNOWN_MEMBER_ID && roster != NULL &&
	    is_roster_pending(roster, message->member_id))
		join_pending(roster, request);
	else
		refuse(request, code, message->member_id);
}

static void
join(struct request *request)
{
	const struct join_group_request *message = request->message;
	bool is_new = message->member_id.size == 0;
	struct roster *roster;

	if (share_group_find(request->server, message->group_id) != NULL) {
		refuse(request, ERROR_INCONSISTENT_GROUP_PROTOCOL,
		    slice_of(""));
		return;
	}
	roster = rosters_find(request->server->rosters, message->group_id,
	    is_new);
	if (!is_new)
		join_known(roster, request);
	else if (roster == NULL)
		refuse(request, ERROR_COORDINATOR_NOT_AVAILABLE, slice_of(""));
	else
		join_new(roster, request);
}

/* The first member of a group: is it free? */
struct join_check {
	struct task task;
	struct request *request;
	int failed;
	char why[256];
};

static void
begin_check(struct task *task, struct storage *storage)
{
	struct join_check *check = (struct join_check *)task;
	const struct join_group_request *message = check->request->message;
	struct roster_book *book;
	char *group = NULL;

	set_text(&group, message->group_id);
	check->failed = storage_book(storage, &book);
	if (check->failed == 0)
		check->failed = roster_book_check(book, group);
	if (check->failed < 0)
		snprintf(check->why, sizeof check->why, "%s", fail_message());
	free(group);
}

/* That a group is shared is for its users to mend; whatever else may pass. */
static void
end_check(struct task *task)
{
	struct join_check *check = (struct join_check *)task;
	struct request *request = check->request;
	const struct join_group_request *message = request->message;

	if (check->failed < 0)
		server_say(request->server, "%s", check->why);
	if (request->connection == NULL)
		request_answer(request);
	else if (check->failed == -FAIL_USAGE)
		refuse(request, ERROR_INCONSISTENT_GROUP_PROTOCOL,
		    message->member_id);
	else if (check->failed < 0)
		refuse(request, ERROR_COORDINATOR_NOT_AVAILABLE,
		    message->member_id);
	else
		join(request);
	free(check);
}

/* A member is about to come into a group that has none, as far as we know. */
static bool
needs_check(const struct request *request)
{
	const struct join_group_request *message = request->message;
	const struct roster *roster = rosters_find(request->server->rosters,
	    message->group_id, false);

	if (roster != NULL && roster->members != NULL)
		return false;
	return message->member_id.size == 0 || (roster != NULL &&
	    is_roster_pending(roster, message->member_id));
}

static void
join_checked(struct request *request)
{
	struct join_check *check;

	if (!needs_check(request)) {
		join(request);
		return;
	}
	check = memory_alloc(sizeof *check);
	check->request = request;
	check->task.begin = begin_check;
	check->task.done = end_check;
	tasks_add(request->server->index, &check->task);
}

/* Names that others are told in older versions, which have 15 bits for them. */
static bool
is_too_long(const struct request *request)
{
	const struct join_group_request *message = request->message;
	const struct join_group_request_protocol *items =
	    message->protocols.items;
	bool is_long = message->group_id.size > NAME_MAX_BYTES ||
	    message->member_id.size > NAME_MAX_BYTES ||
	    message->group_instance_id.size > NAME_MAX_BYTES ||
	    message->protocol_type.size > NAME_MAX_BYTES ||
	    request->header.client_id.size > NAME_MAX_BYTES;

	for (int32_t i = 0; i < message->protocols.count; i++)
		is_long = is_long || items[i].name.size > NAME_MAX_BYTES;
	return is_long || message->protocols.count > PROTOCOLS_MAX;
}

void
handle_join_group(struct request *request)
{
	const struct join_group_request *message = request->message;

	if (message->group_id.size == 0)
		refuse(request, ERROR_INVALID_GROUP_ID, slice_of(""));
	else if (message->session_timeout_ms < SESSION_MIN_MS ||
	    message->session_timeout_ms > SESSION_MAX_MS)
		refuse(request, ERROR_INVALID_SESSION_TIMEOUT,
		    message->member_id);
	else if (!is_rosters_loaded(request->server->rosters))
		refuse(request, ERROR_COORDINATOR_LOAD_IN_PROGRESS,
		    message->member_id);
	else if (is_rosters_full(request->server->rosters) ||
	    is_too_long(request))
		refuse(request, ERROR_GROUP_MAX_SIZE_REACHED,
		    message->member_id);
	else
		join_checked(request);
}
