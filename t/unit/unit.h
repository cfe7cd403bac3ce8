/* The smallest frame for unit tests: one line a promise, a status at the end. */
#ifndef UNIT_H
#define UNIT_H

#include <stdbool.h>
#include <stdio.h>

static int unit_failures;

static inline void
unit_check(bool good, const char *sentence, const char *file, int line)
{
	printf("%s - %s\n", good ? "ok" : "not ok", sentence);
	if (!good) {
		printf("# %s:%d\n", file, line);
		unit_failures++;
	}
	fflush(stdout);
}

#define CHECK(condition, sentence) \
	unit_check((condition), (sentence), __FILE__, __LINE__)

/* The exit status of the test. */
static inline int
unit_end(void)
{
	return unit_failures > 0;
}

#endif
