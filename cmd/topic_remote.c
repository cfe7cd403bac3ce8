/* mq-topic over the network: the same subcommands, asked of brokers. */
#include "topic_remote.h"
#include "tool.h"
#include "tool_settings.h"

#include "base/fail.h"
#include "queue/remote_offsets.h"

#include <stdlib.h>
#include <string.h>

static void
count_partitions(const struct topic_remote *remote,
    const struct remote_topic *topic, struct topic_count *counts)
{
	size_t size = (size_t)topic->partitions * sizeof(int64_t);
	int64_t *earliest = memory_alloc(size), *latest = memory_alloc(size);

	tool_must(remote_offsets(remote->brokers, topic, earliest, latest));
	for (int i = 0; i < topic->partitions; i++)
		counts[i] = (struct topic_count){earliest[i], latest[i],
		    latest[i] - earliest[i], -1, -1};
	free(earliest);
	free(latest);
}

/* Keys that are not ours are passed over. */
static int
take_setting(struct slice key, struct slice value, void *data)
{
	struct topic_settings *settings = data;
	struct buf name = {0}, text = {0};

	buf_append_slice(&name, key);
	buf_append_slice(&text, value);
	(void)topic_settings_set(settings, buf_text(&name), buf_text(&text));
	buf_release(&name);
	buf_release(&text);
	return 0;
}

void
topic_remote_show(const struct topic_remote *remote, const char *name,
    enum topic_detail detail)
{
	struct topic_settings settings;
	struct remote_topic topic;
	struct topic_count *counts;
	struct topic_facts facts = {.name = name, .settings = &settings};

	topic_settings_default(&settings);
	tool_must(brokers_find(remote->brokers, name, BROKERS_ID, &topic));
	tool_must(admin_describe(remote->brokers, name, take_setting,
	    &settings));
	settings.partitions = topic.partitions;
	counts = memory_alloc((size_t)topic.partitions * sizeof(*counts));
	count_partitions(remote, &topic, counts);
	facts.id = topic.id;
	facts.partitions = topic.partitions;
	facts.counts = counts;
	topic_print_facts(remote->print, &facts, detail);
	free(counts);
	remote_topic_release(&topic);
}

static int
list_one(const char *name, void *data)
{
	const struct topic_remote *remote = data;

	if (remote->has_detail)
		topic_remote_show(remote, name, TOPIC_LINE);
	else
		topic_print_name(remote->print, name);
	return 0;
}

void
topic_remote_list(const struct topic_remote *remote)
{
	tool_must(admin_list(remote->brokers, list_one,
	    (void *)(uintptr_t)remote));
}

/* What a broker has found to be possible; the values as we write them. */
static void
print_plan(const struct topic_remote *remote, const char *name,
    const struct topic_settings *from, struct topic_settings *to)
{
	const struct option_list *list = remote->settings;
	struct buf others = {0};

	for (size_t i = 0; i < list->count; i++) {
		char *key = memory_copy_text(list->items[i]);
		char *value = strchr(key, '=');

		*value++ = '\0';
		if (topic_settings_set(to, key, value) < 0)
			buf_printf(&others, " %s=%s", key, value);
		free(key);
	}
	topic_print_plan(remote->print, name, from, to, buf_text(&others));
	buf_release(&others);
}

void
topic_remote_create(const struct topic_remote *remote, const char *name)
{
	struct admin_setting *settings = tool_settings_named(remote->settings);
	struct topic_settings made;
	int64_t partitions = remote->partitions;
	int code = admin_create(remote->brokers, name, &partitions, settings,
	    remote->settings->count, remote->is_dry_run);

	free(settings);
	if (code == -FAIL_CREATE && remote->if_not_exists)
		return;
	tool_must(code);
	if (!remote->is_dry_run)
		return;
	topic_settings_default(&made);
	if (partitions > 0)
		made.partitions = partitions;
	print_plan(remote, name, NULL, &made);
}

/* Both or none of what is to be altered: so what may fail is tried first. */
static void
alter(const struct topic_remote *remote, const char *name,
    const struct admin_setting *settings, bool is_more)
{
	size_t count = remote->settings->count;

	if (is_more)
		tool_must(admin_extend(remote->brokers, name,
		    remote->partitions, true));
	if (count > 0)
		tool_must(admin_alter(remote->brokers, name, settings, count,
		    remote->is_dry_run));
	if (is_more && !remote->is_dry_run)
		tool_must(admin_extend(remote->brokers, name,
		    remote->partitions, false));
}

void
topic_remote_alter(const struct topic_remote *remote, const char *name)
{
	struct admin_setting *settings = tool_settings_named(remote->settings);
	struct topic_settings from, to;
	struct remote_topic topic;
	bool is_more;

	topic_settings_default(&from);
	tool_must(brokers_find(remote->brokers, name, 0, &topic));
	is_more = remote->partitions >= 0 &&
	    remote->partitions != topic.partitions;
	if (is_more && remote->partitions < topic.partitions)
		tool_must(fail(FAIL_CONFIG, "topic %s: has %d partitions, and "
		    "they may only grow", name, topic.partitions));
	if (remote->is_dry_run)
		tool_must(admin_describe(remote->brokers, name, take_setting,
		    &from));
	alter(remote, name, settings, is_more);
	from.partitions = topic.partitions;
	to = from;
	if (is_more)
		to.partitions = remote->partitions;
	if (remote->is_dry_run)
		print_plan(remote, name, &from, &to);
	remote_topic_release(&topic);
	free(settings);
}

void
topic_remote_delete(const struct topic_remote *remote, const char *name)
{
	tool_must(admin_delete(remote->brokers, name));
}
