/* ShareGroupHeartbeat and ShareGroupDescribe: who is in a share group. */
#include "server/handlers.h"

#include "kafka/share.h"
#include "server/share.h"
#include "server/share_groups.h"

#include <stdlib.h>
#include <string.h>

enum {
	SESSION_MS = 45000, /* Kafka's group.share.session.timeout.ms */
	BEAT_MS = 5000,     /* and group.share.heartbeat.interval.ms */
	MEMBERS_MAX = 200,  /* and group.share.max.size */
	ID_MAX = 36,
};

struct share_member {
	struct share_group *group;
	char *id;
	char *rack;      /* or NULL */
	char *client_id;
	char *client_host;
	int32_t epoch;
	char **topics;   /* subscribed to */
	int32_t topic_count;
	uint64_t told;   /* a hash of the assignment that it was told last */
	struct event *timer;
	struct share_member *next;
};

struct share_group {
	struct server *server;
	char *id;
	int32_t epoch;   /* rises when members or subscriptions change */
	struct share_member *members;
	int32_t count;
	struct share_group *next;
};

static char *
text_of(struct slice slice)
{
	char *text = memory_alloc(slice.size + 1);

	if (slice.size > 0)
		memcpy(text, slice.data, slice.size);
	return text;
}

static struct share_group *
find_group(struct server *server, struct slice id)
{
	struct share_group *group = server->share_groups;

	while (group != NULL && !slice_equal(id, slice_of(group->id)))
		group = group->next;
	return group;
}

static struct share_group *
make_group(struct server *server, struct slice id)
{
	struct share_group *group = find_group(server, id);

	if (group != NULL)
		return group;
	group = memory_alloc(sizeof *group);
	group->server = server;
	group->id = text_of(id);
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
	share_sessions_leave(group->server, group->id, member->id);
	forget_topics(member);
	event_free(member->timer);
	free(member->id);
	free(member->rack);
	free(member->client_id);
	free(member->client_host);
	free(member);
}

static void
on_silence(evutil_socket_t fd, short what, void *argument)
{
	struct share_member *member = argument;

	(void)fd;
	(void)what;
	server_say(member->group->server, "group %s: member %s is silent, and "
	    "out", member->group->id, member->id);
	remove_member(member);
}

static struct share_member *
add_member(struct share_group *group, struct request *request)
{
	const struct share_heartbeat_request *message = request->message;
	struct share_member *member = memory_alloc(sizeof *member);

	member->group = group;
	member->id = text_of(message->member_id);
	member->client_id = text_of(request->header.client_id);
	member->client_host = text_of(request_client_host(request));
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

	if (message->rack_id.data != NULL) {
		free(member->rack);
		member->rack = text_of(message->rack_id);
	}
	if (count < 0)
		return;
	forget_topics(member);
	member->topics = memory_alloc(((size_t)count + 1) *
	    sizeof *member->topics);
	member->topic_count = count;
	for (int32_t i = 0; i < count; i++)
		member->topics[i] = text_of(names[i]);
}

/* Every member gets all partitions: on one node that shares them best. */
static void
list_partitions(struct request *request, const struct share_member *member,
    struct list *list)
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
	list_partitions(request, member, &assignment->topic_partitions);
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
	struct timeval time = {SESSION_MS / 1000, 0};

	subscribe(member, message);
	assign(request, member, is_new);
	event_add(member->timer, &time);
	answer->member_id = message->member_id;
	answer->member_epoch = member->epoch;
	answer->heartbeat_interval_ms = BEAT_MS;
	request_answer(request);
}

