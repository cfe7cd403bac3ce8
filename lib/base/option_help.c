/* What a table of options says about itself: --help, and rows for completion. */
#include "base/option.h"

#include <string.h>

enum {
	COLUMN = 26,
	WIDTH = 79,
};

static const struct option_spec added_options[] = {
    {0, "help", OPTION_FLAG, 0, NULL, NULL, "print this help"},
    {0, "version", OPTION_FLAG, 0, NULL, NULL, "print the version"},
    {0, NULL, OPTION_FLAG, 0, NULL, NULL, NULL},
};

/* "  -C, --directory=DIR" */
static void
append_title(const struct option_spec *spec, struct buf *out)
{
	const char *argument = spec->argument;

	if (spec->letter != '\0')
		buf_printf(out, "  -%c", spec->letter);
	else
		buf_append_text(out, "    ");
	if (spec->name != NULL)
		buf_printf(out, "%s --%s", spec->letter != '\0' ? "," : " ",
		    spec->name);
	if (argument == NULL)
		return;
	if (argument[0] == '[')
		buf_printf(out, "[=%s", argument + 1);
	else
		buf_printf(out, "%c%s", spec->name != NULL ? '=' : ' ',
		    argument);
}

static void
pad_to(struct buf *out, size_t line, size_t column)
{
	while (out->size - line < column)
		buf_append_byte(out, ' ');
}

/* Breaks text at spaces so that no line is longer than WIDTH. */
static void
append_wrapped(struct buf *out, size_t line, const char *text)
{
	size_t length;

	for (; *text != '\0'; text += length) {
		while (*text == ' ')
			text++;
		length = strcspn(text, " ");
		if (out->size - line > COLUMN &&
		    out->size - line + 1 + length > WIDTH) {
			buf_append_byte(out, '\n');
			line = out->size;
			pad_to(out, line, COLUMN);
		}
		if (out->size - line > COLUMN)
			buf_append_byte(out, ' ');
		buf_append(out, text, length);
	}
	buf_append_byte(out, '\n');
}

static void
append_rows(const struct option_spec *spec, struct buf *out)
{
	size_t line;

	for (; spec->help != NULL; spec++) {
		line = out->size;
		append_title(spec, out);
		if (out->size - line > COLUMN - 2) {
			buf_append_byte(out, '\n');
			line = out->size;
		}
		pad_to(out, line, COLUMN);
		append_wrapped(out, line, spec->help);
	}
}

void
option_help(const struct command *command, struct buf *out)
{
	buf_printf(out, "Usage: %s [OPTION]... %s\n%s\n\n", command->name,
	    command->operands, command->summary);
	append_rows(command->options, out);
	append_rows(added_options, out);
}

static const char *
text_or_empty(const char *text)
{
	return text == NULL ? "" : text;
}

static void
append_table(const struct option_spec *spec, struct buf *out)
{
	for (; spec->help != NULL; spec++) {
		if (spec->letter != '\0')
			buf_printf(out, "-%c", spec->letter);
		buf_printf(out, "\t%s%s\t%s\t%s\t%s\n",
		    spec->name == NULL ? "" : "--",
		    text_or_empty(spec->name), text_or_empty(spec->argument),
		    text_or_empty(spec->complete), spec->help);
	}
}

void
option_table(const struct command *command, struct buf *out)
{
	buf_printf(out, "%s\t%s\t%s\t%s\t%s\n", command->name,
	    command->operands, text_or_empty(command->complete),
	    text_or_empty(command->subcommands), command->summary);
	append_table(command->options, out);
	append_table(added_options, out);
}
