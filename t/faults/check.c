/* What must hold after a workload met a fault: how it ended, what works. */
#include "check.h"
#include "effect.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const put_after[] = {"mq-put", "-m", "after", "t", NULL};
static const char *const mend[] = {"mq-fsck", "-y", NULL};
static const char *const examine[] = {"mq-fsck", "-n", NULL};

static __attribute__((format(printf, 2, 3))) int
refuse(char *why, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(why, WHY_SIZE, format, arguments);
	va_end(arguments);
	return -1;
}

/* TOOL: WHAT: REASON, and the reason is the one that the kernel gave. */
static int
check_message(const struct trial *trial, const struct plan *plan, char *why)
{
	const char *tool = trial->workload->argv[0], *err = trial->run.err;
	size_t size = strlen(tool);
	const char *colon;

	if (strncmp(err, tool, size) != 0 ||
	    strncmp(err + size, ": ", 2) != 0)
		return refuse(why, "an error without a name: '%.300s'", err);
	colon = strstr(err + size + 2, ": ");
	if (colon == NULL)
		return refuse(why, "an error without a place: '%.300s'", err);
	if (!plan_is_told(plan, colon))
		return refuse(why, "an error without its reason: '%.300s'",
		    err);
	return 0;
}

/* A full output is not a full spool. Where no write works for ever, no worker
 * gets a message, and nobody can be told why. */
static bool
is_output(const struct plan *plan, const struct site *call, int status)
{
	return strcmp(plan->call, "write") == 0 &&
	    (status == 74 || (status == 1 && plan_is_forever(plan))) &&
	    strncmp(call->path, "pipe:", 5) == 0;
}

/* mq-fsck tells of what it has left (4) on stdout, as of all it found. */
static bool
is_fsck_report(const struct trial *trial, const struct plan *plan)
{
	return strcmp(trial->workload->argv[0], "mq-fsck") == 0 &&
	    (trial->run.status & 4) != 0 &&
	    plan_is_told(plan, trial->run.out);
}

/* fsck(8): errors were left, some corrected perhaps, or it could not run. */
static bool
is_allowed(const struct trial *trial, const struct plan *plan,
    const struct site *call)
{
	int status = trial->run.status;

	if (strcmp(trial->workload->argv[0], "mq-fsck") == 0)
		return status == 4 || status == 5 || status == 8;
	return plan_allows(plan, call->path, status) ||
	    is_output(plan, call, status);
}

static int
check_end(const struct trial *trial, const struct plan *plan,
    const struct site *call, char *why)
{
	const struct child *run = &trial->run;

	if (run->is_hung)
		return refuse(why, "hangs: '%.300s'", run->err);
	if (run->is_killed)
		return refuse(why, "died of signal %d: '%.300s'",
		    run->status - 128, run->err);
	if (run->status == trial->workload->status ||
	    (trial->workload->kind == KIND_MEND && run->status <= 1))
		return 0;
	if (plan == NULL || (plan->is_hidden &&
	        !plan_allows(plan, call->path, run->status)))
		return refuse(why, "exit %d, not %d: '%.300s'", run->status,
		    trial->workload->status, run->err);
	if (!is_allowed(trial, plan, call))
		return refuse(why, "wrong exit status %d: '%.300s'",
		    run->status, run->err);
	if (is_fsck_report(trial, plan))
		return 0;
	/* stderr fails, too. */
	if (strcmp(plan->call, "write") == 0 && plan_is_forever(plan) &&
	    *run->err == 0)
		return 0;
	return check_message(trial, plan, why);
}

/* A sync of messages that failed: the kernel will not tell again. The first
 * one of a recovery is none: it drops the cache, and asks the disk what it
 * has. */
