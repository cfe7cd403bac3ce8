/* Parsing a command line by a table of options. */
#include "base/option.h"
#include "base/fail.h"
#include "base/parse.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Values of getopt_long(3) above any letter: the added options, then the
 * tool's own by their index. */
enum {
	VALUE_HELP = 256,
	VALUE_VERSION,
	VALUE_TABLE,
	VALUE_FIRST,
};

/* The table as getopt wants it, and the operands it met. */
struct getopt_table {
	char letters[256];
	struct option *names;
	size_t count;
	char **operands;
	int operand_count;
};

static int
argument_kind(const struct option_spec *spec)
{
	if (spec->argument == NULL)
		return no_argument;
	return spec->argument[0] == '[' ? optional_argument
					: required_argument;
}

static void
add_name(struct getopt_table *table, const char *name, int kind, int value)
{
	table->names[table->count++] =
	    (struct option){name, kind, NULL, value};
}

/* "-" in front: operands come in order, whatever POSIXLY_CORRECT says;
 * ":" a missing argument is told from an unknown option. */
static void
fill_table(const struct command *command, struct getopt_table *table)
{
	const struct option_spec *spec;
	size_t count = 0;
	char *letter = table->letters;
	int kind;

	while (command->options[count].help != NULL)
		count++;
	table->names = memory_alloc((count + 4) * sizeof(*table->names));
	*letter++ = '-';
	*letter++ = ':';
	for (spec = command->options; spec->help != NULL; spec++) {
		kind = argument_kind(spec);
		if (spec->letter != '\0') {
			*letter++ = spec->letter;
			if (kind != no_argument)
				*letter++ = ':';
			if (kind == optional_argument)
				*letter++ = ':';
		}
		if (spec->name != NULL)
			add_name(table, spec->name, kind,
			    VALUE_FIRST + (int)(spec - command->options));
	}
	add_name(table, "help", no_argument, VALUE_HELP);
	add_name(table, "version", no_argument, VALUE_VERSION);
	add_name(table, "option-table", no_argument, VALUE_TABLE);
	*letter = '\0';
}

static const struct option_spec *
find_option(const struct command *command, int value)
{
	const struct option_spec *spec;

	if (value >= VALUE_FIRST)
		return command->options + (value - VALUE_FIRST);
	for (spec = command->options; spec->help != NULL; spec++) {
		if (spec->letter != '\0' && spec->letter == value)
			return spec;
	}
	return NULL;
}

/* "--name" or "-x", for messages. */
static const char *
option_title(const struct option_spec *spec, char title[64])
{
	if (spec->name == NULL)
		snprintf(title, 64, "-%c", spec->letter);
	else
		snprintf(title, 64, "--%s", spec->name);
	return title;
}

/* True if text is one of "a|b|c". */
static bool
is_choice(const char *choices, const char *text)
{
	size_t size = strlen(text), length;

	for (;; choices += length + 1) {
		length = strcspn(choices, "|");
		if (length == size && memcmp(choices, text, size) == 0)
			return true;
		if (choices[length] == '\0')
			return false;
	}
}

static int
check_choice(const struct option_spec *spec, const char *title,
    const char *text)
{
	if (spec->complete == NULL || spec->complete[0] == '@' ||
	    strchr(spec->complete, '|') == NULL ||
	    is_choice(spec->complete, text))
		return 0;
	if (argument_kind(spec) == optional_argument && text[0] == '\0')
		return 0;
	return fail(FAIL_USAGE, "%s '%s': expected %s", title, text,
	    spec->complete);
}

static void
append_item(struct option_list *list, const char *text)
{
	list->items = memory_resize(list->items,
	    (list->count + 1) * sizeof(*list->items));
	list->items[list->count++] = text;
}

static int
store_value(const struct option_spec *spec, const char *text, void *values)
{
	void *member = (char *)values + spec->offset;
	char title[64];
	int result = 0;

	option_title(spec, title);
	if (text == NULL)
		text = "";
	switch (spec->type) {
	case OPTION_FLAG:
		*(bool *)member = true;
		break;
	case OPTION_TEXT:
		result = check_choice(spec, title, text);
		*(const char **)member = text;
		break;
	case OPTION_LIST:
		result = check_choice(spec, title, text);
		append_item(member, text);
		break;
	case OPTION_INTEGER:
		result = parse_integer(text, title, 0, PARSE_INFINITE, member);
		break;
	case OPTION_DURATION:
		result = parse_duration(text, title, member);
		break;
	case OPTION_SIZE:
		result = parse_size(text, title, member);
		break;
	}
	return result;
}

static int
unknown_option(const struct command *command, const char *argument)
{
	const struct option_spec *spec;
	char title[64];

	if (optopt >= VALUE_HELP) {
		spec = find_option(command, optopt);
		return fail(FAIL_USAGE, "%s takes no argument",
		    optopt < VALUE_FIRST ? "that option"
					 : option_title(spec, title));
	}
	if (optopt != 0)
		return fail(FAIL_USAGE, "unknown option '-%c'", optopt);
	return fail(FAIL_USAGE, "unknown or ambiguous option '%s'", argument);
}

static int
take_option(const struct command *command, int value, const char *argument,
    void *values)
{
	char title[64];

	switch (value) {
	case VALUE_HELP:
		return OPTION_HELP;
	case VALUE_VERSION:
		return OPTION_VERSION;
	case VALUE_TABLE:
		return OPTION_TABLE;
	case ':':
		return fail(FAIL_USAGE, "%s needs an argument",
		    option_title(find_option(command, optopt), title));
	case '?':
		return unknown_option(command, argument);
	default:
		return store_value(find_option(command, value), optarg,
		    values);
	}
}

/* getopt's own state is set back, so that a test may parse twice. */
static int
take_all(const struct command *command, int argc, char **argv, void *values,
    struct getopt_table *table)
{
	int value, result;

	optind = 0;
	opterr = 0;
	while ((value = getopt_long(argc, argv, table->letters, table->names,
	            NULL)) != -1) {
		if (value == 1) {
			table->operands[table->operand_count++] = optarg;
			continue;
		}
		result = take_option(command, value, argv[optind - 1], values);
		if (result != 0)
			return result;
	}
	return 0;
}

int
option_parse(const struct command *command, int argc, char **argv,
    void *values, int *operands, int *worker)
{
	struct getopt_table table = {.count = 0};
	int result;

	table.operands = memory_alloc((size_t)(argc + 1) * sizeof(char *));
	fill_table(command, &table);
	result = take_all(command, argc, argv, values, &table);
	if (result != 0)
		goto out;
	/* the rest behind "--" stays, the operands move up to it */
	*worker = optind;
	*operands = optind - table.operand_count;
	memcpy(argv + *operands, table.operands,
	    (size_t)table.operand_count * sizeof(char *));
out:
	free(table.names);
	free(table.operands);
	return result;
}

void
option_release(const struct command *command, void *values)
{
	const struct option_spec *spec;

	for (spec = command->options; spec->help != NULL; spec++) {
		struct option_list *list;

		if (spec->type != OPTION_LIST)
			continue;
		list = (void *)((char *)values + spec->offset);
		free(list->items);
		*list = (struct option_list){0};
	}
}
