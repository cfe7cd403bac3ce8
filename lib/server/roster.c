/* Members and rebalances of one consumer group. */
#include "server/roster.h"

#include "kafka/membership.h"
#include "server/roster_protocol.h"

#include <stdlib.h>
#include <string.h>

enum {
	FIRST_DELAY_MS = 100, /* an empty group waits so long for more members */
};

static bool
is_text(struct slice slice, const char *text)
{
	return text != NULL && slice_equal(slice, slice_of(text));
}

struct roster_member *
roster_member(const struct roster *roster, struct slice id)
{
	struct roster_member *member = roster->members;

	while (member != NULL && !is_text(id, member->id))
		member = member->next;
	return member;
}

struct roster_member *
roster_static_member(const struct roster *roster, struct slice instance)
{
	struct roster_member *member = roster->members;

	while (member != NULL && !is_text(instance, member->instance))
		member = member->next;
	return member;
}

enum error_code
roster_identify(const struct roster *roster, struct slice id,
    struct slice instance, struct roster_member **member)
{
	const struct roster_member *namesake = instance.data == NULL ? NULL :
	    roster_static_member(roster, instance);

	*member = roster_member(roster, id);
	if (namesake != NULL && namesake != *member)
		return ERROR_FENCED_INSTANCE_ID;
	return *member == NULL ? ERROR_UNKNOWN_MEMBER_ID : ERROR_NONE;
}

static void
set_timer(struct event *timer, int64_t ms)
{
	struct timeval time = {ms / 1000, ms % 1000 * 1000};

	if (timer != NULL)
		event_add(timer, &time);
}

static void
on_session_end(evutil_socket_t fd, short what, void *argument)
{
	struct roster_member *member = argument;

	(void)fd;
	(void)what;
	/* It waits for our answer: nobody expects it to say anything. */
	if (member->join != NULL || member->sync != NULL) {
		roster_touch(member);
		return;
	}
	server_say(rosters_server(member->roster->rosters),
	    "group %s: member %s is silent, and out", member->roster->id,
	    member->id);
	roster_remove(member, ERROR_UNKNOWN_MEMBER_ID);
}

void
roster_touch(struct roster_member *member)
{
	set_timer(member->session, member->session_ms);
}

struct roster_member *
roster_add(struct roster *roster, struct slice id, struct slice instance)
{
	struct roster_member *member = memory_alloc(sizeof *member);
	struct roster_member **place = &roster->members;

	member->roster = roster;
	member->id = slice_copy(id);
	if (instance.data != NULL)
		member->instance = slice_copy(instance);
	member->session = evtimer_new(rosters_server(roster->rosters)->base,
	    on_session_end, member);
	while (*place != NULL)
		place = &(*place)->next;
	*place = member;
	roster->member_count++;
	return member;
}

static void
answer_join_error(struct roster_member *member, enum error_code code)
{
	struct request *request = member->join;
	struct join_group_response *answer;

	if (request == NULL)
		return;
	member->join = NULL;
	answer = request->answer;
	answer->error_code = (int16_t)code;
	answer->member_id = request_copy(request, member->id);
	request_answer(request);
}

static void
end_sync(struct roster_member *member, enum error_code code)
{
	struct request *request = member->sync;

	if (request == NULL)
		return;
	member->sync = NULL;
	roster_answer_sync(member, request, code);
}

void
roster_end_waits(struct roster_member *member, enum error_code code)
{
	answer_join_error(member, code);
	end_sync(member, code);
}

void
roster_count_memory(struct roster_member *member)
{
	size_t now = sizeof *member + member->assignment.size;

	for (int32_t i = 0; i < member->protocol_count; i++)
		now += sizeof member->protocols[i] +
		    strlen(member->protocols[i].name) +
		    member->protocols[i].metadata.size;
	rosters_count_memory(member->roster->rosters, member->memory, now);
	member->memory = now;
}

static void
free_member(struct roster_member *member)
{
	roster_forget_protocols(member);
	rosters_count_memory(member->roster->rosters, member->memory, 0);
	buf_release(&member->assignment);
	if (member->session != NULL)
		event_free(member->session);
	free(member->id);
	free(member->instance);
	free(member->client_id);
	free(member->client_host);
	free(member);
}

static void
unlink_member(struct roster_member *member)
{
	struct roster *roster = member->roster;
	struct roster_member **place = &roster->members;

	while (*place != member)
		place = &(*place)->next;
	*place = member->next;
	roster->member_count--;
	if (roster->leader == member)
		roster->leader = NULL;
}

void
roster_remove(struct roster_member *member, enum error_code code)
{
	struct roster *roster = member->roster;

	unlink_member(member);
	roster_end_waits(member, code);
	free_member(member);
	if (roster->state == ROSTER_PREPARING)
		roster_try_complete(roster);
	else if (roster->state != ROSTER_EMPTY)
		roster_rebalance(roster);
}

void
roster_rename(struct roster_member *member, struct slice id)
{
	roster_end_waits(member, ERROR_FENCED_INSTANCE_ID);
	free(member->id);
	member->id = slice_copy(id);
}

