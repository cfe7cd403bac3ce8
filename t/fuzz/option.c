/* Option parsing: argv from NUL-separated bytes. */
#include "fuzz.h"
#include "base/option.h"

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
	{'H', "header", OPTION_LIST, AT(list), "NAME=VALUE", NULL, "a list"},
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

enum { ARGUMENTS_MAX = 64 };

static bool
is_one_of(const char *text, char *const *argv, int argc)
{
	for (int i = 0; i < argc; i++)
		if (text >= argv[i] && text <= argv[i] + strlen(argv[i]))
			return true;
	return false;
}

static void
check_values(const struct values *values, char *const *former, int argc)
{
	MUST(values->count >= 0 && values->wait_ms >= 0 && values->size >= 0,
	    "numbers are not negative");
	MUST(values->text == NULL || is_one_of(values->text, former, argc),
	    "a text is one of argv's");
	MUST(values->choice == NULL || strcmp(values->choice, "one") == 0 ||
	    strcmp(values->choice, "two") == 0 ||
	    strcmp(values->choice, "three") == 0,
	    "a choice is one of its words");
	for (size_t i = 0; i < values->list.count; i++)
		MUST(is_one_of(values->list.items[i], former, argc),
		    "so is each of a list");
}

/* Operands keep their order; what is behind "--" stays as it is. */
static void
check_operands(char *const *argv, char *const *former, int argc, int operands,
    int worker)
{
	int at = 1;

	MUST(operands >= 1 && operands <= worker && worker <= argc,
	    "operands and worker are in argv");
	for (int i = operands; i < worker; i++, at++) {
		while (at < argc && former[at] != argv[i])
			at++;
		MUST(at < argc, "operands come in their order");
	}
	for (int i = worker; i < argc; i++)
		MUST(argv[i] == former[i], "a worker's arguments stay");
	MUST(worker == argc || strcmp(former[worker - 1], "--") == 0,
	    "and begin behind --");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {data, size};
	char *argv[ARGUMENTS_MAX + 1] = {memory_copy_text("mq-fuzz")};
	char *former[ARGUMENTS_MAX + 1];
	struct values values = {0};
	int argc = 1, operands = 0, worker = 0, rc;

	while (input.left > 0 && argc < ARGUMENTS_MAX)
		argv[argc++] = take_text(&input);
	argv[argc] = NULL;
	memcpy(former, argv, sizeof(argv));
	rc = option_parse(&command, argc, argv, &values, &operands, &worker);
	MUST(rc == 0 || rc == -FAIL_USAGE || rc == OPTION_HELP ||
	    rc == OPTION_VERSION || rc == OPTION_TABLE,
	    "there are no other results");
	if (rc == 0) {
		check_values(&values, former, argc);
		check_operands(argv, former, argc, operands, worker);
	}
	free(values.list.items);
	for (int i = 0; i < argc; i++)
		free(former[i]);
	return 0;
}
