/* Learning of brokers' groups: which there are, and who is in them. */
#include "queue/keeper_remote.h"

#include "kafka/error.h"
#include "kafka/groups.h"
#include "kafka/share.h"

#include <stdlib.h>
#include <string.h>

static bool
is_text(struct slice slice, const char *text)
{
	return slice_equal(slice, slice_of(text));
}

/* Before version 5 of the answer groups have no type. */
static void
add_group(struct keeper_remote *remote,
    const struct list_groups_response_group *told)
{
	struct remote_group group = {
	    .name = keeper_remote_text(remote, told->group_id),
	    .is_shared = is_text(told->group_type, "Share") ||
		is_text(told->group_type, "share") ||
		is_text(told->protocol_type, "share"),
	    .is_new = is_text(told->group_type, "Consumer") ||
		is_text(told->group_type, "consumer"),
	    .is_active = told->group_state.size > 0 &&
		!is_text(told->group_state, "Empty") &&
		!is_text(told->group_state, "Dead"),
	};

	if (keeper_remote_group(remote, group.name) == NULL)
		buf_append(&remote->groups, &group, sizeof group);
}

/* A code of the protocol, or a failure. */
static int
list_once(struct keeper_remote *remote, struct client *client)
{
	struct arena arena = arena_limited(KEEPER_RESPONSE_BYTES);
	struct list_groups_request message;
	struct list_groups_response response;
	const struct list_groups_response_group *groups;
	int result;

	schema_preset(&list_groups_request_schema, &message);
	result = client_call(client, &api_list_groups, &message, &arena,
	    &response, BROKERS_PATIENCE_MS);
	if (result == 0)
		result = response.error_code;
	groups = result == 0 ? response.groups.items : NULL;
	for (int32_t i = 0; result == 0 && i < response.groups.count; i++)
		add_group(remote, &groups[i]);
	arena_release(&arena);
	return result;
}

/* A coordinator that has just begun reads what it knows first. */
static int
list_of_broker(struct client *client, void *context)
{
	struct brokers_retry retry = {0};
	int result;

	do
		result = list_once(context, client);
	while (brokers_retry(&retry, result));
	return result <= 0 ? result :
	    brokers_error(result, (struct slice){0}, "groups");
}

static void
add_member(struct keeper_remote *remote, struct remote_group *group,
    struct slice id, struct slice client, struct slice host)
{
	struct remote_member *member = arena_take(&remote->arena, 1,
	    sizeof *member);
	struct remote_member **last = &group->members;

	member->id = keeper_remote_text(remote, id);
	member->client = keeper_remote_text(remote, client);
	member->host = keeper_remote_text(remote, host);
	while (*last != NULL)
		last = &(*last)->next;
	*last = member;
	group->member_count++;
}

/* A group that is being learned of. */
struct lesson {
	struct keeper_remote *remote;
	struct remote_group *group;
};

static int
describe_classic(struct client *client, void *context)
{
	const struct lesson *lesson = context;
	struct remote_group *group = lesson->group;
	struct arena arena = arena_limited(KEEPER_RESPONSE_BYTES);
	struct describe_groups_request message;
	struct describe_groups_response response;
	const struct describe_groups_response_group *told;
	const struct describe_groups_response_member *members;
	struct slice name = slice_of(group->name);
	int failed;

	schema_preset(&describe_groups_request_schema, &message);
	message.groups = (struct list){&name, 1};
	failed = client_call(client, &api_describe_groups, &message, &arena,
	    &response, BROKERS_PATIENCE_MS);
	told = failed == 0 && response.groups.count == 1 ?
	    response.groups.items : NULL;
	if (told != NULL)
		failed = brokers_judge(told->error_code, (struct slice){0},
		    group->name);
	if (failed == 0 && told != NULL) {
		members = told->members.items;
		group->is_active = !is_text(told->group_state, "Empty") &&
		    !is_text(told->group_state, "Dead");
		for (int32_t i = 0; i < told->members.count; i++)
			add_member(lesson->remote, group, members[i].member_id,
			    members[i].client_id, members[i].client_host);
	}
	arena_release(&arena);
	return failed;
}

/* A group that nobody is in need not be known to the coordinator. */
static int
describe_shared(struct client *client, void *context)
{
	const struct lesson *lesson = context;
	struct remote_group *group = lesson->group;
	struct arena arena = arena_limited(KEEPER_RESPONSE_BYTES);
	struct share_describe_request message;
	struct share_describe_response response;
	const struct share_describe_response_group *told;
	const struct share_describe_response_member *members;
	struct slice name = slice_of(group->name);
	int failed;

	schema_preset(&share_describe_request_schema, &message);
	message.group_ids = (struct list){&name, 1};
	failed = client_call(client, &api_share_describe, &message, &arena,
	    &response, BROKERS_PATIENCE_MS);
	told = failed == 0 && response.groups.count == 1 ?
	    response.groups.items : NULL;
	if (told != NULL && told->error_code != ERROR_GROUP_ID_NOT_FOUND)
		failed = brokers_judge(told->error_code, told->error_message,
		    group->name);
	if (failed == 0 && told != NULL && told->error_code == 0) {
		members = told->members.items;
		for (int32_t i = 0; i < told->members.count; i++)
			add_member(lesson->remote, group, members[i].member_id,
			    members[i].client_id, members[i].client_host);
	}
	arena_release(&arena);
	return failed;
}

static int
learn_group(struct keeper_remote *remote, struct remote_group *group)
{
	struct lesson lesson = {remote, group};
	int failed = 0;

	if (group->is_shared || !group->is_new)
		failed = brokers_ask_group(remote->brokers, group->name,
		    group->is_shared ? describe_shared : describe_classic,
		    &lesson);
	if (group->is_active && group->member_count == 0)
		group->member_count = -1;
	return failed < 0 ? failed : keeper_remote_places(remote, group);
}

static int
compare_groups(const void *a, const void *b)
{
	return strcmp(((const struct remote_group *)a)->name,
	    ((const struct remote_group *)b)->name);
}

int
keeper_remote_learn(struct keeper_remote *remote)
{
	struct remote_group *groups;
	size_t count;
	int failed;

	if (remote->has_groups)
		return 0;
	failed = brokers_each(remote->brokers, list_of_broker, remote);
	groups = (struct remote_group *)(void *)remote->groups.data;
	count = remote->groups.size / sizeof *groups;
	if (count > 0)
		qsort(groups, count, sizeof *groups, compare_groups);
	for (size_t i = 0; failed == 0 && i < count; i++)
		failed = learn_group(remote, &groups[i]);
	remote->has_groups = failed == 0;
	return failed;
}
