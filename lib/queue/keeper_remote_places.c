/* Learning where brokers' groups stand. */
#include "queue/keeper_remote.h"

#include "base/fail.h"
#include "kafka/offsets.h"
#include "kafka/share_offsets.h"

#include <stdlib.h>
#include <string.h>

/* What is told is copied before anything else is asked. */
static void
add_place(struct keeper_remote *remote, struct remote_group *group,
    struct slice topic, struct remote_place place)
{
	const struct remote_place *last = group->places.size == 0 ? NULL :
	    (const struct remote_place *)(const void *)(group->places.data +
	    group->places.size) - 1;

	place.topic = last != NULL && slice_equal(slice_of(last->topic), topic)
	    ? last->topic : keeper_remote_text(remote, topic);
	buf_append(&group->places, &place, sizeof place);
}

/* An order of the protocol's kind of group: others are not believed. */
static void
take_counts(struct remote_place *place, const struct group_counts *told,
    bool is_shared)
{
	place->counts = (struct group_counts){-1, -1, -1, -1,
	    is_shared ? ORDER_NONE : ORDER_PARTITION};
	if (told == NULL)
		return;
	place->counts = *told;
	if (!is_shared || told->order != ORDER_KEY)
		place->counts.order = is_shared ? ORDER_NONE :
		    ORDER_PARTITION;
}

/* False if there is no such partition any more. */
static bool
fill_in(struct remote_place *place, const struct remote_log *log)
{
	if (place->partition < 0 || place->partition >= log->topic.partitions)
		return false;
	place->log = log;
	if (place->start < log->starts[place->partition])
		place->start = log->starts[place->partition];
	if (place->lag < 0)
		place->lag = log->ends[place->partition] - place->start;
	if (place->lag < 0)
		place->lag = 0;
	return true;
}

/* Topics that are gone are left out. */
static int
find_logs(struct keeper_remote *remote, struct remote_group *group)
{
	struct remote_place *places =
	    (struct remote_place *)(void *)group->places.data;
	size_t count = group->places.size / sizeof *places, kept = 0;

	for (size_t i = 0; i < count; i++) {
		struct remote_log *log;
		int failed = keeper_remote_log(remote, places[i].topic, &log);

		if (failed < 0 && failed != -FAIL_MISSING)
			return failed;
		if (failed == 0 && fill_in(&places[i], log))
			places[kept++] = places[i];
	}
	group->places.size = kept * sizeof *places;
	return 0;
}

static int
take_topic(struct keeper_remote *remote, struct remote_group *group,
    const struct offset_fetch_response_topic *topic)
{
	const struct offset_fetch_response_partition *parts =
	    topic->partitions.items;

	for (int32_t i = 0; i < topic->partitions.count; i++) {
		struct remote_place place = {.lag = -1};

		if (parts[i].error_code != 0)
			return brokers_judge(parts[i].error_code,
			    (struct slice){0}, group->name);
		if (parts[i].committed_offset < 0)
			continue;
		place.partition = parts[i].partition_index;
		place.start = parts[i].committed_offset;
		if (parts[i].metadata.size > 0)
			place.metadata = keeper_remote_text(remote,
			    parts[i].metadata);
		take_counts(&place, parts[i].counts, false);
		add_place(remote, group, topic->name, place);
	}
	return 0;
}

/* Versions from 8 on answer for several groups. */
static int
take_commits(struct keeper_remote *remote, struct remote_group *group,
    const struct offset_fetch_response *response)
{
	const struct offset_fetch_response_group *answer =
	    response->groups.items;
	const struct list *list = &response->topics;
	const struct offset_fetch_response_topic *topics;
	int code = response->error_code, failed = 0;

	if (response->groups.count > 0) {
		list = &answer->topics;
		code = answer->error_code;
	}
	if (code != 0)
		return brokers_judge(code, (struct slice){0}, group->name);
	topics = list->items;
	for (int32_t i = 0; failed == 0 && i < list->count; i++)
		failed = take_topic(remote, group, &topics[i]);
	return failed;
}

/* A group whose places are asked for. */
struct survey {
	struct keeper_remote *remote;
	struct remote_group *group;
};