static void
join(struct request *request)
{
	const struct share_heartbeat_request *message = request->message;
	struct share_group *group = make_group(request->server,
	    message->group_id);
	struct share_member *member = find_member(group, message->member_id);

	if (member == NULL && group->count >= MEMBERS_MAX) {
		refuse(request, ERROR_GROUP_MAX_SIZE_REACHED);
		return;
	}
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

void
handle_share_heartbeat(struct request *request)
{
	const struct share_heartbeat_request *message = request->message;
	struct share_group *group = find_group(request->server,
	    message->group_id);
	struct share_member *member = group == NULL ? NULL :
	    find_member(group, message->member_id);

	if (message->group_id.size == 0 || message->member_id.size == 0 ||
	    message->member_id.size > ID_MAX || message->member_epoch < -1)
		refuse(request, ERROR_INVALID_REQUEST);
	else if (message->member_epoch == 0)
		join(request);
	else if (group == NULL)
		refuse(request, ERROR_GROUP_ID_NOT_FOUND);
	else if (member == NULL)
		refuse(request, ERROR_UNKNOWN_MEMBER_ID);
	else if (message->member_epoch == -1)
		leave(request, member);
	else if (message->member_epoch > member->epoch)
		refuse(request, ERROR_FENCED_MEMBER_EPOCH);
	else
		beat(request, member, message->member_epoch != member->epoch);
}

static void
describe_member(struct request *request, const struct share_member *member,
    struct share_describe_response_member *answer)
{
	struct share_describe_response_assigned *assigned;
	struct list plain = {NULL, 0};
	const struct share_heartbeat_response_assigned *items;
	struct slice *names = request_new_list(request, &schema_string,
	    &answer->subscribed_topic_names, member->topic_count);

	answer->member_id = request_copy(request, member->id);
	if (member->rack != NULL)
		answer->rack_id = request_copy(request, member->rack);
	answer->member_epoch = member->epoch;
	answer->client_id = request_copy(request, member->client_id);
	answer->client_host = request_copy(request, member->client_host);
	for (int32_t i = 0; i < member->topic_count; i++)
		names[i] = request_copy(request, member->topics[i]);
	list_partitions(request, member, &plain);
	items = plain.items;
	assigned = request_new_list(request,
	    &share_describe_response_assigned_schema,
	    &answer->assignment.topic_partitions, plain.count);
	for (int32_t i = 0; i < plain.count; i++) {
		struct topic *topic;

		memcpy(assigned[i].topic_id, items[i].topic_id, 16);
		assigned[i].partitions = items[i].partitions;
		if (storage_topic_by_id(request->server->storage,
		    items[i].topic_id, &topic) == 0)
			assigned[i].topic_name = request_copy(request,
			    topic_name(topic));
	}
}

static void
describe_group(struct request *request, struct slice id,
    struct share_describe_response_group *answer)
{
	const struct share_group *group = find_group(request->server, id);
	struct share_describe_response_member *members;
	int32_t i = 0;

	answer->group_id = id;
	if (group == NULL) {
		answer->error_code = ERROR_GROUP_ID_NOT_FOUND;
		answer->error_message = slice_of("there is no such group");
		answer->group_state = slice_of("Dead");
		return;
	}
	answer->group_state = slice_of(group->count > 0 ? "Stable" : "Empty");
	answer->group_epoch = group->epoch;
	answer->assignment_epoch = group->epoch;
	answer->assignor_name = slice_of("simple");
	members = request_new_list(request,
	    &share_describe_response_member_schema, &answer->members,
	    group->count);
	for (const struct share_member *member = group->members;
	    member != NULL; member = member->next)
		describe_member(request, member, &members[i++]);
}

void
handle_share_describe(struct request *request)
{
	const struct share_describe_request *message = request->message;
	struct share_describe_response *answer = request->answer;
	const struct slice *ids = message->group_ids.items;
	struct share_describe_response_group *groups = request_new_list(
	    request, &share_describe_response_group_schema, &answer->groups,
	    message->group_ids.count);

	for (int32_t i = 0; i < message->group_ids.count; i++)
		describe_group(request, ids[i], &groups[i]);
	request_answer(request);
}

void
share_groups_close(struct server *server)
{
	while (server->share_groups != NULL) {
		struct share_group *group = server->share_groups;

		server->share_groups = group->next;
		while (group->members != NULL)
			remove_member(group->members);
		free(group->id);
		free(group);
	}
}
