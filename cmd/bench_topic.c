/* The topic of a run of mq-bench. */
#include "bench.h"
#include "tool.h"
#include "tool_settings.h"

#include <stdio.h>
#include <unistd.h>

static int
make_topic(const struct bench *bench, struct spool *spool)
{
	struct topic_settings settings = spool_settings(spool)->topic;

	if (bench->values.partitions > 0)
		settings.partitions = bench->values.partitions;
	tool_settings_apply(&bench->values.settings, &settings);
	return topic_create(spool, bench->plan.topic, &settings);
}

static int
count_found(struct bench *bench, struct topic *topic)
{
	struct partition_state state;
	struct partition *partition;
	int i, failed;

	bench->plan.run.partitions = topic_partition_count(topic);
	for (i = 0; i < bench->plan.run.partitions; i++) {
		failed = topic_partition(topic, i, &partition);
		if (failed == 0)
			failed = partition_state(partition, &state);
		if (failed < 0)
			return failed;
		bench->found += state.high_watermark - state.log_start;
	}
	return 0;
}

static int
open_local(struct bench *bench, bool may_exist)
{
	struct spool *spool = tool_spool(bench->values.directory, SPOOL_CREATE);
	struct topic *topic = NULL;
	int failed = !may_exist ? -FAIL_MISSING :
	    topic_open(&topic, spool, bench->plan.topic);

	if (failed == -FAIL_MISSING) {
		failed = make_topic(bench, spool);
		if (failed == 0)
			failed = topic_open(&topic, spool, bench->plan.topic);
	}
	if (failed == 0)
		failed = count_found(bench, topic);
	topic_close(topic);
	spool_close(spool);
	return failed;
}

void
bench_topic_open(struct bench *bench, const char *name)
{
	bench->plan.topic = name;
	if (name == NULL) {
		snprintf(bench->own_topic, sizeof(bench->own_topic),
		    "mq-bench.%ld", (long)getpid());
		bench->plan.topic = bench->own_topic;
	}
	tool_must(bench->brokers == NULL ? open_local(bench, name != NULL) :
	    bench_remote_open(bench, name != NULL));
}

static int
delete_local(const struct bench *bench)
{
	struct spool *spool = tool_spool(bench->values.directory, SPOOL_WRITE);
	int failed = topic_delete(spool, bench->own_topic);

	spool_close(spool);
	return failed;
}

void
bench_topic_delete(struct bench *bench)
{
	int failed;

	if (bench->own_topic[0] == '\0')
		return;
	failed = bench->brokers == NULL ? delete_local(bench) :
	    bench_remote_delete(bench);
	if (failed < 0)
		tool_note("%s", fail_message());
}
