/* How a process of mq-bench gets at the topic. */
#include "bench.h"
#include "tool.h"

#include "queue/sink_local.h"
#include "queue/sink_remote.h"
#include "queue/source_local.h"
#include "queue/source_remote.h"

void
bench_way_open(struct bench_way *way, const struct bench *bench)
{
	int failed;

	*way = (struct bench_way){NULL, NULL};
	if (bench->brokers != NULL)
		return;
	way->spool = tool_spool(bench->values.directory, SPOOL_WRITE);
	failed = topic_open(&way->topic, way->spool, bench->plan.topic);
	if (failed < 0)
		tool_fail(failed);
}

struct sink *
bench_way_sink(const struct bench_way *way, const struct bench *bench)
{
	const struct sink_remote_options options = {-1, BROKERS_PATIENCE_MS};
	struct remote_topic topic;
	struct brokers *brokers;
	int failed;

	if (way->topic != NULL)
		return sink_local_open(way->topic);
	failed = brokers_open(&brokers, bench->brokers);
	if (failed == 0)
		failed = brokers_find(brokers, bench->plan.topic, 0, &topic);
	if (failed < 0)
		tool_fail(failed);
	return sink_remote_open(brokers, &topic, &options);
}

struct source *
bench_way_source(struct bench_way *way, const struct bench *bench)
{
	char *name = (char *)(uintptr_t)bench->plan.topic;
	struct source *source;
	struct brokers *brokers;
	int failed;

	if (way->topic != NULL)
		return source_local_open(&way->topic, 1,
		    bench->plan.is_echo);
	failed = brokers_open(&brokers, bench->brokers);
	if (failed == 0)
		failed = source_remote_open(&source, brokers, &name, 1, NULL);
	if (failed < 0)
		tool_fail(failed);
	return source;
}

void
bench_way_close(struct bench_way *way)
{
	topic_close(way->topic);
	spool_close(way->spool);
}
