/* mq-get: reads, follows or leases the messages of topics. */
#include <string.h>

#include "get.h"

#define OPTION(letter, name, type, member, argument, complete, help) \
	{letter, name, type, offsetof(struct get_options, member), argument, \
	    complete, help}

static const struct option_spec options_table[] = {
	TOOL_OPTION_DIRECTORY(struct get_options, directory),
	TOOL_OPTION_BROKERS(struct get_options, brokers),
	OPTION('o', "offset", OPTION_TEXT, offset, "FROM[:TO]", NULL,
	    "where to begin and end: start, end, N, -N, @TIME, -1h"),
	OPTION('p', "partition", OPTION_INTEGER, partition, "N", NULL,
	    "read this partition only"),
	OPTION('c', "count", OPTION_INTEGER, count, "N", NULL,
	    "end after N messages"),
	OPTION('F', "follow", OPTION_FLAG, follow, NULL, NULL,
	    "go on at the end: keep waiting for more"),
	OPTION('w', "wait", OPTION_DURATION, wait_ms, "DUR", NULL,
	    "wait up to DUR for the first message"),
	GET_GROUP_OPTIONS(struct get_options),
	OPTION('D', "delimiter", OPTION_TEXT, framing_options.delimiter, "STR",
	    NULL, "write STR behind each message instead of a newline"),
	OPTION('0', "null", OPTION_FLAG, framing_options.nul, NULL, NULL,
	    "write a NUL byte behind each message"),
	OPTION('1', "whole", OPTION_FLAG, framing_options.whole, NULL, NULL,
	    "write nothing behind a message"),
	OPTION(0, "framing", OPTION_TEXT, framing_options.framing, "NAME",
	    "lines|len32|netstring|json|native",
	    "how messages lie in the output"),
	OPTION('j', "json", OPTION_FLAG, framing_options.json, NULL, NULL,
	    "write one JSON object a line"),
	OPTION('f', "format", OPTION_TEXT, framing_options.format, "FORMAT",
	    NULL, "write each message as FORMAT says, such as '%k %v\\n'"),
	OPTION(0, "key", OPTION_LIST, keys, "GLOB", NULL,
	    "only messages with such a key"),
	OPTION(0, "tag", OPTION_LIST, tags, "TAG", NULL,
	    "only messages with this tag"),
	OPTION(0, "header", OPTION_LIST, headers, "NAME=GLOB", NULL,
	    "only messages with such a header"),
	OPTION(0, "since", OPTION_TEXT, since, "TIME", NULL,
	    "only messages from this time on"),
	OPTION(0, "until", OPTION_TEXT, until, "TIME", NULL,
	    "only messages from before this time"),
	OPTION('v', "verbose", OPTION_FLAG, verbose, NULL, NULL,
	    "name each message on stderr: TOPIC:PARTITION:OFFSET"),
	OPTION('q', "quiet", OPTION_FLAG, quiet, NULL, NULL,
	    "no notes on stderr"),
	{0},
};

static const struct command command = {
	.name = "mq-get",
	.operands = "TOPIC... [-- CMD [ARG...]]",
	.summary = "read, follow or lease the messages of topics",
	.complete = COMPLETE_TOPIC,
	.options = options_table,
};

/* Without an operand before "--" they follow it: names that begin with "-". A
 * second "--" begins the command then. */
static void
take_names_behind(int argc, char **argv, int *end, int *worker)
{
	while (*end < argc && strcmp(argv[*end], "--") != 0)
		(*end)++;
	*worker = *end < argc ? *end + 1 : argc;
}

int
main(int argc, char **argv)
{
	struct get_options options = {
		.partition = -1,
		.count = -1,
		.group = GET_GROUP_DEFAULTS,
	};
	int first, end, worker_at, status;

	tool_options(&command, argc, argv, &options, &first, &worker_at);
	tool_set_quiet(options.quiet);
	end = worker_at;
	if (first == end)
		take_names_behind(argc, argv, &end, &worker_at);
	if (first == end)
		tool_usage("which topic?");
	get_prepare(&options);
	if (options.group.name == NULL && worker_at < argc)
		tool_usage("a command behind -- needs a group (-g)");
	if (options.group.name == NULL)
		get_group_refuse(&options.group);
	status = options.group.name == NULL
	    ? get_read(&options, argv + first, end - first)
	    : get_group(&options, argv + first, end - first,
	        argv + worker_at);
	framing_release(&options.framing);
	option_release(&command, &options);
	return status;
}
