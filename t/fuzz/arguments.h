/* Command lines of any bytes, and what must hold once they are parsed. */
#ifndef ARGUMENTS_H
#define ARGUMENTS_H

#include "fuzz.h"
#include "base/option.h"

enum { ARGUMENTS_MAX = 64 };

/* argv, and what it was before it was permuted. */
struct arguments {
	char *argv[ARGUMENTS_MAX + 1];
	char *former[ARGUMENTS_MAX + 1];
	int argc;
};

/* Texts between NUL bytes. */
static inline void
take_arguments(struct arguments *arguments, const char *name,
    struct input *input)
{
	arguments->argv[0] = memory_copy_text(name);
	arguments->argc = 1;
	while (input->left > 0 && arguments->argc < ARGUMENTS_MAX)
		arguments->argv[arguments->argc++] = take_text(input);
	arguments->argv[arguments->argc] = NULL;
	memcpy(arguments->former, arguments->argv, sizeof(arguments->argv));
}

static inline void
release_arguments(struct arguments *arguments)
{
	for (int i = 0; i < arguments->argc; i++)
		free(arguments->former[i]);
}

static inline bool
is_one_of(const char *text, const struct arguments *arguments)
{
	for (int i = 0; i < arguments->argc; i++) {
		const char *from = arguments->former[i];

		if (text >= from && text <= from + strlen(from))
			return true;
	}
	return false;
}

/* Operands keep their order; what is behind "--" stays as it is. */
static inline void
check_operands(const struct arguments *arguments, int operands, int worker)
{
	char *const *argv = arguments->argv, *const *former = arguments->former;
	int argc = arguments->argc, at = 1;

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

/* Is it one of the words of "a|b|c", or are there no words? */
static inline bool
is_choice_good(const struct option_spec *spec, const char *text)
{
	const char *words = spec->complete;
	size_t size;

	if (words == NULL || words[0] == '@' || strchr(words, '|') == NULL ||
	    (*text == 0 && spec->argument[0] == '['))
		return true;
	for (;; words += size + 1) {
		size = strcspn(words, "|");
		if (strlen(text) == size && memcmp(words, text, size) == 0)
			return true;
		if (words[size] == 0)
			return false;
	}
}

/* A text is the default it was, or "", or one of argv's. */
static inline void
check_text(const struct option_spec *spec, const char *text,
    const struct arguments *arguments)
{
	MUST(is_one_of(text, arguments) ||
	    (*text == 0 && spec->argument[0] == '['), "a text is one of argv's");
	MUST(is_choice_good(spec, text), "a choice is one of its words");
}

/* before holds the 8 bytes of the member as they were, for each option. */
static inline void
check_value(const struct option_spec *spec, const void *values, int64_t before,
    const struct arguments *arguments)
{
	const char *member = (const char *)values + spec->offset;
	struct option_list list;
	unsigned char flag;
	int64_t value;

	memcpy(&flag, member, sizeof(flag));
	MUST(spec->type != OPTION_FLAG || flag <= 1, "a flag is set or not");
	if (spec->type == OPTION_FLAG)
		return;
	memcpy(&value, member, sizeof(value));
	if (value == before)
		return;
	memcpy(&list, member, spec->type == OPTION_LIST ? sizeof(list) : 0);
	if (spec->type == OPTION_TEXT)
		check_text(spec, *(const char *const *)(const void *)member,
		    arguments);
	else if (spec->type != OPTION_LIST)
		MUST(value >= 0, "numbers are not negative");
	for (size_t i = 0; spec->type == OPTION_LIST && i < list.count; i++)
		check_text(spec, list.items[i], arguments);
}

static inline void
keep_values(const struct option_spec *spec, const void *values, int64_t *kept)
{
	for (; spec->help != NULL; spec++)
		if (spec->type != OPTION_FLAG)
			memcpy(kept++, (const char *)values + spec->offset, 8);
		else
			kept++;
}

/* Parses argv by a table: as option_parse, and all that must hold. */
static inline int
parse_and_check(const struct command *command, struct arguments *arguments,
    void *values, int *operands, int *worker)
{
	int64_t kept[64];
	int rc;

	keep_values(command->options, values, kept);
	rc = option_parse(command, arguments->argc, arguments->argv, values,
	    operands, worker);
	MUST(rc == 0 || rc == -FAIL_USAGE || rc == OPTION_HELP ||
	    rc == OPTION_VERSION || rc == OPTION_TABLE,
	    "there are no other results");
	if (rc != 0)
		return rc;
	for (int i = 0; command->options[i].help != NULL; i++)
		check_value(&command->options[i], values, kept[i], arguments);
	check_operands(arguments, *operands, *worker);
	return rc;
}

#endif
