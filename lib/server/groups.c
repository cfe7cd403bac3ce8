/* ListGroups, DeleteGroups. */
#include "server/handlers.h"

#include "base/fail.h"
#include "kafka/groups.h"
#include "server/errand.h"
#include "server/roster.h"
#include "spool/state.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Groups of the index, each once. */
struct found_group {
	struct slice name;
	enum group_order order;
	int members;     /* processes of the directory */
};

struct listing {
	struct request *request;
	struct buf groups; /* of struct found_group */
};

static int
note_group(const struct group_state *state, void *context)
{
	struct listing *listing = context;
	size_t count = listing->groups.size / sizeof(struct found_group);
	struct found_group *groups =
	    (struct found_group *)(void *)listing->groups.data;
	struct found_group group = {.order = state->order,
	    .members = state->members};

	if (count > 0 && slice_equal(groups[count - 1].name,
	    slice_of(state->group)))
		return 0;
	group.name = request_copy(listing->request, state->group);
	buf_append(&listing->groups, &group, sizeof group);
	return 0;
}

static void
run_list(struct request *request, struct storage *storage)
{
	struct listing *listing = memory_alloc(sizeof *listing);
	struct list_groups_response *answer = request->answer;

	listing->request = request;
	if (state_list(storage_spool(storage), NULL, NULL, note_group,
	    listing) < 0)
		answer->error_code = ERROR_COORDINATOR_NOT_AVAILABLE;
	request->state = listing;
}

/* What answers a ListGroups, as it grows. */
struct group_list {
	struct request *request;
	struct buf groups; /* of struct list_groups_response_group */
};

static bool
passes(const struct list *filter, const char *name)
{
	const struct slice *names = filter->items;

	for (int32_t i = 0; i < filter->count; i++)
		if (names[i].size == strlen(name) &&
		    strncasecmp(names[i].data, name, names[i].size) == 0)
			return true;
	return filter->count <= 0;
}

static void
add_group(struct group_list *list, struct slice name, const char *protocol,
    const char *state, const char *type)
{
	const struct list_groups_request *message = list->request->message;
	struct list_groups_response_group group = {name,
	    request_copy(list->request, protocol), slice_of(state),
	    slice_of(type)};

	if (passes(&message->states_filter, state) &&
	    passes(&message->types_filter, type))
		buf_append(&list->groups, &group, sizeof group);
}

static bool
add_roster(struct roster *roster, void *context)
{
	struct group_list *list = context;

	if (roster->members != NULL)
		add_group(list, request_copy(list->request, roster->id),
		    roster->protocol_type, roster_state_name(roster),
		    "Classic");
	return true;
}

/* One that the index knows, and no member of ours is in. */
static void
add_found(struct group_list *list, const struct found_group *found)
{
	bool is_shared = found->order != ORDER_PARTITION;

	add_group(list, found->name, is_shared ? "share" : "consumer",
	    found->members > 0 ? "Stable" : "Empty",
	    is_shared ? "Share" : "Classic");
}

static void
end_list(struct request *request)
{
	struct listing *listing = request->state;
	struct group_list list = {.request = request};
	struct list_groups_response *answer = request->answer;
	const struct found_group *found =
	    (const struct found_group *)(const void *)listing->groups.data;
	size_t count = listing->groups.size / sizeof *found;

	rosters_each(request->server->rosters, add_roster, &list);
	for (size_t i = 0; i < count; i++) {
		struct roster *roster = rosters_find(request->server->rosters,
		    found[i].name, false);

		if (roster == NULL || roster->members == NULL)
			add_found(&list, &found[i]);
	}
	count = list.groups.size / sizeof(struct list_groups_response_group);
	request_new_list(request, &list_groups_response_group_schema,
	    &answer->groups, (int32_t)count);
	if (count > 0)
		memcpy(answer->groups.items, list.groups.data,
		    list.groups.size);
	buf_release(&list.groups);
	buf_release(&listing->groups);
	free(listing);
}

void
handle_list_groups(struct request *request)
{
	static const struct errand list = {.run = run_list, .end = end_list};
	struct list_groups_response *answer = request->answer;

	if (is_rosters_loaded(request->server->rosters)) {
		errand_send(request, request->server->index, &list);
		return;
	}
	answer->error_code = ERROR_COORDINATOR_LOAD_IN_PROGRESS;
	request_answer(request);
}

static enum error_code
delete_one(struct storage *storage, struct slice name)
{
	char *group = slice_copy(name);
	int failed = state_delete_group(storage_spool(storage), group, NULL,
	    false);

	free(group);
	switch (-failed) {
	case FAIL_MISSING:
		return ERROR_GROUP_ID_NOT_FOUND;
	case FAIL_AGAIN:
		return ERROR_NON_EMPTY_GROUP;
	default:
		return failed < 0 ? ERROR_COORDINATOR_NOT_AVAILABLE :
		    ERROR_NONE;
	}
}

static void
run_delete(struct request *request, struct storage *storage)
{
	struct delete_groups_response *answer = request->answer;
	struct delete_groups_response_result *results = answer->results.items;

	for (int32_t i = 0; i < answer->results.count; i++)
		if (results[i].error_code == 0)
			results[i].error_code = (int16_t)delete_one(storage,
			    results[i].group_id);
}

/* A group that only we know of, as it never committed anything, is gone too. */
static void
end_delete(struct request *request)
{
	struct delete_groups_response *answer = request->answer;
	struct delete_groups_response_result *results = answer->results.items;

	for (int32_t i = 0; i < answer->results.count; i++) {
		struct roster *roster = rosters_find(request->server->rosters,
		    results[i].group_id, false);

		if (roster == NULL || roster->state != ROSTER_EMPTY)
			continue;
		if (results[i].error_code == ERROR_GROUP_ID_NOT_FOUND)
			results[i].error_code = ERROR_NONE;
		if (results[i].error_code == ERROR_NONE)
			rosters_forget(roster);
	}
}

void
handle_delete_groups(struct request *request)
{
	static const struct errand delete = {.run = run_delete,
	    .end = end_delete};
	const struct delete_groups_request *message = request->message;
	struct delete_groups_response *answer = request->answer;
	const struct slice *names = message->groups_names.items;
	struct delete_groups_response_result *results = request_new_list(
	    request, &delete_groups_response_result_schema, &answer->results,
	    message->groups_names.count);

	for (int32_t i = 0; i < message->groups_names.count; i++) {
		const struct roster *roster = rosters_find(
		    request->server->rosters, names[i], false);

		results[i].group_id = names[i];
		if (!is_rosters_loaded(request->server->rosters))
			results[i].error_code =
			    ERROR_COORDINATOR_LOAD_IN_PROGRESS;
		else if (roster != NULL && roster->state != ROSTER_EMPTY)
			results[i].error_code = ERROR_NON_EMPTY_GROUP;
	}
	errand_send(request, request->server->index, &delete);
}
