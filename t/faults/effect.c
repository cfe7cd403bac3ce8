/* What a workload may have done: whole, not at all, or what it says. */
#include "effect.h"

#include <stdio.h>
#include <string.h>

static int
refuse(char *why, const char *what, const char *which)
{
	snprintf(why, WHY_SIZE, "%s: '%.200s'", what, which);
	return -1;
}

static bool
is_done(const struct trial *trial)
{
	return trial->run.status == trial->workload->status;
}

/* 1: the lease is gone, it is in its state. 66: no topic, no such group. */
bool
effect_allows_again(enum kind kind, int status)
{
	switch (kind) {
	case KIND_SETTLE:
	case KIND_KEEP:
	case KIND_REJECT:
	case KIND_DIE:
		return status == 1;
	case KIND_RESET:
	case KIND_DELETE:
		return status == 66;
	case KIND_CREATE:
		return status == 73;
	case KIND_REDRIVE:
	case KIND_DROP:
		return status == 1;
	case KIND_MEND:
		return status == 1;
	default:
		return false;
	}
}

/* Producers and consumers begin with any partition. */
static bool
has_fixed_output(const struct workload *workload)
{
	enum kind kind = workload->kind;

	if (strcmp(workload->snapshot, "partitions") == 0 ||
	    workload->has_varying_output)
		return false;
	return kind == KIND_READ || kind == KIND_PUT || kind == KIND_TAKE;
}

int
effect_check_output(const struct trial *trial, char why[WHY_SIZE])
{
	const struct child *run = &trial->run;

	/* Nobody else is there to take it. */
	if (strstr(run->err, "not ours any more") != NULL)
		return refuse(why, "calls a lease lost that is not", run->err);
	if (!has_fixed_output(trial->workload))
		return 0;
	if (is_done(trial) && strcmp(run->out, trial->first_out) != 0)
		return refuse(why, "succeeds with other output", run->out);
	/* What it cannot read is one of its findings. */
	if (strcmp(trial->workload->argv[0], "mq-fsck") == 0)
		return 0;
	if (strncmp(run->out, trial->first_out, strlen(run->out)) != 0)
		return refuse(why, "fails with other output", run->out);
	return 0;
}

/* Each message of before is where it was. */
static int
check_kept(const struct trial *trial, const struct lines *log, char *why)
{
	const char *missing;

	if (log->count < 0)
		return refuse(why, "the topic cannot be read",
		    trial->other.err);
	if (!lines_is_within(&trial->before.log, log, &missing))
		return refuse(why, "a message is lost", missing);
	return 0;
}

/* What is neither of before nor "after" nor allowed. */
static int
check_strangers(const struct trial *trial, const struct lines *log,
    const struct lines *allowed, char *why)
{
	for (int i = 0; i < log->count; i++) {
		const char *value = strrchr(log->items[i], ' ') + 1;

		if (lines_find(&trial->before.log, log->items[i]) >= 0)
			continue;
		if (lines_count_value(log, value) > 1)
			return refuse(why, "is there twice", log->items[i]);
		if (strcmp(value, "after") == 0 || strcmp(value, "warm") == 0)
			continue;
		if (lines_find(allowed, value) < 0)
			return refuse(why, "was not there before",
			    log->items[i]);
	}
	return 0;
}

/* "t:PARTITION:OFFSET" of -v is a promise. */
static int
check_promised(const struct trial *trial, const struct lines *log,
    const struct lines *added, char *why)
{
	struct lines places;
	int partition, found;
	long long offset;

	lines_parse(&places, trial->run.out);
	for (int i = 0; i < places.count; i++) {
		char start[60];

		if (sscanf(places.items[i], "t:%d:%lld", &partition,
		        &offset) != 2)
			continue;
		snprintf(start, sizeof(start), "%d %lld ", partition, offset);
		found = 0;
		for (int k = 0; k < log->count; k++)
			found += strncmp(log->items[k], start,
			    strlen(start)) == 0 && lines_find(added,
			    strrchr(log->items[k], ' ') + 1) >= 0;
		if (found != 1)
			return refuse(why, "promised, and not there", start);
	}
	return 0;
}

/* The tool says so if it does not know what became of them, unless stderr
 * fails, too. */
static bool
is_refusal(const struct trial *trial)
{
	return !is_done(trial) && *trial->run.err != 0 &&
	    strstr(trial->run.err, "may be stored") == NULL &&
	    strstr(trial->run.err, "(1 message stored)") == NULL;
}

static int
check_put(const struct trial *trial, const struct lines *log, char *why)
{
	struct lines added, none = {0};
	struct lines promised;
	int there = 0;

	lines_parse(&added, trial->workload->adds);
	lines_parse(&promised, trial->run.out);
	if (check_strangers(trial, log, &added, why) < 0 ||
	    check_promised(trial, log, &added, why) < 0)
		return -1;
	for (int i = 0; i < added.count; i++)
		there += lines_count_value(log, added.items[i]);
	if (is_done(trial) && there != added.count)
		return refuse(why, "exit 0, and not all is there", "");
	if (added.count == 1 && is_refusal(trial) && promised.count == 0)
		return check_strangers(trial, log, &none, why);
	return 0;
}

static int
check_log(const struct trial *trial, const struct lines *log, char *why)
{
	const struct workload *workload = trial->workload;
	struct lines added = {0}, none = {0};

	if (workload->kind == KIND_DELETE)
		return log->count == 1 ? 0 : refuse(why,
		    "the deleted topic still has", log->items[0]);
	if (check_kept(trial, log, why) < 0)
		return -1;
	if (lines_count_value(log, "after") != 1)
		return refuse(why, "what was put afterwards is missing", "");
	if (workload->kind == KIND_PUT)
		return check_put(trial, log, why);
	if (workload->adds != NULL)
		lines_parse(&added, workload->adds);
	if (workload->kind == KIND_REDRIVE)
		return 0;
	return check_strangers(trial, log,
	    workload->adds == NULL ? &none : &added, why);
}

