/* Child processes: start, feed, watch. */
#ifndef BASE_PROCESS_H
#define BASE_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* A started child. Invariant: a descriptor not asked for is -1. */
struct process {
	pid_t pid;
	int pidfd;  /* readable when it has ended */
	int input;  /* write end of its stdin, non-blocking */
	int errors; /* read end of its stderr, non-blocking */
};

/* Starts argv[0] (found in PATH) with posix_spawn or vfork: its own process
 * group, stdin and stderr piped to us, stdout inherited, default signal
 * dispositions and an empty mask. environment is the whole of it
 * ("NAME=value", NULL-ended). Returns 0; -FAIL_MISSING if not found (the
 * caller's 127), -FAIL_PERMISSION if not executable (126). */
int process_start(struct process *process, char *const argv[],
    char *const environment[]);

/* True if it has ended, and can be collected. */
bool is_process_ended(const struct process *process);

/* Collects the ended child: 0 and *status as of waitpid(2), else -FAIL_AGAIN
 * while it runs. Closes nothing. */
int process_collect(struct process *process, int *status);
/* Its process group. */
void process_kill(const struct process *process, int signal);

void process_release(struct process *process); /* closes; accepts empty */

/* A thread that watches other processes and rings word when any of the pids
 * ends. Pids that are gone or not visible are left out. */
struct process_watch;
int process_watch_start(struct process_watch **watch, uint32_t *word,
    const pid_t *pids, int count);
void process_watch_stop(struct process_watch *watch); /* accepts NULL */

#endif
