/* Option parsing by a table with all there can be in one. */
#include "arguments.h"

struct values {
	bool flag;
	bool quiet;
	const char *text;
	const char *choice;
	const char *optional;
	struct option_list list;
	int64_t count;
	int64_t wait_ms;
	int64_t size;
};

#define AT(member) offsetof(struct values, member)

static const struct option_spec options[] = {
	{'f', "flag", OPTION_FLAG, AT(flag), NULL, NULL, "a flag"},
	{'q', "quiet", OPTION_FLAG, AT(quiet), NULL, NULL, "another"},
	{'t', "text", OPTION_TEXT, AT(text), "TEXT", COMPLETE_FILE, "a text"},
	{'C', "choice", OPTION_TEXT, AT(choice), "WORD", "one|two|three",
	    "one of three"},
	{'r', "renew", OPTION_TEXT, AT(optional), "[DUR]", NULL, "perhaps"},
	{0, "re-new", OPTION_LIST, AT(list), "X", "a|b", "a list"},
	{'c', "count", OPTION_INTEGER, AT(count), "N", NULL, "a number"},
	{'w', NULL, OPTION_DURATION, AT(wait_ms), "DUR", NULL, "a time"},
	{'1', "size", OPTION_SIZE, AT(size), "SIZE", NULL, "a size"},
	{0},
};

static const struct command command = {
	.name = "mq-fuzz",
	.operands = "[TOPIC...]",
	.summary = "parse anything",
	.options = options,
};

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {data, size};
	struct arguments arguments;
	struct values values = {0};
	int operands = 0, worker = 0;

	take_arguments(&arguments, "mq-fuzz", &input);
	parse_and_check(&command, &arguments, &values, &operands, &worker);
	free(values.list.items);
	release_arguments(&arguments);
	return 0;
}
