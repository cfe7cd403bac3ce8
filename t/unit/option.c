/* The command line's parser, and what the table prints. */
#include "base/option.h"
#include "base/fail.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>

struct values {
	bool quiet;
	const char *directory;
	struct option_list headers;
	int64_t count;
	int64_t wait_ms;
	int64_t size;
	const char *release;
	const char *order;
};

#define AT(member) offsetof(struct values, member)

static const struct option_spec options[] = {
    {'q', "quiet", OPTION_FLAG, AT(quiet), NULL, NULL, "say less"},
    {'C', "directory", OPTION_TEXT, AT(directory), "DIR",
        COMPLETE_DIRECTORY, "spool directory"},
    {'H', NULL, OPTION_LIST, AT(headers), "NAME=VALUE", NULL, "a header"},
    {'c', "count", OPTION_INTEGER, AT(count), "COUNT", NULL, "how many"},
    {'w', "wait", OPTION_DURATION, AT(wait_ms), "DUR", NULL, "how long"},
    {0, "size", OPTION_SIZE, AT(size), "SIZE", NULL, "how large"},
    {0, "release", OPTION_TEXT, AT(release), "[DUR]", NULL, "give back"},
    {0, "order", OPTION_TEXT, AT(order), "ORDER", "none|key|partition",
        "which may go on while others are at work, a help text that is longer"
        " than one line of the terminal"},
    {0},
};

static const struct command command = {
    "mq-test", "TOPIC [FILE...]", "test the parser", COMPLETE_TOPIC, options,
    NULL};

static struct values values;
static int operands, worker;

/* Splits a line at spaces and parses it; the words live until the next. */
static int
parse_line(const char *line, char **argv, int *argc)
{
	static char *copy;
	char *word;

	option_release(&command, &values);
	free(copy);
	copy = memory_copy_text(line);
	*argc = 0;
	for (word = strtok(copy, " "); word != NULL; word = strtok(NULL, " "))
		argv[(*argc)++] = word;
	argv[*argc] = NULL;
	memset(&values, 0, sizeof(values));
	return option_parse(&command, *argc, argv, &values, &operands,
	    &worker);
}

static bool
refuses(const char *line, const char *message)
{
	char *argv[32];
	int argc;
	bool good = parse_line(line, argv, &argc) == -FAIL_USAGE &&
	    strcmp(fail_message(), message) == 0;

	if (!good)
		printf("# %s: %s\n", line, fail_message());
	return good;
}

static void
test_order(void)
{
	char *argv[32];
	int argc;

	CHECK(parse_line("mq-test -q a -Cdir b -c 5 -- -x -- y", argv, &argc)
	    == 0 && values.quiet && strcmp(values.directory, "dir") == 0 &&
	    values.count == 5, "options stand anywhere before --");
	CHECK(worker - operands == 2 && strcmp(argv[operands], "a") == 0 &&
	    strcmp(argv[operands + 1], "b") == 0,
	    "operands before -- are told");
	CHECK(argc - worker == 3 && strcmp(argv[worker], "-x") == 0 &&
	    strcmp(argv[worker + 1], "--") == 0, "from those behind it");
	CHECK(parse_line("mq-test a - -q", argv, &argc) == 0 &&
	    worker == argc && argc - operands == 2 &&
	    strcmp(argv[operands + 1], "-") == 0,
	    "without -- all are before it, and - is an operand");
	CHECK(parse_line("mq-test -C -- a", argv, &argc) == 0 &&
	    strcmp(values.directory, "--") == 0 && worker == argc,
	    "-- as an option's argument is no end of the options");
	setenv("POSIXLY_CORRECT", "1", 1);
	CHECK(parse_line("mq-test a -q", argv, &argc) == 0 && values.quiet,
	    "even with POSIXLY_CORRECT");
	unsetenv("POSIXLY_CORRECT");
}

static void
test_values(void)
{
	char *argv[32];
	int argc;

	CHECK(parse_line("mq-test -H a=1 --wait=1.5 -H b=2 --size 64K", argv,
	    &argc) == 0 && values.headers.count == 2 &&
	    strcmp(values.headers.items[1], "b=2") == 0 &&
	    values.wait_ms == 1500 && values.size == 65536,
	    "lists, durations and sizes");
	CHECK(parse_line("mq-test --release r", argv, &argc) == 0 &&
	    strcmp(values.release, "") == 0 && argc - operands == 1,
	    "an optional argument that is absent is empty");
	CHECK(parse_line("mq-test --release=5s r", argv, &argc) == 0 &&
	    strcmp(values.release, "5s") == 0, "and else what follows the =");
	CHECK(parse_line("mq-test --order=key", argv, &argc) == 0 &&
	    strcmp(values.order, "key") == 0, "a choice is taken");
	CHECK(parse_line("mq-test a --help", argv, &argc) == OPTION_HELP &&
	    parse_line("mq-test --version", argv, &argc) == OPTION_VERSION &&
	    parse_line("mq-test --option-table", argv, &argc) == OPTION_TABLE,
	    "help, version and the table are asked for");
	free(values.headers.items);
}

static void
test_refusals(void)
{
	CHECK(refuses("mq-test -x", "unknown option '-x'"), "unknown letters");
	CHECK(refuses("mq-test --foo",
	    "unknown or ambiguous option '--foo'"), "unknown names");
	CHECK(refuses("mq-test -C", "--directory needs an argument") &&
	    refuses("mq-test -H", "-H needs an argument"),
	    "missing arguments");
	CHECK(refuses("mq-test --quiet=1", "--quiet takes no argument"),
	    "arguments of flags");
	CHECK(refuses("mq-test -c -1",
	    "--count '-1': expected a whole number"), "bad numbers");
	CHECK(refuses("mq-test --order=no",
	    "--order 'no': expected none|key|partition"), "bad choices");
}

static void
test_output(void)
{
	struct buf out = {0};
	const char *text, *line;
	bool short_lines = true;

	option_help(&command, &out);
	text = buf_text(&out);
	CHECK(strncmp(text, "Usage: mq-test [OPTION]... TOPIC [FILE...]\n"
	    "test the parser\n\n  -q, --quiet             say less\n", 90) == 0,
	    "help begins with usage and summary");
	for (line = text; *line != '\0'; line = strchr(line, '\n') + 1)
		short_lines = short_lines && strcspn(line, "\n") < 80;
	CHECK(short_lines, "help fits 80 columns");
	CHECK(strstr(text, "      --release[=DUR]") != NULL &&
	    strstr(text, "  -H NAME=VALUE ") != NULL, "arguments are shown");
	buf_clear(&out);
	option_table(&command, &out);
	CHECK(strncmp(buf_text(&out),
	    "mq-test\tTOPIC [FILE...]\t@topic\t\ttest the parser\n"
	    "-q\t--quiet\t\t\tsay less\n", 70) == 0, "the table has its rows");
	buf_release(&out);
}

int
main(void)
{
	test_order();
	test_values();
	test_refusals();
	test_output();
	return unit_end();
}