static bool
is_lost_sync(const struct trial *trial, const struct plan *plan,
    const struct site *call)
{
	size_t size = strlen(call->path);
	bool recovers = trial->workload->recovers &&
	    (call->number == 1 || trial->workload->kind != KIND_PUT);

	return plan != NULL && !plan->is_hidden && !recovers &&
	    strcmp(plan->call, "fdatasync") == 0 && size > 4 &&
	    strstr(call->path, "/topics/t/") != NULL &&
	    strcmp(call->path + size - 4, ".log") == 0;
}

/* Nothing more is taken until a recovery. */
static int
check_stop(struct trial *trial, const struct site *call, char *why)
{
	const char *slash = strstr(call->path, "/topics/t/");
	char partition[2] = {slash == NULL ? '0' : slash[10], 0};
	const char *const put[] = {"mq-put", "-p", partition, "-m", "after",
	    "t", NULL};

	if (trial->run.status == trial->workload->status)
		return refuse(why, "a sync failed, and yet it exits %d",
		    trial->run.status);
	if (trial_tool(trial, put) == 0)
		return refuse(why, "a put is taken after a sync failed");
	if (trial->other.status != 74)
		return refuse(why, "a put after a failed sync exits %d: "
		    "'%.300s'", trial->other.status, trial->other.err);
	return 0;
}

static bool
is_stopped(const struct child *child)
{
	return child->status != 0 &&
	    strstr(child->err, "until mq-fsck -y has recovered it") != NULL;
}

/* The tool, after a recovery if it asks for one; its status. */
static int
run_and_mend(struct trial *trial, const char *const *argv)
{
	int status = trial_tool(trial, argv);

	if (!is_stopped(&trial->other))
		return status;
	status = trial_tool(trial, mend);
	return status > 1 ? status : trial_tool(trial, argv);
}

/* What failed is tried again: a refusal must not stand in its own way. */
static int
check_again(struct trial *trial, char *why)
{
	const struct workload *workload = trial->workload;
	int status;

	if (trial->run.status == workload->status ||
	    workload->kind <= KIND_LEASE)
		return 0;
	status = trial_again(trial);
	if (is_stopped(&trial->other) && trial_tool(trial, mend) <= 1)
		status = trial_again(trial);
	if (status != 0 && status != workload->status &&
	    !effect_allows_again(workload->kind, status))
		return refuse(why, "after a failure (%.200s) again: exit %d: "
		    "'%.300s'", trial->run.err, status, trial->other.err);
	return 0;
}

static int
check_works(struct trial *trial, char *why)
{
	int status = run_and_mend(trial, put_after);

	if (status != 0)
		return refuse(why, "a put afterwards exits %d: '%.300s'",
		    status, trial->other.err);
	return 0;
}

/* What failed for ever could not be tidied up either, and what was not asked
 * for any more may still be stopped. */
static int
check_clean(struct trial *trial, const struct plan *plan, char *why)
{
	int status = trial_tool(trial, examine);

	if (status == 4 && plan != NULL &&
	    (strstr(trial->other.out, "stopped: a sync has failed") != NULL ||
	        (plan_is_forever(plan) &&
	            strstr(trial->other.out, "left over") != NULL)) &&
	    trial_tool(trial, mend) == 1)
		status = trial_tool(trial, examine);
	if (status != 0)
		return refuse(why, "mq-fsck -n afterwards exits %d: %.300s%s",
		    status, trial->other.out, trial->other.err);
	return 0;
}

int
check_trial(struct trial *trial, const struct plan *plan,
    const struct site *call, char why[WHY_SIZE])
{
	int result = check_end(trial, plan, call, why);

	if (result == 0)
		result = effect_check_output(trial, why);
	if (result == 0 && call != NULL && is_lost_sync(trial, plan, call))
		result = check_stop(trial, call, why);
	if (result == 0)
		result = check_again(trial, why);
	if (result == 0)
		result = check_works(trial, why);
	if (result == 0)
		result = effect_check(trial, why);
	if (result == 0)
		result = check_clean(trial, plan, why);
	return result;
}
