/* ShareGroupHeartbeat: who is in a share group. */
#include "server/handlers.h"

#include "base/clock.h"
#include "kafka/share.h"
#include "server/roster.h"
#include "server/share.h"
#include "server/share_groups.h"

#include <stdlib.h>
#include <string.h>

enum {
	REFRESH_MS = 1000, /* so old settings may be */
	MEMBERS_MAX = 200, /* Kafka's group.share.max.size */
	TOPICS_MAX = 1000,
	ID_MAX = 36,
	ID_MAX_BYTES = 1024,
};

struct share_group *
share_group_find(struct server *server, struct slice id)
{
	struct share_group *group = server->share_groups;

	while (group != NULL && !slice_equal(id, slice_of(group->id)))
		group = group->next;
	return group;
}

static struct share_group *
make_group(struct server *server, struct slice id)
{
	struct share_group *group;

	group = memory_alloc(sizeof *group);
	group->server = server;
	group->settings = GROUP_SETTINGS_NONE;
	group->id = slice_copy(id);
	group->next = server->share_groups;
	server->share_groups = group;
	return group;
}

static struct share_member *
find_member(const struct share_group *group, struct slice id)
{
	struct share_member *member = group->members;

	while (member != NULL && !slice_equal(id, slice_of(member->id)))
		member = member->next;
	return member;
}

/* Nobody is in it: what it leased is in the index, not here. */
static void
forget_group(struct share_group *group)
{
	struct share_group **place = &group->server->share_groups;

	while (*place != group)
		place = &(*place)->next;
	*place = group->next;
	free(group->id);
	free(group);
}

static void
count_memory(struct share_member *member, size_t now)
{
	rosters_count_memory(member->group->server->rosters, member->memory,
	    now);
	member->memory = now;
}

static void
forget_topics(struct share_member *member)
{
	for (int32_t i = 0; i < member->topic_count; i++)
		free(member->topics[i]);
	free(member->topics);
	member->topics = NULL;
	member->topic_count = 0;
}

/* What it holds is free for others. */
static void
remove_member(struct share_member *member)
{
	struct share_group *group = member->group;
	struct share_member **place = &group->members;

	while (*place != member)
		place = &(*place)->next;
	*place = member->next;
	group->count--;
	group->epoch++;
	forget_topics(member);
	count_memory(member, 0);
	event_free(member->timer);
	free(member->id);
	free(member->rack);
	free(member->client_id);
	free(member->client_host);
	free(member);
	if (group->count == 0)
		forget_group(group);
}

static void
on_silence(evutil_socket_t fd, short what, void *argument)
{
	struct share_member *member = argument;

	(void)fd;
	(void)what;
	server_say(member->group->server, "group %s: member %s is silent, and "
	    "out", member->group->id, member->id);
	share_sessions_leave(member->group->server, member->group->id,
	    member->id);
	remove_member(member);
}

static struct share_member *
add_member(struct share_group *group, struct request *request)
{
	const struct share_heartbeat_request *message = request->message;
	struct share_member *member = memory_alloc(sizeof *member);

	member->group = group;
	member->id = slice_copy(message->member_id);
	member->client_id = slice_copy(request->header.client_id);
	member->client_host = slice_copy(request_client_host(request));
	member->timer = evtimer_new(group->server->base, on_silence, member);
	member->next = group->members;
	group->members = member;
	group->count++;
	group->epoch++;
	return member;
}

static void
subscribe(struct share_member *member,
    const struct share_heartbeat_request *message)
{
	const struct slice *names = message->subscribed_topic_names.items;
	int32_t count = message->subscribed_topic_names.count;
	size_t bytes = sizeof *member;

	if (message->rack_id.data != NULL) {
		free(member->rack);
		member->rack = slice_copy(message->rack_id);
	}
	if (count < 0)
		return;
	forget_topics(member);
	member->topics = memory_alloc(((size_t)count + 1) *
	    sizeof *member->topics);
	member->topic_count = count;
	for (int32_t i = 0; i < count; i++) {
		member->topics[i] = slice_copy(names[i]);
		bytes += sizeof names[i] + names[i].size;
	}
	count_memory(member, bytes);
}

void
share_member_partitions(struct request *request,
    const struct share_member *member, struct list *list)
{
	struct share_heartbeat_response_assigned *assigned = request_new_list(
	    request, &share_heartbeat_response_assigned_schema, list,
	    member->topic_count);
	int32_t count = 0;

	for (int32_t i = 0; i < member->topic_count; i++) {
		struct topic *topic;
		int32_t *numbers, partitions;

		if (storage_topic(request->server->storage,
		    slice_of(member->topics[i]), &topic) != 0)
			continue;
		memcpy(assigned[count].topic_id, topic_id(topic), 16);
		partitions = topic_partition_count(topic);
		numbers = request_new_list(request, &schema_int32,
		    &assigned[count].partitions, partitions);
		for (int32_t k = 0; k < partitions; k++)
			numbers[k] = k;
		count++;
	}
	list->count = count;
}

static uint64_t
hash_of(const struct list *list)
{
	const struct share_heartbeat_response_assigned *assigned = list->items;
	uint64_t hash = 1;

	for (int32_t i = 0; i < list->count; i++) {
		for (int k = 0; k < 16; k++)
			hash = hash * 31 + assigned[i].topic_id[k];
		hash = hash * 31 + (uint64_t)assigned[i].partitions.count;
	}
	return hash;
}

