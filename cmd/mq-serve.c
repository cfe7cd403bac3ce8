/* mq-serve: a spool on the network, in the Kafka protocol. */
#include "tool.h"

#include "server/server.h"

#include <stdio.h>

struct values {
	const char *directory;
	struct option_list listen;
	const char *advertise;
	bool is_stdio;
	bool is_insecure;
	bool is_quiet;
};

static const struct option_spec options[] = {
	TOOL_OPTION_DIRECTORY(struct values, directory),
	{0, "listen", OPTION_LIST, offsetof(struct values, listen),
	    "HOST:PORT|unix:PATH", NULL,
	    "where to listen (default: 127.0.0.1:9092; port 0: any)"},
	{0, "advertise", OPTION_TEXT, offsetof(struct values, advertise),
	    "HOST:PORT", NULL, "where clients are told to connect"},
	{0, "stdio", OPTION_FLAG, offsetof(struct values, is_stdio), NULL,
	    NULL, "serve one connection on stdin and stdout"},
	{0, "insecure", OPTION_FLAG, offsetof(struct values, is_insecure),
	    NULL, NULL, "listen on other than loopback addresses"},
	{'q', "quiet", OPTION_FLAG, offsetof(struct values, is_quiet), NULL,
	    NULL, "say nothing but errors"},
	{0},
};

static const struct command command = {
	.name = "mq-serve",
	.operands = "",
	.summary = "serve a spool over the network, as Kafka does",
	.options = options,
};

static void
say(const char *text, void *context)
{
	(void)context;
	tool_note("%s", text);
}

int
main(int argc, char **argv)
{
	struct values values = {0};
	struct server_options server_options = {.say = say};
	struct buf path = {0};
	struct server *server;
	int operands, worker;

	tool_options(&command, argc, argv, &values, &operands, &worker);
	if (operands < argc)
		tool_usage("no operand is expected: %s", argv[operands]);
	if (values.is_stdio && values.listen.count > 0)
		tool_usage("--stdio and --listen exclude each other");
	tool_set_quiet(values.is_quiet);
	spool_choose_path(values.directory, &path);
	server_options.spool = buf_text(&path);
	server_options.force = is_spool_forced();
	server_options.listen = values.listen.items;
	server_options.listen_count = values.listen.count;
	server_options.advertise = values.advertise;
	server_options.is_stdio = values.is_stdio;
	server_options.is_insecure = values.is_insecure;
	tool_must(server_open(&server, &server_options));
	tool_must(server_run(server));
	server_close(server);
	buf_release(&path);
	return 0;
}
