/* mq-put: append messages to a topic. */
#include "put.h"

#define OPTION(letter, name, type, member, argument, complete, help) \
	{letter, name, type, offsetof(struct put_options, member), argument, \
	    complete, help}

static const struct option_spec options[] = {
	TOOL_OPTION_DIRECTORY(struct put_options, directory),
	TOOL_OPTION_BROKERS(struct put_options, brokers),
	OPTION('m', "message", OPTION_LIST, messages, "TEXT", NULL,
	    "put this text; stdin is not read"),
	OPTION('k', "key", OPTION_TEXT, key, "KEY", NULL,
	    "key of every message"),
	OPTION('K', "key-delimiter", OPTION_TEXT, key_delimiter, "DELIM", NULL,
	    "messages begin with a key, up to DELIM"),
	OPTION('H', "header", OPTION_LIST, headers, "NAME=VALUE", NULL,
	    "header of every message; may be repeated"),
	OPTION('t', "tag", OPTION_TEXT, tag, "TAG", NULL,
	    "tag of every message"),
	OPTION('p', "partition", OPTION_INTEGER, partition, "N", NULL,
	    "partition (default: by key, else all in turn)"),
	OPTION('z', "compression", OPTION_TEXT, codec, "CODEC",
	    "none|gzip|snappy|lz4|zstd",
	    "compression (default: the topic's compression.type)"),
	OPTION(0, "timestamp", OPTION_TEXT, timestamp, "TIME", NULL,
	    "time of every message: RFC 3339, @EPOCH or -1h"),
	OPTION('D', "delimiter", OPTION_TEXT, framing.delimiter, "STR", NULL,
	    "messages end with STR"),
	OPTION('0', "null", OPTION_FLAG, framing.nul, NULL, NULL,
	    "messages end with a NUL byte"),
	OPTION('1', "whole", OPTION_FLAG, framing.whole, NULL, NULL,
	    "the whole input is one message"),
	OPTION(0, "framing", OPTION_TEXT, framing.framing, "KIND",
	    "lines|len32|netstring|json|native", "how messages are told apart"),
	OPTION('j', "json", OPTION_FLAG, framing.json, NULL, NULL,
	    "JSON Lines, as mq-get --json prints them"),
	OPTION('f', "format", OPTION_TEXT, framing.format, "FORMAT", NULL,
	    "messages look like FORMAT, such as '%k %v\\n'"),
	OPTION(0, "batch", OPTION_TEXT, batch, "N|SIZE", NULL,
	    "messages, or bytes (64K), stored in one step at most"),
	OPTION(0, "linger", OPTION_DURATION, linger_ms, "DUR", NULL,
	    "when input pauses, wait this long for more to store with it"),
	OPTION(0, "rate", OPTION_TEXT, rate, "N/s", NULL,
	    "messages put at most in a second (or N/m, N/h)"),
	OPTION('X', NULL, OPTION_LIST, settings, "KEY=VALUE", NULL,
	    "setting of the topic if this put makes it"),
	OPTION(0, "acks", OPTION_TEXT, acks, "N", "0|1|all",
	    "brokers that must have a message before it counts as stored"),
	OPTION(0, "timeout", OPTION_DURATION, timeout_ms, "DUR", NULL,
	    "give up, with 75, when storing takes longer"),
	OPTION('T', "tee", OPTION_FLAG, tee, NULL, NULL,
	    "copy the messages to stdout as they were read"),
	OPTION('v', "verbose", OPTION_FLAG, verbose, NULL, NULL,
	    "print TOPIC:PARTITION:OFFSET of each message stored"),
	OPTION(0, "progress", OPTION_FLAG, progress, NULL, NULL,
	    "count messages on stderr while they are put"),
	OPTION('q', "quiet", OPTION_FLAG, quiet, NULL, NULL,
	    "no notes on stderr, only errors"),
	{0},
};

static const struct command command = {
	.name = "mq-put",
	.operands = "TOPIC [FILE...]",
	.summary = "append messages to a topic",
	.complete = COMPLETE_TOPIC,
	.options = options,
};

int
main(int argc, char **argv)
{
	struct put_options values = {
	    .partition = -1,
	    .timeout_ms = PARSE_INFINITE,
	    .framing.for_input = true,
	};
	struct put put;
	const char *topic;
	int at, worker, status;

	tool_options(&command, argc, argv, &values, &at, &worker);
	if (at == argc)
		tool_usage("which topic?");
	topic = argv[at];
	tool_set_quiet(values.quiet);
	tool_catch_signals();
	put_init(&put, &values, topic);
	put_open(&put, topic);
	status = put_finish(&put,
	    put_all(&put, argv + at + 1, argc - at - 1));
	option_release(&command, &values);
	return status;
}
