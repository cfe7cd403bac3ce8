/* A keeper that is brokers: topics, and telling of groups. */
#include "queue/keeper_remote.h"

#include "queue/admin.h"
#include "queue/remote_offsets.h"
#include "queue/remote_time.h"

#include <stdlib.h>
#include <string.h>

static struct keeper_remote *
remote_of(struct keeper *keeper)
{
	return (struct keeper_remote *)keeper;
}

const char *
keeper_remote_text(struct keeper_remote *remote, struct slice text)
{
	char *copy = arena_take(&remote->arena, 1, text.size + 1);

	if (text.size > 0)
		memcpy(copy, text.data, text.size);
	return copy;
}

static int
list_topics(struct keeper *keeper,
    int (*each)(const char *name, void *context), void *context)
{
	return admin_list(remote_of(keeper)->brokers, each, context);
}

static int
ask_ends(struct keeper_remote *remote, struct remote_log *log)
{
	size_t size = (size_t)log->topic.partitions * sizeof(int64_t);

	log->starts = memory_alloc(size);
	log->ends = memory_alloc(size);
	return remote_offsets(remote->brokers, &log->topic, log->starts,
	    log->ends);
}

int
keeper_remote_log(struct keeper_remote *remote, const char *topic,
    struct remote_log **log)
{
	int failed;

	for (*log = remote->logs; *log != NULL; *log = (*log)->next)
		if (strcmp((*log)->topic.name, topic) == 0)
			return 0;
	*log = memory_alloc(sizeof **log);
	failed = brokers_find(remote->brokers, topic, BROKERS_ID,
	    &(*log)->topic);
	if (failed == 0)
		failed = ask_ends(remote, *log);
	if (failed < 0) {
		remote_topic_release(&(*log)->topic);
		free((*log)->starts);
		free((*log)->ends);
		free(*log);
		return failed;
	}
	(*log)->next = remote->logs;
	remote->logs = *log;
	return 0;
}

static int
list_partitions(struct keeper *keeper, const char *topic,
    int (*each)(const struct keeper_partition *partition, void *context),
    void *context)
{
	struct remote_log *log;
	int result = keeper_remote_log(remote_of(keeper), topic, &log);

	for (int i = 0; result >= 0 && i < log->topic.partitions; i++) {
		struct keeper_partition told = {
		    .number = i,
		    .is_stopped = -1,
		    .log_start = log->starts[i],
		    .log_end = -1,
		    .durable_end = -1,
		    .high_watermark = log->ends[i],
		    .epoch = -1,
		    .bytes = -1,
		    .segments = -1,
		};

		result = each(&told, context);
	}
	return result;
}

static int
tell_group(struct keeper_remote *remote, const struct remote_group *group,
    const char *topic,
    int (*each)(const struct group_state *state, void *context), void *context)
{
	const struct remote_place *places =
	    (const struct remote_place *)(const void *)group->places.data;
	size_t count = group->places.size / sizeof *places;
	int result = 0;

	for (size_t i = 0; result == 0 && i < count; i++) {
		const struct group_counts *counts = &places[i].counts;
		const struct remote_log *log = places[i].log;
		struct group_state state = {
		    .group = group->name,
		    .topic = log->topic.name,
		    .order = (enum group_order)counts->order,
		    .partition = places[i].partition,
		    .start = places[i].start,
		    .end = log->ends[places[i].partition],
		    .ready = counts->ready,
		    .leased = counts->leased,
		    .delayed = counts->delayed,
		    .lag = places[i].lag,
		    .dead = counts->dead,
		    .oldest_ms = -1,
		    .members = group->member_count,
		    .metadata = places[i].metadata,
		};

		if (topic != NULL && strcmp(state.topic, topic) != 0)
			continue;
		if (state.lag > 0)
			result = remote_time(remote->brokers, &log->topic,
			    state.partition, state.start, &state.oldest_ms);
		if (result == 0)
			result = each(&state, context);
	}
	return result;
}

