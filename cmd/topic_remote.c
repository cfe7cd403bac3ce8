/* mq-topic over the network: the same subcommands, asked of brokers. */
#include "topic_remote.h"
#include "tool.h"
#include "tool_settings.h"

#include "queue/remote_offsets.h"

#include <stdlib.h>

static void
count_partitions(const struct topic_remote *remote,
    const struct remote_topic *topic, struct topic_count *counts)
{
	size_t size = (size_t)topic->partitions * sizeof(int64_t);
	int64_t *earliest = memory_alloc(size), *latest = memory_alloc(size);

	tool_must(remote_offsets(remote->brokers, topic, REMOTE_EARLIEST,
	    earliest));
	tool_must(remote_offsets(remote->brokers, topic, REMOTE_LATEST,
	    latest));
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

void
topic_remote_create(const struct topic_remote *remote, const char *name)
{
	struct admin_setting *settings = tool_settings_named(remote->settings);
	int code = admin_create(remote->brokers, name, remote->partitions,
	    settings, remote->settings->count, remote->is_dry_run);

	free(settings);
	if (code == -FAIL_CREATE && remote->if_not_exists)
		return;
	tool_must(code);
}

void
topic_remote_alter(const struct topic_remote *remote, const char *name)
{
	struct admin_setting *settings = tool_settings_named(remote->settings);

	if (remote->settings->count > 0)
		tool_must(admin_alter(remote->brokers, name, settings,
		    remote->settings->count, remote->is_dry_run));
	if (remote->partitions >= 0)
		tool_must(admin_extend(remote->brokers, name, remote->partitions,
		    remote->is_dry_run));
	free(settings);
}

void
topic_remote_delete(const struct topic_remote *remote, const char *name)
{
	tool_must(admin_delete(remote->brokers, name));
}
