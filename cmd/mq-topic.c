/* mq-topic: list, show, create, alter and delete topics. */
#include "tool.h"
#include "tool_settings.h"
#include "topic_print.h"
#include "topic_remote.h"

#include "base/fail.h"
#include "queue/brokers.h"

#include <stdlib.h>

struct values {
	const char *directory;
	const char *brokers;
	int64_t partitions;         /* -1: not given */
	struct option_list settings;
	bool is_dry_run;
	bool is_sure;
	bool if_not_exists;
	bool is_json;
	bool is_verbose;
};

static const struct option_spec options[] = {
	TOOL_OPTION_DIRECTORY(struct values, directory),
	TOOL_OPTION_BROKERS(struct values, brokers),
	{'p', "partitions", OPTION_INTEGER, offsetof(struct values, partitions),
	    "N", NULL, "how many partitions"},
	{'X', "set", OPTION_LIST, offsetof(struct values, settings),
	    "KEY=VALUE", NULL, "set a key of topic.yaml"},
	{'n', "dry-run", OPTION_FLAG, offsetof(struct values, is_dry_run),
	    NULL, NULL, "say what would be done"},
	{0, "yes", OPTION_FLAG, offsetof(struct values, is_sure), NULL, NULL,
	    "do what loses data"},
	{0, "if-not-exists", OPTION_FLAG,
	    offsetof(struct values, if_not_exists), NULL, NULL,
	    "create: no error if the topic is there"},
	{'j', "json", OPTION_FLAG, offsetof(struct values, is_json), NULL, NULL,
	    "one JSON object a topic"},
	{'v', "verbose", OPTION_FLAG, offsetof(struct values, is_verbose), NULL,
	    NULL, "list: partitions, messages and bytes too"},
	{0},
};

static const struct command command = {
	.name = "mq-topic",
	.operands = "list|show|create|alter|delete [TOPIC...]",
	.summary = "list, show, create, alter and delete topics",
	.complete = COMPLETE_TOPIC,
	.options = options,
	.subcommands = "list|show|create|alter|delete",
};

/* What a subcommand does to one topic; failures end the process. */
struct context {
	const struct values *values;
	struct spool *spool;
	struct topic_print *print;
	int *left_out; /* exit status, if a topic that was listed is bad */
};

static void
flush(struct buf *out)
{
	if (tool_write(out) < 0)
		exit(FAIL_NOTHING);
}

/* -X key=value and -p N, in this order. */
static void
apply(const struct values *values, struct topic_settings *settings)
{
	struct buf number = {0};

	tool_settings_apply(&values->settings, settings);
	if (values->partitions < 0)
		return;
	buf_printf(&number, "%lld", (long long)values->partitions);
	tool_must(topic_settings_set(settings, "partitions",
	    buf_text(&number)));
	buf_release(&number);
}

static struct topic *
open_topic(const struct context *context, const char *name)
{
	struct topic *topic;

	tool_must(topic_open(&topic, context->spool, name));
	return topic;
}

static void
print_topic(const struct context *context, const char *name,
    enum topic_detail detail)
{
	struct topic *topic = open_topic(context, name);

	tool_must(topic_print_add(context->print, topic, detail));
	topic_close(topic);
}

static int
list_one(const char *name, void *data)
{
	const struct context *context = data;
	struct topic *topic;
	int code;

	if (!context->values->is_verbose && !context->values->is_json) {
		topic_print_name(context->print, name);
		return 0;
	}
	code = topic_open(&topic, context->spool, name);
	if (code >= 0)
		code = topic_print_add(context->print, topic, TOPIC_LINE);
	topic_close(topic);
	if (code != -FAIL_CONFIG && code != -FAIL_DATA)
		return code == -FAIL_MISSING ? 0 : code; /* deleted meanwhile */
	tool_tell("%s", fail_message());
	*context->left_out = fail_status(code);
	return 0;
}

static void
list(const struct context *context)
{
	tool_must(spool_list_topics(context->spool, list_one,
	    (void *)(uintptr_t)context));
}

static void
show(const struct context *context, const char *name)
{
	print_topic(context, name, TOPIC_ALL);
}

static void
create(const struct context *context, const char *name)
{
	struct topic_settings settings = spool_settings(context->spool)->topic;
	struct topic *topic = NULL;
	int code = topic_open(&topic, context->spool, name);

	apply(context->values, &settings);
	topic_close(topic);
	if (code == 0)
		code = fail(FAIL_CREATE, "topic %s: is there already", name);
	else if (code == -FAIL_MISSING && context->values->is_dry_run)
		code = topic_print_plan(context->print, name, NULL, &settings,
		    "");
	else if (code == -FAIL_MISSING)
		code = topic_create(context->spool, name, &settings);
	if (code == -FAIL_CREATE && context->values->if_not_exists)
		return;
	tool_must(code);
}