static int
list_groups(struct keeper *keeper, const char *name, const char *topic,
    int (*each)(const struct group_state *state, void *context), void *context)
{
	struct keeper_remote *remote = remote_of(keeper);
	int result = keeper_remote_learn(remote);
	const struct remote_group *groups =
	    (const struct remote_group *)(const void *)remote->groups.data;
	size_t count = remote->groups.size / sizeof *groups;

	for (size_t i = 0; result == 0 && i < count; i++)
		if (name == NULL || strcmp(groups[i].name, name) == 0)
			result = tell_group(remote, &groups[i], topic, each,
			    context);
	return result;
}

static int
list_members(struct keeper *keeper, const char *name,
    void (*each)(const struct member_state *member, void *context),
    void *context)
{
	struct keeper_remote *remote = remote_of(keeper);
	int result = keeper_remote_learn(remote);
	const struct remote_group *groups =
	    (const struct remote_group *)(const void *)remote->groups.data;
	size_t count = remote->groups.size / sizeof *groups;

	for (size_t i = 0; result >= 0 && i < count; i++) {
		const struct remote_member *member = groups[i].members;
		struct member_state state = {groups[i].name, .pid = -1};

		if (name != NULL && strcmp(groups[i].name, name) != 0)
			continue;
		for (; member != NULL; member = member->next) {
			state.id = member->id;
			state.client = member->client;
			state.host = member->host;
			each(&state, context);
		}
	}
	return result;
}

struct remote_group *
keeper_remote_group(struct keeper_remote *remote, const char *name)
{
	struct remote_group *groups =
	    (struct remote_group *)(void *)remote->groups.data;
	size_t count = remote->groups.size / sizeof *groups;

	for (size_t i = 0; i < count; i++)
		if (strcmp(groups[i].name, name) == 0)
			return &groups[i];
	return NULL;
}

struct setting_teller {
	struct keeper_remote *remote;
	void (*each)(const char *key, const char *value, void *context);
	void *context;
};

static int
tell_setting(struct slice key, struct slice value, void *data)
{
	struct setting_teller *teller = data;

	teller->each(keeper_remote_text(teller->remote, key),
	    keeper_remote_text(teller->remote, value), teller->context);
	return 0;
}

static int
list_settings(struct keeper *keeper, const char *group,
    void (*each)(const char *key, const char *value, void *context),
    void *context)
{
	struct setting_teller teller = {remote_of(keeper), each, context};

	return admin_describe_group(teller.remote->brokers, group,
	    tell_setting, &teller);
}

static int
alter_group(struct keeper *keeper, const char *group,
    const struct admin_setting *settings, size_t count, bool is_dry_run)
{
	return admin_alter_group(remote_of(keeper)->brokers, group, settings,
	    count, is_dry_run);
}

static void
close_remote(struct keeper *keeper)
{
	struct keeper_remote *remote = remote_of(keeper);
	struct remote_group *groups =
	    (struct remote_group *)(void *)remote->groups.data;
	size_t count = remote->groups.size / sizeof *groups;

	for (size_t i = 0; i < count; i++)
		buf_release(&groups[i].places);
	for (struct remote_log *log = remote->logs, *next; log; log = next) {
		next = log->next;
		remote_topic_release(&log->topic);
		free(log->starts);
		free(log->ends);
		free(log);
	}
	buf_release(&remote->groups);
	arena_release(&remote->arena);
	brokers_close(remote->brokers);
	free(remote);
}

int
keeper_remote_open(struct keeper **keeper, const char *addresses)
{
	static const struct keeper_kind kind = {list_topics, list_partitions,
	    list_groups, list_members, list_settings, alter_group,
	    keeper_remote_reset, keeper_remote_delete, close_remote};
	struct keeper_remote *remote = memory_alloc(sizeof *remote);
	int failed = brokers_open(&remote->brokers, addresses);

	remote->arena = arena_limited(SIZE_MAX);
	remote->keeper.kind = &kind;
	*keeper = &remote->keeper;
	if (failed < 0) {
		close_remote(&remote->keeper);
		*keeper = NULL;
	}
	return failed;
}