/* Told when it is new to the member. */
static void
assign(struct request *request, struct share_member *member, bool is_new)
{
	struct share_heartbeat_response *answer = request->answer;
	struct share_heartbeat_response_assignment *assignment;
	uint64_t hash;

	request->arena.limit = SIZE_MAX;
	assignment = arena_take(&request->arena, 1, sizeof *assignment);
	share_member_partitions(request, member, &assignment->topic_partitions);
	hash = hash_of(&assignment->topic_partitions);
	if (!is_new && hash == member->told)
		return;
	member->told = hash;
	member->epoch = ++member->group->epoch;
	answer->assignment = assignment;
}

static void
refuse(struct request *request, enum error_code code)
{
	struct share_heartbeat_response *answer = request->answer;

	answer->error_code = (int16_t)code;
	request_answer(request);
}

static void
beat(struct request *request, struct share_member *member, bool is_new)
{
	const struct share_heartbeat_request *message = request->message;
	struct share_heartbeat_response *answer = request->answer;
	const struct group_settings *settings = &member->group->settings;
	int64_t session_ms = group_session_ms(settings);
	struct timeval time = {session_ms / 1000, session_ms % 1000 * 1000};

	subscribe(member, message);
	assign(request, member, is_new);
	event_add(member->timer, &time);
	answer->member_id = message->member_id;
	answer->member_epoch = member->epoch;
	answer->heartbeat_interval_ms = (int32_t)group_beat_ms(settings);
	if (message->asks_tags)
		answer->tags = SHARE_TAGS_SPOKEN;
	request_answer(request);
}

static void
take_settings(struct share_group *group, const struct group_settings *settings)
{
	if (settings == NULL)
		return;
	group->settings = *settings;
	group->read_ms = clock_boot_ms();
}

static void
join(struct request *request, const struct group_settings *settings)
{
	const struct share_heartbeat_request *message = request->message;
	struct share_group *group = share_group_find(request->server,
	    message->group_id);
	struct share_member *member = group == NULL ? NULL :
	    find_member(group, message->member_id);

	if (member == NULL && ((group != NULL && group->count >= MEMBERS_MAX) ||
	    is_rosters_full(request->server->rosters))) {
		refuse(request, ERROR_GROUP_MAX_SIZE_REACHED);
		return;
	}
	if (group == NULL)
		group = make_group(request->server, message->group_id);
	take_settings(group, settings);
	if (member == NULL)
		member = add_member(group, request);
	beat(request, member, true);
}

static void
leave(struct request *request, struct share_member *member)
{
	const struct share_heartbeat_request *message = request->message;
	struct share_heartbeat_response *answer = request->answer;

	answer->member_id = message->member_id;
	answer->member_epoch = -1;
	remove_member(member);
	request_answer(request);
}

/* Settings that are not NULL were just read. */
static void
act(struct request *request, const struct group_settings *settings)
{
	const struct share_heartbeat_request *message = request->message;
	struct share_group *group = share_group_find(request->server,
	    message->group_id);
	struct share_member *member = group == NULL ? NULL :
	    find_member(group, message->member_id);

	if (message->member_epoch == 0) {
		join(request, settings);
	} else if (group == NULL) {
		refuse(request, ERROR_GROUP_ID_NOT_FOUND);
	} else if (member == NULL) {
		refuse(request, ERROR_UNKNOWN_MEMBER_ID);
	} else if (message->member_epoch == -1) {
		leave(request, member);
	} else if (message->member_epoch > member->epoch) {
		refuse(request, ERROR_FENCED_MEMBER_EPOCH);
	} else {
		take_settings(group, settings);
		beat(request, member, message->member_epoch != member->epoch);
	}
}

/* Our tools say with each fetch what order they want, which an idle group
 * takes on. */
static void
act_checked(struct request *request, enum error_code code,
    const struct group_settings *settings)
{
	const struct share_heartbeat_request *message = request->message;
	struct share_heartbeat_response *answer = request->answer;

	if (code == ERROR_NONE || message->asks_tags ||
	    message->member_epoch != 0 || share_group_find(request->server,
	    message->group_id) != NULL) {
		act(request, code == ERROR_COORDINATOR_NOT_AVAILABLE ? NULL :
		    settings);
		return;
	}
	if (code == ERROR_GROUP_ID_NOT_FOUND)
		answer->error_message = slice_of("the group is no share group: "
		    "its members own partitions");
	refuse(request, code);
}

void
handle_share_heartbeat(struct request *request)
{
	const struct share_heartbeat_request *message = request->message;
	const struct share_group *group = share_group_find(request->server,
	    message->group_id);

	if (message->group_id.size == 0 || message->member_id.size == 0 ||
	    message->member_id.size > ID_MAX || message->member_epoch < -1 ||
	    message->group_id.size > ID_MAX_BYTES ||
	    message->rack_id.size > ID_MAX_BYTES ||
	    request->header.client_id.size > ID_MAX_BYTES ||
	    message->subscribed_topic_names.count > TOPICS_MAX)
		refuse(request, ERROR_INVALID_REQUEST);
	else if (message->member_epoch >= 0 && (group == NULL ||
	    clock_boot_ms() >= group->read_ms + REFRESH_MS))
		share_name_check(request, act_checked);
	else
		act(request, NULL);
}

void
share_groups_close(struct server *server)
{
	while (server->share_groups != NULL) {
		struct share_group *group = server->share_groups;

		/* The group goes with the last. */
		while (server->share_groups == group)
			remove_member(group->members);
	}
}
