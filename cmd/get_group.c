/* mq-get with a group: leases, to stdout or to workers. */
#include "get_group.h"
#include "base/parse.h"
#include "get.h"
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

static enum group_order
order_of(const struct get_group_options *group)
{
	static const char *const words[] = {"none", "key", "partition", NULL};

	return (enum group_order)choose(group->order, words);
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

static void
must(int code)
{
	if (code == -FAIL_USAGE)
		tool_usage("%s", fail_message());
	if (code < 0)
		tool_fail(code);
}

/* Where a new group begins. */
static int64_t
start_of(struct topic *topic, int partition, void *context)
{
	const struct get_options *options = context;
	int64_t offset;
	int result = range_resolve(&options->range.from, topic, partition,
	    &offset);

	return result < 0 ? result : offset;
}

/* As it comes: a worker's stderr is ours. */
static void
pass_errors(struct slice text, void *context)
{
	(void)context;
	(void)!write(STDERR_FILENO, text.data, text.size);
}

static struct group *
join(const struct get_options *options, struct spool *spool,
    struct topic **topics, int count, bool is_session)
{
	const struct get_group_options *from = &options->group;
	struct group_options to = {
		.order = order_of(from),
		.is_session = is_session,
		.lease_ms = from->lease_ms < 0 ? 0 : from->lease_ms,
		.max_attempts = from->max_attempts < 0 ? 0
		    : from->max_attempts,
		.backoff_low_ms = -1,
		.backoff_high_ms = -1,
		.start = options->offset != NULL ? start_of : NULL,
		.context = (void *)(uintptr_t)options,
	};
	struct group *group;

	if (from->backoff != NULL)
		must(parse_duration_range(from->backoff, "--backoff",
		    &to.backoff_low_ms, &to.backoff_high_ms));
	must(group_join(&group, spool, from->name, topics, (size_t)count,
	    &to));
	return group;
}

static struct consumer_options
consumer_of(const struct get_options *options, struct group *group,
    struct topic **topics, int count)
{
	const struct get_group_options *from = &options->group;

	return (struct consumer_options){
		.group = group,
		.group_name = from->name,
		.topics = topics,
		.topic_count = (size_t)count,
		.order = order_of(from),
		.partition = (int)options->partition,
		.count = options->count < 0 ? INT64_MAX : options->count,
		.wait_ms = options->wait_ms,
		.follow = options->follow,
		.batch = from->batch < 0 ? 0 : from->batch,
		.lease_ms = from->lease_ms < 0 ? 0 : from->lease_ms,
		.max_attempts = from->max_attempts < 0 ? 0
		    : from->max_attempts,
		.filter = is_filter_empty(&options->filter) ? NULL
		    : &options->filter,
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
    const struct consumer_options *consumer, struct spool *spool,
    char *const *worker, struct consumer_result *result)
{
	const struct get_group_options *from = &options->group;
	struct disposition disposition;
	char *path = realpath(spool_path(spool), NULL);
	struct pool_options pool = {
		.consumer = consumer,
		.argv = worker,
		.workers = from->workers < 0 ? 1 : from->workers,
		.kill_after_ms = from->kill_after_ms < 0 ? INT64_MAX
		    : from->kill_after_ms,
		.disposition = &disposition,
		.on_dead = from->on_dead,
		.framing = payload_framing(options),
		.spool_path = path,
		.errors = pass_errors,
	};
	int rc;

	disposition_init(&disposition);
	for (size_t i = 0; i < from->on_exit.count; i++)
		must(disposition_parse(&disposition, from->on_exit.items[i]));
	tool_catch_two_signals();
	rc = pool_run(&pool, result);
	free(path);
	return rc;
}

/* What failed stays the last message, whatever becomes of the cleaning up. */
static int
leave(struct group *group, struct topic **topics, int count,
    struct spool *spool, int rc)
{
	char *message = memory_copy_text(fail_message());

	group_leave(group);
	for (int i = 0; i < count; i++)
		topic_close(topics[i]);
	free(topics);
	spool_close(spool);
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
	if (rc < 0)
		tool_fail(rc);
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
	struct spool *spool;
	struct topic **topics;
	struct group *group;
	int rc;

	check_options(options, has_worker);
	if (tool_brokers(options->directory, options->brokers) != NULL)
		tool_usage("-g is for spools: -b cannot lease");
	spool = tool_spool(options->directory, SPOOL_WRITE);
	count = drop_repeated(names, count);
	topics = get_topics(spool, names, count);
	group = join(options, spool, topics, count,
	    has_worker || ack != CONSUME_MANUAL);
	consumer = consumer_of(options, group, topics, count);
	if (has_worker) {
		rc = run_workers(options, &consumer, spool, worker, &result);
	} else {
		tool_catch_signals();
		rc = consume_run(&consumer, ack, STDOUT_FILENO,
		    options->group.save, &result);
	}
	rc = leave(group, topics, count, spool, rc);
	return status_of(rc, &result);
}