/* Ready before, and not any more. */
static int
count_gone(const struct trial *trial, const struct lines *ready,
    struct lines *gone)
{
	gone->count = 0;
	for (int i = 0; i < trial->before.ready.count; i++) {
		const char *line = trial->before.ready.items[i];

		if (lines_find(ready, line) < 0)
			strcpy(gone->items[gone->count++], line);
	}
	return gone->count;
}

/* What a delivery that was settled took away, and nothing else. */
static int
check_taken(const struct trial *trial, const struct lines *ready,
    const struct lines *gone, char *why)
{
	struct lines delivered;
	const char *missing;

	trial_delivered(trial, &delivered);
	if (!lines_is_within(gone, &delivered, &missing))
		return refuse(why, "settled, and nobody has got it", missing);
	for (int i = 0; is_done(trial) && i < delivered.count; i++) {
		if (lines_find(ready, delivered.items[i]) >= 0)
			return refuse(why, "an acknowledged delivery comes "
			    "back", delivered.items[i]);
	}
	return 0;
}

/* A receipt stands for one message. */
static int
check_settled(const struct trial *trial, const struct lines *gone, char *why)
{
	if (gone->count > 1)
		return refuse(why, "more is gone than was settled",
		    gone->items[0]);
	if (gone->count == 1 || trial->workload->kind == KIND_REJECT)
		return 0;
	return refuse(why, "an acknowledged message comes back",
	    trial->receipt);
}

static int
check_ready(struct trial *trial, struct lines *gone, char *why)
{
	enum kind kind = trial->workload->kind;
	struct lines ready;
	const char *stray;

	trial_drain(trial, &ready);
	if (ready.count < 0)
		return refuse(why, "the group cannot be read",
		    trial->other.err);
	count_gone(trial, &ready, gone);
	if (kind != KIND_RESET && kind != KIND_DELETE &&
	    kind != KIND_REDRIVE) {
		for (int i = 0; i < ready.count; i++) {
			stray = ready.items[i];
			if (lines_find(&trial->before.log, stray) >= 0 &&
			    lines_find(&trial->before.ready, stray) < 0)
				return refuse(why, "settled before, and "
				    "comes back", stray);
		}
	}
	if (kind == KIND_TAKE)
		return check_taken(trial, &ready, gone, why);
	if (kind == KIND_SETTLE || kind == KIND_REJECT)
		return check_settled(trial, gone, why);
	if (kind == KIND_RESET &&
	    !lines_is_within(&trial->before.log, &ready, &stray))
		return refuse(why, "not reset", stray);
	if (kind != KIND_DELETE && kind != KIND_DIE && gone->count > 0)
		return refuse(why, "ready before, and gone now",
		    gone->items[0]);
	return 0;
}

/* A rejected message is a dead letter, once. If the tool has failed, it may as
 * well come back: who takes it next brings the death to its end. */
static int
check_rejected(const struct trial *trial, int more, bool is_gone, char *why)
{
	if (more > 1)
		return refuse(why, "a dead letter is there twice",
		    trial->receipt);
	if (strstr(trial->run.err, "no dead letter yet") != NULL)
		return 0;
	if (more == 0 && (is_gone || is_done(trial)))
		return refuse(why, "a rejected message is lost",
		    trial->receipt);
	if (!is_gone && is_done(trial))
		return refuse(why, "a rejected message comes back",
		    trial->receipt);
	return 0;
}

/* What is gone is a dead letter, once. */
static int
check_died(const struct lines *dead, const struct lines *gone, char *why)
{
	for (int i = 0; i < dead->count; i++) {
		if (lines_count_value(dead, dead->items[i]) != 1)
			return refuse(why, "a dead letter is there twice",
			    dead->items[i]);
	}
	for (int i = 0; i < gone->count; i++) {
		const char *value = strrchr(gone->items[i], ' ') + 1;

		if (lines_find(dead, value) < 0)
			return refuse(why, "gone, and no dead letter", value);
	}
	return 0;
}

/* The letters of before, and one more at most. */
static int
check_dead(struct trial *trial, const struct lines *gone, char *why)
{
	enum kind kind = trial->workload->kind;
	struct lines dead;
	const char *missing;
	int more;

	trial_look_dead(trial, &dead);
	if (dead.count < 0)
		return refuse(why, "dead letters cannot be read",
		    trial->other.err);
	if (kind == KIND_DELETE || kind == KIND_DROP || kind == KIND_REDRIVE)
		return 0;
	if (!lines_is_within(&trial->before.dead, &dead, &missing))
		return refuse(why, "a dead letter is lost", missing);
	more = dead.count - trial->before.dead.count;
	if (kind == KIND_REJECT)
		return check_rejected(trial, more, gone->count > 0, why);
	if (kind == KIND_DIE)
		return check_died(&dead, gone, why);
	return more == 0 ? 0 : refuse(why, "a dead letter that nobody wrote",
	    dead.items[dead.count - 1]);
}

int
effect_check(struct trial *trial, char why[WHY_SIZE])
{
	struct lines log, gone = {0};

	trial_look_log(trial, &log);
	if (check_log(trial, &log, why) < 0 ||
	    check_ready(trial, &gone, why) < 0)
		return -1;
	return check_dead(trial, &gone, why);
}
