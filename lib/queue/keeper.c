/* Asking a keeper of whatever kind. */
#include "queue/keeper_internal.h"

#include "base/parse.h"

void
keeper_close(struct keeper *keeper)
{
	if (keeper != NULL)
		keeper->kind->close(keeper);
}

struct spool *
keeper_spool(const struct keeper *keeper)
{
	return keeper->spool;
}

void
keeper_add_count(int64_t *sum, int64_t count)
{
	*sum = *sum < 0 || count < 0 ? -1 : *sum + count;
}

int
keeper_topics(struct keeper *keeper,
    int (*each)(const char *name, void *context), void *context)
{
	return keeper->kind->topics(keeper, each, context);
}

int
keeper_partitions(struct keeper *keeper, const char *topic,
    int (*each)(const struct keeper_partition *partition, void *context),
    void *context)
{
	return keeper->kind->partitions(keeper, topic, each, context);
}

int
keeper_groups(struct keeper *keeper, const char *group, const char *topic,
    int (*each)(const struct group_state *state, void *context), void *context)
{
	return keeper->kind->groups(keeper, group, topic, each, context);
}

int
keeper_members(struct keeper *keeper, const char *group,
    void (*each)(const struct member_state *member, void *context),
    void *context)
{
	return keeper->kind->members(keeper, group, each, context);
}

int
keeper_group_settings(struct keeper *keeper, const char *group,
    void (*each)(const char *key, const char *value, void *context),
    void *context)
{
	return keeper->kind->group_settings(keeper, group, each, context);
}

int
keeper_alter_group(struct keeper *keeper, const char *group,
    const struct admin_setting *settings, size_t count, bool is_dry_run)
{
	int failed = check_name(group, "group");

	return failed < 0 ? failed : keeper->kind->alter_group(keeper, group,
	    settings, count, is_dry_run);
}

int
keeper_reset(struct keeper *keeper, const struct keeper_reset *reset,
    void (*each)(const struct reset_change *change, void *context),
    void *context)
{
	return keeper->kind->reset(keeper, reset, each, context);
}

int
keeper_delete_group(struct keeper *keeper, const char *group,
    const char *topic, bool is_dry_run)
{
	return keeper->kind->delete_group(keeper, group, topic, is_dry_run);
}
