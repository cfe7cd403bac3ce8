/* Lists of lines: what a topic holds, what a group may still take. */
#ifndef FAULTS_LINES_H
#define FAULTS_LINES_H

#include <stdbool.h>

enum { LINES_MAX = 200, LINE_SIZE = 96 };

struct lines {
	int count;
	char items[LINES_MAX][LINE_SIZE]; /* cut if longer */
};

/* Those of a text; a last one without a newline counts too. */
void lines_parse(struct lines *lines, const char *text);

/* Where it is, -1 if it is not. */
int lines_find(const struct lines *lines, const char *line);

/* True if each of a is in b. Otherwise *missing is one that is not. */
bool lines_is_within(const struct lines *a, const struct lines *b,
    const char **missing);

/* How many end in this word. */
int lines_count_value(const struct lines *lines, const char *value);

#endif
