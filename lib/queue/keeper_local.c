/* A keeper that is a spool. */
#include "queue/keeper_internal.h"

#include "queue/admin.h"
#include "spool/group_settings.h"

#include <stdlib.h>

static int
list_topics(struct keeper *keeper,
    int (*each)(const char *name, void *context), void *context)
{
	return spool_list_topics(keeper->spool, each, context);
}

static int
tell_partition(struct topic *topic, int number,
    int (*each)(const struct keeper_partition *partition, void *context),
    void *context)
{
	struct keeper_partition told = {.number = number};
	struct partition *partition;
	struct partition_state state;
	int result;

	if ((result = topic_partition(topic, number, &partition)) < 0 ||
	    (result = partition_state(partition, &state)) < 0 ||
	    (result = partition_usage(partition, &told.bytes,
	    &told.segments)) < 0)
		return result;
	told.is_stopped = state.is_stopped;
	told.log_start = state.log_start;
	told.log_end = state.log_end;
	told.durable_end = state.durable_end;
	told.high_watermark = state.high_watermark;
	told.epoch = state.epoch;
	return each(&told, context);
}

static int
list_partitions(struct keeper *keeper, const char *name,
    int (*each)(const struct keeper_partition *partition, void *context),
    void *context)
{
	struct topic *topic = NULL;
	int result = topic_open(&topic, keeper->spool, name);

	for (int i = 0; result >= 0 && i < topic_partition_count(topic); i++)
		result = tell_partition(topic, i, each, context);
	topic_close(topic);
	return result;
}

static int
list_groups(struct keeper *keeper, const char *group, const char *topic,
    int (*each)(const struct group_state *state, void *context), void *context)
{
	return state_list(keeper->spool, group, topic, each, context);
}

static int
list_members(struct keeper *keeper, const char *group,
    void (*each)(const struct member_state *member, void *context),
    void *context)
{
	return state_members(keeper->spool, group, each, context);
}

static int
list_settings(struct keeper *keeper, const char *group,
    void (*each)(const char *key, const char *value, void *context),
    void *context)
{
	struct group_settings settings;
	int result = group_settings_get(keeper->spool, group, &settings);

	for (const char *const *key = group_setting_keys; result >= 0 &&
	    *key != NULL; key++) {
		struct buf value = {0};

		if (is_group_setting_default(&settings, *key))
			continue;
		group_settings_format(&settings, *key, &value);
		each(*key, buf_text(&value), context);
		buf_release(&value);
	}
	return result;
}

static int
apply_setting(struct group_settings *settings,
    const struct admin_setting *setting)
{
	char *key = slice_copy(setting->key);
	char *value = slice_copy(setting->value);
	int result = group_settings_apply(settings, key,
	    setting->value.size == 0 ? NULL : value);

	free(key);
	free(value);
	return result;
}

static int
alter_group(struct keeper *keeper, const char *group,
    const struct admin_setting *settings, size_t count, bool is_dry_run)
{
	struct group_settings altered;
	int result = group_settings_get(keeper->spool, group, &altered);

	for (size_t i = 0; i < count && result >= 0; i++)
		result = apply_setting(&altered, &settings[i]);
	if (result >= 0)
		result = group_settings_check(&altered);
	return result < 0 || is_dry_run ? result :
	    group_settings_set(keeper->spool, group, &altered);
}

static int
reset_group(struct keeper *keeper, const struct keeper_reset *reset,
    void (*each)(const struct reset_change *change, void *context),
    void *context)
{
	return state_reset(keeper->spool, reset->group, reset->topic,
	    reset->kind, reset->value, reset->is_dry_run, each, context);
}

static int
delete_group(struct keeper *keeper, const char *group, const char *topic,
    bool is_dry_run)
{
	return state_delete_group(keeper->spool, group, topic, is_dry_run);
}

static void
close_local(struct keeper *keeper)
{
	spool_close(keeper->spool);
	free(keeper);
}

struct keeper *
keeper_local_open(struct spool *spool)
{
	static const struct keeper_kind local = {list_topics, list_partitions,
	    list_groups, list_members, list_settings, alter_group,
	    reset_group, delete_group, close_local};
	struct keeper *keeper = memory_alloc(sizeof *keeper);

	keeper->kind = &local;
	keeper->spool = spool;
	return keeper;
}
