/* The word that says what a tool is to do. */
#include "tool.h"

#include <string.h>

int
tool_subcommand(const struct command *command, const char *word)
{
	const char *at = command->subcommands;

	if (word == NULL)
		tool_usage("one of %s is expected", at);
	for (int i = 0; *at != '\0'; i++) {
		size_t size = strcspn(at, "|");

		if (strlen(word) == size && memcmp(at, word, size) == 0)
			return i;
		at += size + (at[size] == '|');
	}
	tool_usage("'%s' is none of %s", word, command->subcommands);
}
