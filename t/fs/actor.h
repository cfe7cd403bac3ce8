/* Tools that run while the power goes, and what they said outside the file
 * system until then. */
#ifndef FS_ACTOR_H
#define FS_ACTOR_H

#include "base/buf.h"

#include <stddef.h>
#include <sys/types.h>

enum { ARGUMENTS_MAX = 24 };

struct actor {
	pid_t pid;
	int out;        /* a file in memory: what was said on stdout */
	size_t certain; /* so much of it at actor_note */
};

/* All that is run, until actor_end. stderr goes to a file in memory, too. */
void actor_begin(void);

int actor_file(void); /* an empty file in memory */

/* Runs a tool; `in` may be -1. */
void actor_start(struct actor *actor, char *const *argv, int in);

/* The same for a function, which runs tools by actor_run and ends when one
 * fails. */
void actor_start_loop(struct actor *actor, void (*loop)(void *), void *context);

/* Runs a tool to its end; returns its status, 128 + n for a signal. It is
 * ended after 20 seconds. */
int actor_run(char *const *argv, int out);

/* Writes a line. */
void actor_say(int out, const char *text);

/* All that was written to a file in memory, and closes it. */
void actor_take(int out, struct buf *text);

/* Right before the cut: the kernel tells success to some syncs that a shutdown
 * meets on their way, so what is said later promises nothing. */
void actor_note(struct actor *actors, size_t count);

/* Kills all and waits for them and for theirs. */
void actor_end(struct actor *actors, size_t count);

/* What was written to stderr since actor_begin. */
const char *actor_errors(void);

#endif
