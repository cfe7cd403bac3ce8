/* States of a disk, tried one after the other in a process of their own. */
#include "trial.h"
#include "calls.h"

#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LIMIT_S = 60, RAN = 1, FAILED = 2 };

/* Memory that the children write to. */
struct results {
	int at;
	unsigned char what[TRIALS_MAX];
	char why[WHY_SIZE]; /* of the one that failed last */
};

/* What a kill leaves is the boot of the run before it. */
static bool is_cut_at[DEPTH_MAX];

const char *
trial_boot(int depth, const char *of_run, bool *is_killed)
{
	static const char *const boots[DEPTH_MAX] = {
		"11111111-1111-4111-8111-111111111111",
		"22222222-2222-4222-8222-222222222222",
		"33333333-3333-4333-8333-333333333333",
		"44444444-4444-4444-8444-444444444444",
	};

	is_cut_at[depth] = !*is_killed;
	for (int i = depth; i >= 0; i--) {
		if (!is_cut_at[i])
			continue;
		*is_killed = false;
		return boots[i];
	}
	return of_run;
}

static struct results *
shared_results(void)
{
	static struct results *results;

	if (results == NULL) {
		results = mmap(NULL, sizeof(*results), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		verify_share();
	}
	return results;
}

/* The same state takes the same course, whatever was tried before it. */
static void
enter(const struct trial *trial)
{
	alarm(LIMIT_S);
	calls_set_boot(trial->boot);
	calls_set_clocks(&trial->clocks);
	calls_reset(trial->boot == NULL ? 1 : (uint64_t)*trial->boot);
	sqlite3_randomness(0, NULL);
	disk_load(&trial->image);
}

static void
spool_path(const char *spool, char path[600])
{
	snprintf(path, 600, "%s/%s", DISK, spool);
}

/* In the child: up to the first that fails. */
static void
try_from(struct trial *trials, int from, int count, const char *spool,
    const struct promises *promises)
{
	struct results *results = shared_results();
	char path[600];

	spool_path(spool, path);
	for (int i = from; i < count; i++) {
		results->at = i;
		enter(&trials[i]);
		if (verify(path, promises, trials[i].is_killed,
		        trials[i].key, results->why) != 0)
			_exit(1);
		results->what[i] = RAN;
	}
	_exit(0);
}

static void
run_from(struct trial *trials, int from, int count, const char *spool,
    const struct promises *promises)
{
	struct results *results = shared_results();
	int status = 0;
	pid_t pid = fork();
	struct trial *bad;

	if (pid == 0)
		try_from(trials, from, count, spool, promises);
	if (pid < 0 || waitpid(pid, &status, 0) != pid) {
		perror("crash: fork");
		exit(71);
	}
	if (status == 0)
		return;
	bad = &trials[results->at];
	if (WIFSIGNALED(status))
		snprintf(results->why, WHY_SIZE,
		    "the check died of signal %d%s", WTERMSIG(status),
		    WTERMSIG(status) == SIGALRM ? " (it hung)" : "");
	results->what[results->at] = FAILED;
	bad->has_failed = true;
	bad->why = memory_copy_text(results->why);
}

void
trial_run(struct trial *trials, int count, const char *spool,
    const struct promises *promises)
{
	struct results *results = shared_results();

	memset(results->what, 0, sizeof(results->what));
	for (int i = 0; i < count; i++) {
		while (results->what[i] == 0)
			run_from(trials, i, count, spool, promises);
	}
}

const struct trace *
trial_record(const struct trial *trial, const char *spool, const char *trace)
{
	char path[600];
	int status;
	pid_t pid;

	if (trace_make(trace) < 0)
		return NULL;
	spool_path(spool, path);
	pid = fork();
	if (pid == 0) {
		enter(trial);
		if (trace_start(trace) < 0)
			_exit(2);
		verify_recover(path);
		calls_finish();
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
		return NULL;
	return trace_read(trace);
}
