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
	*way = (struct bench_way){NULL, NULL};
	if (bench->brokers != NULL)
		return;
	way->spool = tool_spool(bench->values.directory, SPOOL_WRITE);
	tool_must(topic_open(&way->topic, way->spool, bench->plan.topic));
}

struct sink *
bench_way_sink(const struct bench_way *way, const struct bench *bench)
{
	const struct sink_remote_options options = {-1, BROKERS_PATIENCE_MS};
	struct remote_topic topic;
	struct brokers *brokers;

	if (way->topic != NULL)
		return sink_local_open(way->topic);
	tool_must(brokers_open(&brokers, bench->brokers));
	tool_must(brokers_find(brokers, bench->plan.topic, 0, &topic));
	return sink_remote_open(brokers, &topic, &options);
}

struct source *
bench_way_source(struct bench_way *way, const struct bench *bench)
{
	char *name = (char *)(uintptr_t)bench->plan.topic;
	struct source *source;
	struct brokers *brokers;

	if (way->topic != NULL)
		return source_local_open(&way->topic, 1,
		    bench->plan.is_echo);
	tool_must(brokers_open(&brokers, bench->brokers));
	tool_must(source_remote_open(&source, brokers, &name, 1, NULL));
	return source;
}

void
bench_way_close(struct bench_way *way)
{
	topic_close(way->topic);
	spool_close(way->spool);
}
