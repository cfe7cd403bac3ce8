/* Call sites that have failed, kept in a file from workload to workload. */
#include "covered.h"

#include <stdlib.h>
#include <string.h>

enum { LINE_SIZE = 512 };

static void
append(struct covered *covered, const char *text)
{
	size_t size = strlen(text);

	covered->lines = realloc(covered->lines, covered->size + size + 1);
	if (covered->lines == NULL)
		abort();
	memcpy(covered->lines + covered->size, text, size + 1);
	covered->size += size;
}

void
covered_open(struct covered *covered, const char *path)
{
	char line[LINE_SIZE];

	*covered = (struct covered){0};
	covered->file = fopen(path, "a+e");
	if (covered->file == NULL) {
		perror(path);
		exit(71);
	}
	append(covered, "\n");
	rewind(covered->file);
	while (fgets(line, sizeof(line), covered->file) != NULL)
		append(covered, line);
}

void
covered_close(struct covered *covered)
{
	fclose(covered->file);
	free(covered->lines);
}

static void
format(char line[LINE_SIZE], const char *call, const char *site)
{
	snprintf(line, LINE_SIZE, "\n%s %s\n", call, site);
}

bool
is_covered(const struct covered *covered, const char *call, const char *site)
{
	char line[LINE_SIZE];

	format(line, call, site);
	return strstr(covered->lines, line) != NULL;
}

void
covered_add(struct covered *covered, const char *call, const char *site)
{
	char line[LINE_SIZE];

	if (is_covered(covered, call, site))
		return;
	format(line, call, site);
	append(covered, line + 1);
	fputs(line + 1, covered->file);
}
