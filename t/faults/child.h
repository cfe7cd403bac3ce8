/* A tool that is run to its end, under a watchdog. */
#ifndef FAULTS_CHILD_H
#define FAULTS_CHILD_H

#include <stdbool.h>
#include <stddef.h>

enum { OUTPUT_MAX = 64 * 1024 };

/* What to run, and what came of it. */
struct child {
	const char *const *argv;
	const char *const *environment; /* NAME=VALUE beside the common ones */
	const char *input;              /* stdin, or NULL for /dev/null */
	const char *const *beside;      /* run once it sleeps, or NULL */
	int limit_ms;
	/* results; output is cut at OUTPUT_MAX */
	int status;                     /* exit status, 128 + signal */
	bool is_hung;                   /* was killed at its limit */
	bool is_killed;                 /* died of a signal */
	char out[OUTPUT_MAX];
	char err[OUTPUT_MAX];
};

/* Sets the environment that all children have: the spool, a home, PATH. */
void child_environment(const char *build, const char *scratch);

/* Runs it. Exits with 71 if that is not possible. */
void child_run(struct child *child);

#endif
