/* Lists of lines: what a topic holds, what a group may still take. */
#include "lines.h"

#include <stdio.h>
#include <string.h>

void
lines_parse(struct lines *lines, const char *text)
{
	lines->count = 0;
	while (*text != 0 && lines->count < LINES_MAX) {
		size_t size = strcspn(text, "\n");

		snprintf(lines->items[lines->count++], LINE_SIZE, "%.*s",
		    (int)size, text);
		text += size;
		if (*text == '\n')
			text++;
	}
}

int
lines_find(const struct lines *lines, const char *line)
{
	for (int i = 0; i < lines->count; i++) {
		if (strcmp(lines->items[i], line) == 0)
			return i;
	}
	return -1;
}

bool
lines_is_within(const struct lines *a, const struct lines *b,
    const char **missing)
{
	for (int i = 0; i < a->count; i++) {
		*missing = a->items[i];
		if (lines_find(b, a->items[i]) < 0)
			return false;
	}
	return true;
}

int
lines_count_value(const struct lines *lines, const char *value)
{
	int count = 0;

	for (int i = 0; i < lines->count; i++) {
		const char *last = strrchr(lines->items[i], ' ');

		last = last == NULL ? lines->items[i] : last + 1;
		count += strcmp(last, value) == 0;
	}
	return count;
}