static void
alter(const struct context *context, const char *name)
{
	struct topic *topic = open_topic(context, name);
	struct topic_settings settings = *topic_settings(topic);
	int code;

	apply(context->values, &settings);
	if (settings.partitions < topic_partition_count(topic))
		code = fail(FAIL_CONFIG, "topic %s: has %d partitions, and "
		    "they may only grow", name, topic_partition_count(topic));
	else if (context->values->is_dry_run)
		code = topic_print_plan(context->print, name,
		    topic_settings(topic), &settings, "");
	else
		code = topic_alter(topic, &settings);
	tool_must(code);
	topic_close(topic);
}

static void
delete(const struct context *context, const char *name)
{
	if (!context->values->is_sure || context->values->is_dry_run) {
		print_topic(context, name, TOPIC_LOSS);
		return;
	}
	tool_must(topic_delete(context->spool, name));
}

/* In the order of command.subcommands. */
static const struct subcommand {
	enum spool_mode mode;
	void (*each)(const struct context *context, const char *name);
	void (*all)(const struct context *context);
} subcommands[] = {
	{SPOOL_READ, NULL, list},
	{SPOOL_READ, show, NULL},
	{SPOOL_CREATE, create, NULL},
	{SPOOL_WRITE, alter, NULL},
	{SPOOL_WRITE, delete, NULL},
};

/* A dry run makes no spool either. */
static enum spool_mode
mode_of(const struct subcommand *subcommand, const struct values *values)
{
	bool is_dry = values->is_dry_run ||
	    (subcommand->each == delete && !values->is_sure);

	return is_dry ? SPOOL_READ : subcommand->mode;
}

/* The same of brokers: those that were found at addresses. */
static void
run_remotely(const struct subcommand *subcommand, const struct context *context,
    const char *addresses, char *const *names)
{
	const struct values *values = context->values;
	struct topic_remote remote = {
		.print = context->print,
		.partitions = values->partitions,
		.settings = &values->settings,
		.is_dry_run = values->is_dry_run,
		.has_detail = values->is_verbose || values->is_json,
		.if_not_exists = values->if_not_exists,
	};
	int code = brokers_open(&remote.brokers, addresses);

	tool_must(code);
	if (subcommand->all)
		topic_remote_list(&remote);
	for (; *names != NULL; names++) {
		if (subcommand->each == create)
			topic_remote_create(&remote, *names);
		else if (subcommand->each == alter)
			topic_remote_alter(&remote, *names);
		else if (subcommand->each == show)
			topic_remote_show(&remote, *names, TOPIC_ALL);
		else if (!values->is_sure || values->is_dry_run)
			topic_remote_show(&remote, *names, TOPIC_LOSS);
		else
			topic_remote_delete(&remote, *names);
	}
	brokers_close(remote.brokers);
}

static void
run(const struct subcommand *subcommand, struct context *context,
    char *const *names)
{
	const struct values *values = context->values;

	context->spool = tool_spool(values->directory,
	    mode_of(subcommand, values));
	if (subcommand->all)
		subcommand->all(context);
	for (; *names != NULL; names++)
		subcommand->each(context, *names);
	spool_close(context->spool);
}

int
main(int argc, char **argv)
{
	struct values values = {.partitions = -1};
	int left_out = 0;
	struct context context = {.values = &values, .left_out = &left_out};
	const struct subcommand *subcommand;
	const char *word, *brokers;
	struct buf out = {0};
	int at, end;

	tool_options(&command, argc, argv, &values, &at, &end);
	subcommand = &subcommands[tool_subcommand(&command, argv[at])];
	word = argv[at++];
	if (subcommand->each && at >= argc)
		tool_usage("%s: which topic?", word);
	if (subcommand->all && at < argc)
		tool_usage("%s takes no topic", word);
	brokers = tool_brokers(values.directory, values.brokers);
	context.print = topic_print_open(values.is_json, &out);
	if (brokers != NULL)
		run_remotely(subcommand, &context, brokers, argv + at);
	else
		run(subcommand, &context, argv + at);
	topic_print_close(context.print);
	flush(&out);
	buf_release(&out);
	option_release(&command, &values);
	return left_out;
}