static int64_t
longest_rebalance(const struct roster *roster)
{
	int64_t longest = 0;

	for (const struct roster_member *member = roster->members;
	    member != NULL; member = member->next)
		if (member->rebalance_ms > longest)
			longest = member->rebalance_ms;
	return longest;
}

/* Static members keep their places while they restart. */
static void
drop_who_did_not_join(struct roster *roster)
{
	struct roster_member *next;

	for (struct roster_member *member = roster->members; member != NULL;
	    member = next) {
		next = member->next;
		if (member->has_joined || member->instance != NULL)
			continue;
		unlink_member(member);
		free_member(member);
	}
}

static void
become_empty(struct roster *roster)
{
	roster->state = ROSTER_EMPTY;
	roster->leader = NULL;
	free(roster->protocol);
	roster->protocol = NULL;
	event_del(roster->timer);
	roster_store(roster, NULL);
}

/* The leader stays while it is there; it must have joined, as nobody else is
 * told who is in the group. */
static bool
elect(struct roster *roster)
{
	struct roster_member *member = roster->members;

	if (roster->leader != NULL && roster->leader->has_joined)
		return true;
	while (member != NULL && !member->has_joined)
		member = member->next;
	if (member != NULL)
		roster->leader = member;
	return member != NULL;
}

static void
answer_joins(struct roster *roster)
{
	for (struct roster_member *member = roster->members; member != NULL;
	    member = member->next) {
		struct request *request = member->join;

		member->join = NULL;
		member->has_joined = false;
		if (request != NULL)
			roster_answer_join(member, request);
		else
			roster_touch(member);
	}
}

static void
complete(struct roster *roster)
{
	const char *protocol;

	roster->is_delayed = false;
	drop_who_did_not_join(roster);
	/* Static members that are away: until one is back, or all are out. */
	if (roster->members != NULL && !elect(roster)) {
		set_timer(roster->timer, longest_rebalance(roster));
		return;
	}
	roster->generation =
	    roster->generation == INT32_MAX ? 1 : roster->generation + 1;
	if (roster->members == NULL) {
		become_empty(roster);
		return;
	}
	protocol = roster_choose_protocol(roster);
	free(roster->protocol);
	roster->protocol = memory_copy_text(protocol == NULL ? "" : protocol);
	roster->state = ROSTER_COMPLETING;
	set_timer(roster->timer, longest_rebalance(roster));
	answer_joins(roster);
}

void
roster_try_complete(struct roster *roster)
{
	if (roster->members != NULL &&
	    (roster->is_delayed || roster->pending != NULL))
		return;
	for (const struct roster_member *member = roster->members;
	    member != NULL; member = member->next)
		if (!member->has_joined)
			return;
	complete(roster);
}

void
roster_rebalance(struct roster *roster)
{
	bool was_empty = roster->state == ROSTER_EMPTY;

	for (struct roster_member *member = roster->members; member != NULL;
	    member = member->next)
		end_sync(member, ERROR_REBALANCE_IN_PROGRESS);
	roster->state = ROSTER_PREPARING;
	roster->is_delayed = was_empty;
	roster->delayed_ms = 0;
	roster->delayed_count = roster->member_count;
	set_timer(roster->timer,
	    was_empty ? FIRST_DELAY_MS : longest_rebalance(roster));
	roster_try_complete(roster);
}

static void
drop_who_did_not_sync(struct roster *roster)
{
	struct roster_member *next;

	for (struct roster_member *member = roster->members; member != NULL;
	    member = next) {
		next = member->next;
		if (member->sync != NULL)
			continue;
		unlink_member(member);
		free_member(member);
	}
}

/* More members came during the first wait: perhaps there are others. */
static bool
is_growing(struct roster *roster)
{
	bool is_more = roster->is_delayed &&
	    roster->member_count > roster->delayed_count &&
	    roster->delayed_ms + FIRST_DELAY_MS < longest_rebalance(roster);

	roster->delayed_count = roster->member_count;
	roster->delayed_ms += FIRST_DELAY_MS;
	return is_more;
}

void
roster_expire(struct roster *roster)
{
	if (roster->state == ROSTER_PREPARING && is_growing(roster)) {
		set_timer(roster->timer, FIRST_DELAY_MS);
	} else if (roster->state == ROSTER_PREPARING && roster->is_delayed) {
		roster->is_delayed = false;
		set_timer(roster->timer, longest_rebalance(roster));
		roster_try_complete(roster);
	} else if (roster->state == ROSTER_PREPARING) {
		complete(roster);
	} else if (roster->state == ROSTER_COMPLETING) {
		drop_who_did_not_sync(roster);
		roster_rebalance(roster);
	}
}

void
roster_settle(struct roster *roster)
{
	roster->state = ROSTER_STABLE;
	event_del(roster->timer);
	for (struct roster_member *member = roster->members; member != NULL;
	    member = member->next)
		end_sync(member, ERROR_NONE);
}

void
roster_dissolve(struct roster *roster, enum error_code code)
{
	roster->state = ROSTER_EMPTY;
	while (roster->members != NULL)
		roster_remove(roster->members, code);
	free(roster->protocol);
	roster->protocol = NULL;
	event_del(roster->timer);
}
