/* Beginning a change of a group of brokers. */
#include "queue/keeper_remote.h"

#include "base/fail.h"

#include <string.h>

int
keeper_remote_missing(const char *group, const char *topic)
{
	if (topic != NULL)
		return fail(FAIL_MISSING, "group %s does not read topic %s",
		    group, topic);
	return fail(FAIL_MISSING, "there is no group %s", group);
}

/* What is meant lies together: places are in order of their topics. */
static void
choose_places(struct remote_change *change, const char *topic)
{
	const struct buf *all = &change->group->places;
	const struct remote_place *places =
	    (const struct remote_place *)(const void *)all->data;
	size_t first = 0, end = all->size / sizeof *places;

	while (topic != NULL && first < end &&
	    strcmp(places[first].log->topic.name, topic) != 0)
		first++;
	while (topic != NULL && first < end &&
	    strcmp(places[end - 1].log->topic.name, topic) != 0)
		end--;
	change->places = places + first;
	change->count = end - first;
}

static int
check_idle(const struct remote_group *group)
{
	int members = group->member_count;

	if (members < 0 || (members == 0 && group->is_active))
		return fail(FAIL_AGAIN, "group %s has living members: stop "
		    "them first", group->name);
	if (members > 0)
		return fail(FAIL_AGAIN, "group %s has %d living member%s: "
		    "stop %s first", group->name, members,
		    members == 1 ? "" : "s", members == 1 ? "it" : "them");
	return 0;
}

int
keeper_remote_change(struct remote_change *change, struct keeper *keeper,
    const char *group, const char *topic)
{
	int result;

	*change = (struct remote_change){
	    .remote = (struct keeper_remote *)keeper};
	result = keeper_remote_learn(change->remote);
	if (result < 0)
		return result;
	change->group = keeper_remote_group(change->remote, group);
	if (change->group == NULL)
		return keeper_remote_missing(group, NULL);
	choose_places(change, topic);
	result = check_idle(change->group);
	if (result == 0 && topic != NULL && change->count == 0)
		result = keeper_remote_missing(group, topic);
	change->targets = memory_alloc((change->count + 1) * sizeof(int64_t));
	return result;
}

int
keeper_remote_make(struct remote_change *change,
    int (*ask)(struct client *coordinator, void *change))
{
	return brokers_ask_group(change->remote->brokers,
	    change->group->name, ask, change);
}
