/* mq-bench: measures a spool, or brokers, that processes use as the tools do. */
#include "base/hash.h"
#include "base/parse.h"
#include "bench.h"
#include "tool.h"

#define OPTION(letter, name, type, member, argument, help) \
	{letter, name, type, offsetof(struct bench_values, member), argument, \
	    NULL, help}

static const struct option_spec options[] = {
    TOOL_OPTION_DIRECTORY(struct bench_values, directory),
    TOOL_OPTION_BROKERS(struct bench_values, brokers),
    OPTION('c', "count", OPTION_INTEGER, count, "COUNT",
	"messages in all (default: 100000, e2e 1000)"),
    OPTION(0, "size", OPTION_SIZE, size, "BYTES",
	"size of a message (default: 100)"),
    OPTION(0, "batch", OPTION_INTEGER, batch, "N",
	"messages put or leased in one step (default: 1)"),
    OPTION(0, "producers", OPTION_INTEGER, producers, "N",
	"processes that put (default: 1)"),
    OPTION(0, "consumers", OPTION_INTEGER, consumers, "N",
	"processes that read or work (default: 1)"),
    OPTION(0, "duration", OPTION_DURATION, duration_ms, "DUR",
	"stop after this time"),
    OPTION(0, "rate", OPTION_INTEGER, rate, "N",
	"put at most so many messages a second"),
    OPTION('p', "partitions", OPTION_INTEGER, partitions, "N",
	"partitions of a topic that is made (default: 1)"),
    OPTION('X', "set", OPTION_LIST, settings, "KEY=VALUE",
	"a key of a topic that is made"),
    OPTION(0, "verify", OPTION_FLAG, verify, NULL,
	"count what is lost, duplicated or reordered"),
    OPTION('j', "json", OPTION_FLAG, json, NULL, "print the JSON line only"),
    {0},
};

static const struct command command = {
    .name = "mq-bench",
    .operands = "put|get|work|e2e [TOPIC]",
    .summary = "measure how fast a spool or a server is",
    .complete = COMPLETE_TOPIC,
    .options = options,
    .subcommands = "put|get|work|e2e",
};

static void
choose_kind(struct bench *bench, const char *what)
{
	bench->kind = (enum bench_kind)tool_subcommand(&command, what);
	bench->what = what;
}

static void
check_values(const struct bench *bench)
{
	const struct bench_values *values = &bench->values;

	if (bench->kind == BENCH_WORK && bench->brokers != NULL)
		tool_usage("work is measured in a directory only");
	if (values->count == 0)
		tool_usage("--count is 1 or more");
	if (values->batch < 1)
		tool_usage("--batch is 1 or more");
	if (values->producers < 1 || values->producers > 200 ||
	    values->consumers < 1 || values->consumers > 200)
		tool_usage("--producers and --consumers are 1 to 200");
	if (values->count > INT64_C(1) << 32)
		tool_usage("--count is at most 4294967296");
	if (values->size > 64 << 20)
		tool_usage("--size is at most 64M");
	if ((values->verify || bench->kind == BENCH_E2E) &&
	    values->size < BENCH_MESSAGE_MIN)
		tool_usage("numbered messages have a --size of %d or more",
		    BENCH_MESSAGE_MIN);
}

static int64_t
default_count(const struct bench *bench)
{
	if (bench->values.duration_ms != PARSE_INFINITE &&
	    bench->kind != BENCH_GET && bench->kind != BENCH_WORK)
		return 50000000;
	return bench->kind == BENCH_E2E ? 1000 : 100000;
}

/* Reading and working begin with messages that one producer has put. */
static bool
is_filled_first(const struct bench *bench)
{
	return bench->kind == BENCH_GET || bench->kind == BENCH_WORK;
}

static void
make_plan(struct bench *bench)
{
	struct bench_plan *plan = &bench->plan;
	const struct bench_values *values = &bench->values;
	int64_t putters = is_filled_first(bench) ? 1 : values->producers;

	plan->group = "mq-bench";
	plan->count = values->count > 0 ? values->count : default_count(bench);
	plan->size = values->size;
	plan->batch = values->batch;
	plan->duration_ms = values->duration_ms;
	plan->rate = values->rate;
	plan->producers = (int)values->producers;
	plan->consumers = (int)values->consumers;
	plan->is_echo = bench->kind == BENCH_E2E;
	random_bytes(&plan->run.id, sizeof(plan->run.id));
	plan->run.count = plan->count;
	plan->run.share = (plan->count + putters - 1) / putters;
	if (!values->verify)
		return;
	plan->run.stored = bench_processes_share((size_t)plan->count);
	plan->run.seen = bench_processes_share((size_t)plan->count);
}

static int
fill(struct bench *bench)
{
	struct bench_plan plan = bench->plan;

	if (bench->found > 0)
		return 0;
	plan.batch = 1000;
	plan.producers = 1;
	plan.rate = 0;
	plan.duration_ms = PARSE_INFINITE;
	return bench_processes_run(bench, &plan, 1, 0);
}

/* After a put: one reader looks at all of it. */
static int
read_back(struct bench *bench)
{
	struct bench_plan plan = bench->plan;

	plan.duration_ms = PARSE_INFINITE;
	plan.batch = 1000;
	return bench_processes_run(bench, &plan, 0, 1);
}

static int
measure(struct bench *bench)
{
	const struct bench_plan *plan = &bench->plan;
	int status = 0;

	if (is_filled_first(bench)) {
		status = fill(bench);
		return status != 0 ? status
		    : bench_processes_run(bench, plan, 0, plan->consumers);
	}
	if (bench->kind == BENCH_E2E)
		return bench_processes_run(bench, plan, plan->producers,
		    plan->consumers);
	status = bench_processes_run(bench, plan, plan->producers, 0);
	return status == 0 && bench->values.verify ? read_back(bench) : status;
}

/* Each message is read once by a put's check and by a group, once by each
 * reader else. 0, or 1 if something went wrong with them. */
static int
verify(struct bench *bench)
{
	struct bench_tally *tally = &bench->gets.tally;
	bool each_reads = bench->kind == BENCH_GET || bench->kind == BENCH_E2E;

	bench_run_compare(&bench->plan.run,
	    each_reads ? bench->plan.consumers : 1, tally);
	return tally->lost + tally->duplicated + tally->reordered > 0;
}

int
main(int argc, char **argv)
{
	struct bench bench = {.values = {.count = -1,
				  .size = 100,
				  .batch = 1,
				  .producers = 1,
				  .consumers = 1,
				  .duration_ms = PARSE_INFINITE}};
	int operands, worker, status;

	tool_options(&command, argc, argv, &bench.values, &operands, &worker);
	if (worker - operands < 1 || worker - operands > 2)
		tool_usage("what is to be measured?");
	choose_kind(&bench, argv[operands]);
	bench.brokers = tool_brokers(bench.values.directory,
	    bench.values.brokers);
	check_values(&bench);
	make_plan(&bench);
	tool_catch_signals();
	bench_topic_open(&bench, worker - operands > 1 ? argv[operands + 1]
						       : NULL);
	if (bench.found > 0 && bench.values.verify && is_filled_first(&bench))
		tool_usage("--verify needs an empty topic");
	status = measure(&bench);
	bench_topic_delete(&bench);
	if (tool_signal != 0)
		tool_die_of_signal(tool_signal);
	if (status == 0 && bench.values.verify)
		status = verify(&bench);
	if (status <= 1)
		bench_report_print(&bench);
	option_release(&command, &bench.values);
	return status;
}