static int
learn_commits(struct client *client, void *context)
{
	const struct survey *survey = context;
	struct remote_group *group = survey->group;
	struct arena arena = arena_limited(KEEPER_RESPONSE_BYTES);
	struct offset_fetch_request message;
	struct offset_fetch_request_group asked;
	struct offset_fetch_response response;
	int failed;

	group->places.size = 0;
	schema_preset(&offset_fetch_request_schema, &message);
	schema_preset(&offset_fetch_request_group_schema, &asked);
	message.group_id = asked.group_id = slice_of(group->name);
	message.topics.count = asked.topics.count = -1;
	message.groups = (struct list){&asked, 1};
	message.asks_counts = true;
	failed = client_call(client, &api_offset_fetch, &message, &arena,
	    &response, BROKERS_PATIENCE_MS);
	if (failed == 0)
		failed = take_commits(survey->remote, group, &response);
	arena_release(&arena);
	return failed;
}

static int
take_share_topic(struct keeper_remote *remote, struct remote_group *group,
    const struct describe_share_offsets_response_topic *topic)
{
	const struct describe_share_offsets_response_partition *parts =
	    topic->partitions.items;

	for (int32_t i = 0; i < topic->partitions.count; i++) {
		struct remote_place place = {
		    .partition = parts[i].partition_index,
		    .start = parts[i].start_offset,
		    .lag = parts[i].lag,
		};

		if (parts[i].error_code != 0)
			return brokers_judge(parts[i].error_code,
			    parts[i].error_message, group->name);
		take_counts(&place, parts[i].counts, true);
		if (place.start >= 0)
			add_place(remote, group, topic->topic_name, place);
	}
	return 0;
}

static int
take_share(struct keeper_remote *remote, struct remote_group *group,
    const struct describe_share_offsets_response *response)
{
	const struct describe_share_offsets_response_group *answer =
	    response->groups.items;
	const struct describe_share_offsets_response_topic *topics;
	int failed = 0;

	if (response->groups.count != 1)
		return fail(FAIL_PROTOCOL, "group %s: no answer", group->name);
	if (answer->error_code != 0)
		return brokers_judge(answer->error_code,
		    answer->error_message, group->name);
	topics = answer->topics.items;
	for (int32_t i = 0; failed == 0 && i < answer->topics.count; i++)
		failed = take_share_topic(remote, group, &topics[i]);
	return failed;
}

/* Brokers of old do not tell. */
static int
learn_shared(struct client *client, void *context)
{
	const struct survey *survey = context;
	struct remote_group *group = survey->group;
	struct arena arena = arena_limited(KEEPER_RESPONSE_BYTES);
	struct describe_share_offsets_request message;
	struct describe_share_offsets_request_group asked;
	struct describe_share_offsets_response response;
	int failed;

	group->places.size = 0;
	schema_preset(&describe_share_offsets_request_schema, &message);
	schema_preset(&describe_share_offsets_request_group_schema, &asked);
	asked.group_id = slice_of(group->name);
	asked.topics.count = -1;
	message.groups = (struct list){&asked, 1};
	message.asks_counts = true;
	if (client_version(client, &api_describe_share_offsets,
	    BROKERS_PATIENCE_MS) == -FAIL_PROTOCOL)
		return 0;
	failed = client_call(client, &api_describe_share_offsets, &message,
	    &arena, &response, BROKERS_PATIENCE_MS);
	if (failed == 0)
		failed = take_share(survey->remote, group, &response);
	arena_release(&arena);
	return failed;
}

static int
compare_places(const void *left, const void *right)
{
	const struct remote_place *a = left, *b = right;
	int order = strcmp(a->topic, b->topic);

	return order != 0 ? order : a->partition - b->partition;
}

int
keeper_remote_places(struct keeper_remote *remote, struct remote_group *group)
{
	struct survey survey = {remote, group};
	int failed = brokers_ask_group(remote->brokers, group->name,
	    group->is_shared ? learn_shared : learn_commits, &survey);

	if (failed == 0)
		failed = find_logs(remote, group);
	if (failed == 0 && group->places.size > 0)
		qsort(group->places.data, group->places.size /
		    sizeof(struct remote_place), sizeof(struct remote_place),
		    compare_places);
	return failed;
}
