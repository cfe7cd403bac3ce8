/* mq-put: opening where the messages go, a spool or brokers. */
#include "put.h"
#include "tool_settings.h"
#include "log/codec.h"
#include "queue/sink_local.h"
#include "queue/sink_remote.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* Another process may make the topic at the same time. */
static int
open_topic(struct put *put, const char *name)
{
	struct topic_settings settings = spool_settings(put->spool)->topic;
	int result;

	if (put->options->settings.count == 0)
		return topic_open_or_create(&put->topic, put->spool, name);
	tool_settings_apply(&put->options->settings, &settings);
	result = topic_open(&put->topic, put->spool, name);
	if (result != -FAIL_MISSING ||
	    !spool_settings(put->spool)->auto_create_topics)
		return result;
	result = topic_create(put->spool, name, &settings);
	if (result < 0 && result != -FAIL_CREATE)
		return result;
	return topic_open(&put->topic, put->spool, name);
}

static struct sink *
open_local(struct put *put, const char *name)
{
	put->spool = tool_spool(put->options->directory, SPOOL_CREATE);
	put_limit_begin(put);
	tool_must(open_topic(put, name));
	return sink_local_open(put->topic);
}

/* With -X the topic is made by name, so that it has the settings. */
static int
find_remote(const struct put *put, struct brokers *brokers, const char *name,
    struct remote_topic *topic)
{
	const struct option_list *list = &put->options->settings;
	struct admin_setting *settings;
	int64_t partitions = -1;
	int result;

	if (list->count == 0)
		return brokers_find(brokers, name, BROKERS_CREATE, topic);
	result = brokers_find(brokers, name, 0, topic);
	if (result != -FAIL_MISSING)
		return result;
	settings = tool_settings_named(list);
	result = admin_create(brokers, name, &partitions, settings,
	    list->count, false);
	free(settings);
	if (result < 0 && result != -FAIL_CREATE)
		return result;
	return brokers_find(brokers, name, BROKERS_CREATE, topic);
}

/* Whoever set a limit wants it all tried until then. */
static struct sink *
open_remote(struct put *put, const char *addresses, const char *name)
{
	const char *acks = put->options->acks;
	const struct sink_remote_options options = {
		.acks = acks == NULL || strcmp(acks, "all") == 0 ? -1 :
		    *acks - '0',
		.patience_ms = put->options->timeout_ms == PARSE_INFINITE ?
		    BROKERS_PATIENCE_MS : INT64_MAX,
	};
	struct remote_topic topic;
	struct brokers *brokers;

	put_limit_begin(put);
	tool_must(brokers_open(&brokers, addresses));
	tool_must(find_remote(put, brokers, name, &topic));
	return sink_remote_open(brokers, &topic, &options);
}

void
put_open(struct put *put, const char *topic)
{
	const char *brokers = tool_brokers(put->options->directory,
	    put->options->brokers);
	struct producer_options options = {.codec = -1,
	    .batch_count = put->batch_count,
	    .batch_bytes = put->batch_bytes,
	    .context = put};
	enum codec codec;

	if (put->options->codec != NULL) {
		if (codec_parse(put->options->codec, &codec) < 0)
			tool_usage("%s", fail_message());
		options.codec = (int)codec;
	}
	if (put->options->verbose)
		options.stored = put_print_offsets;
	options.partition = put->options->partition > INT_MAX
	    ? INT_MAX
	    : (int)put->options->partition;
	put->sink = brokers == NULL ? open_local(put, topic) :
	    open_remote(put, brokers, topic);
	tool_must(producer_open(&put->producer, put->sink, &options));
	put_limit_end(put);
}
