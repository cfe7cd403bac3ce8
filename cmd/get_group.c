/* mq-get with a group: leases, to stdout or to workers. */
#include "get_group.h"
#include "base/parse.h"
#include "get_supply.h"
#include "queue/consume.h"
#include "queue/pool.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TIMED_OUT = 124, WORKERS_MAX = 1000, BATCH_MAX = 1000000 };

/* A choice that the option table has checked: its place in the list. */
static int
choose(const char *word, const char *const *words)
{
	int i = 0;

	while (word != NULL && words[i] != NULL && strcmp(word, words[i]) != 0)
		i++;
	return i;
}

static enum consume_ack
ack_of(const struct get_group_options *group)
{
	static const char *const words[] = {"after", "before", "manual", NULL};

	return (enum consume_ack)choose(group->ack, words);
}

static void
refuse(bool is_given, const char *option, const char *why)
{
	if (is_given)
		tool_usage("%s: %s", option, why);
}

void
get_group_refuse(const struct get_group_options *group)
{
	const char *why = "needs a group (-g)";

	refuse(group->ack != NULL, "--ack", why);
	refuse(group->order != NULL, "--order", why);
	refuse(group->lease_ms >= 0, "--lease", why);
	refuse(group->max_attempts >= 0, "--max-attempts", why);
	refuse(group->backoff != NULL, "--backoff", why);
	refuse(group->save != NULL, "--save", why);
	refuse(group->batch >= 0, "--batch", why);
	refuse(group->workers >= 0, "--parallel", why);
	refuse(group->kill_after_ms >= 0, "--kill-after", why);
	refuse(group->on_exit.count > 0, "--on-exit", why);
	refuse(group->on_dead != NULL, "--on-dead", why);
}

static void
check_options(const struct get_options *options, bool has_worker)
{
	const struct get_group_options *group = &options->group;
	const char *why = "needs a worker (-- CMD)";

	if (check_name(group->name, "group") < 0)
		tool_usage("%s", fail_message());
	refuse(options->range.has_to, "--offset", "a group has no end");
	refuse(group->lease_ms == 0, "--lease", "must be above 0");
	refuse(group->max_attempts == 0, "--max-attempts", "must be above 0");
	refuse(group->batch == 0 || group->batch > BATCH_MAX, "--batch",
	    "must be 1 to 1000000");
	refuse(group->workers == 0 || group->workers > WORKERS_MAX,
	    "--parallel", "must be 1 to 1000");
	refuse(group->kill_after_ms == 0, "--kill-after", "must be above 0");
	if (has_worker) {
		why = "does not go with a worker: its exit decides";
		refuse(ack_of(group) != CONSUME_AFTER, "--ack", why);
		refuse(group->save != NULL, "--save",
		    "does not go with a worker: it reads its stdin");
		return;
	}
	refuse(group->workers >= 0, "--parallel", why);
	refuse(group->kill_after_ms >= 0, "--kill-after", why);
	refuse(group->on_exit.count > 0, "--on-exit", why);
	refuse(group->on_dead != NULL, "--on-dead", why);
}

/* As it comes: a worker's stderr is ours. */
static void
pass_errors(struct slice text, void *context)
{
	(void)context;
	(void)!write(STDERR_FILENO, text.data, text.size);
}

static struct consumer_options
consumer_of(const struct get_options *options, struct supply *supply)
{
	const struct get_group_options *from = &options->group;

	return (struct consumer_options){
		.supply = supply,
		.order = get_order(options),
		.partition = (int)options->partition,
		.count = options->count < 0 ? INT64_MAX : options->count,
		.wait_ms = options->wait_ms,
		.follow = options->follow,
		.batch = from->batch < 0 ? 0 : from->batch,
		.framing = &options->framing,
		.stop = &tool_signal,
		.urgent = &tool_urgent,
		.status = &tool_status,
		.each = options->verbose ? get_print_message : NULL,
		.notice = get_print_notice,
		.context = (void *)(uintptr_t)options,
	};
}

/* How the payload of a worker is framed: alone it needs no framing. */
static const struct framing *
payload_framing(const struct get_options *options)
{
	if (options->framing.is_named || options->group.batch > 1)
		return &options->framing;
	return NULL;
}

static int
run_workers(const struct get_options *options,
    const struct consumer_options *consumer, const char *place,
    char *const *worker, struct consumer_result *result)
{
	const struct get_group_options *from = &options->group;
	struct disposition disposition;
	struct pool_options pool = {
		.consumer = consumer,
		.argv = worker,
		.workers = from->workers < 0 ? 1 : from->workers,
		.kill_after_ms = from->kill_after_ms < 0 ? INT64_MAX
		    : from->kill_after_ms,
		.disposition = &disposition,
		.on_dead = from->on_dead,
		.framing = payload_framing(options),
		.place = place,
		.errors = pass_errors,
	};

	disposition_init(&disposition);
	for (size_t i = 0; i < from->on_exit.count; i++)
		tool_must(disposition_parse(&disposition,
		    from->on_exit.items[i]));
	tool_catch_two_signals();
	return pool_run(&pool, result);
}

/* What failed stays the last message, whatever becomes of the cleaning up. */
static int
leave(struct get_supply *from, int rc)
{
	char *message = memory_copy_text(fail_message());

	get_supply_close(from);
	if (rc < 0)
		fail((enum fail)-rc, "%s", message);
	free(message);
	return rc;
}

/* The exit status; a signal or a reader that has gone kill as they would. */
static int
status_of(int rc, const struct consumer_result *result)
{
	if (tool_signal != 0) {
		tool_note("%lld delivered, %lld released",
		    (long long)result->delivered,
		    (long long)result->released);
		tool_die_of_signal(tool_signal);
	}
	tool_must(rc);
	if (result->reader_gone)
		tool_die_of_signal(SIGPIPE);
	if (result->worker_status >= 0)
		return result->worker_status;
	if (result->delivered > 0)
		return 0;
	return result->timed_out ? TIMED_OUT : FAIL_NOTHING;
}

/* A topic that is named twice is one topic of the group. */
static int
drop_repeated(char **names, int count)
{
	int kept = 0;

	for (int i = 0; i < count; i++) {
		int k = 0;

		while (k < kept && strcmp(names[k], names[i]) != 0)
			k++;
		if (k == kept)
			names[kept++] = names[i];
	}
	return kept;
}

int
get_group(const struct get_options *options, char **names, int count,
    char *const *worker)
{
	bool has_worker = worker[0] != NULL;
	enum consume_ack ack = ack_of(&options->group);
	struct consumer_options consumer;
	struct consumer_result result;
	struct get_supply from;
	int rc;

	check_options(options, has_worker);
	count = drop_repeated(names, count);
	get_supply_open(&from, options, names, count,
	    has_worker || ack != CONSUME_MANUAL);
	consumer = consumer_of(options, from.supply);
	if (has_worker) {
		rc = run_workers(options, &consumer, from.place, worker,
		    &result);
	} else {
		tool_catch_signals();
		rc = consume_run(&consumer, ack, STDOUT_FILENO,
		    options->group.save, &result);
	}
	rc = leave(&from, rc);
	return status_of(rc, &result);
}
