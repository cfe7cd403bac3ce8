/* The topic of a run of mq-bench that is one of brokers. */
#include "bench.h"
#include "tool_settings.h"

#include "base/fail.h"
#include "queue/remote_offsets.h"

#include <stdlib.h>

static int
make_topic(const struct bench *bench, struct brokers *brokers)
{
	const struct option_list *list = &bench->values.settings;
	struct admin_setting *settings = tool_settings_named(list);
	int64_t partitions = bench->values.partitions > 0 ?
	    bench->values.partitions : -1;
	int failed = admin_create(brokers, bench->plan.topic, &partitions,
	    settings, list->count, false);

	free(settings);
	return failed;
}

static int
count_found(struct bench *bench, struct brokers *brokers,
    const struct remote_topic *topic)
{
	size_t size = (size_t)topic->partitions * sizeof(int64_t);
	int64_t *starts = memory_alloc(size), *ends = memory_alloc(size);
	int failed = remote_offsets(brokers, topic, starts, ends);

	bench->plan.run.partitions = topic->partitions;
	for (int i = 0; failed == 0 && i < topic->partitions; i++)
		bench->found += ends[i] - starts[i];
	free(starts);
	free(ends);
	return failed;
}

int
bench_remote_open(struct bench *bench, bool may_exist)
{
	struct remote_topic topic = {0};
	struct brokers *brokers;
	int failed = brokers_open(&brokers, bench->brokers);

	if (failed < 0)
		return failed;
	failed = !may_exist ? -FAIL_MISSING :
	    brokers_find(brokers, bench->plan.topic, 0, &topic);
	if (failed == -FAIL_MISSING) {
		failed = make_topic(bench, brokers);
		if (failed == 0)
			failed = brokers_find(brokers, bench->plan.topic,
			    BROKERS_CREATE, &topic);
	}
	if (failed == 0)
		failed = count_found(bench, brokers, &topic);
	remote_topic_release(&topic);
	brokers_close(brokers);
	return failed;
}

int
bench_remote_delete(struct bench *bench)
{
	struct brokers *brokers;
	int failed = brokers_open(&brokers, bench->brokers);

	if (failed < 0)
		return failed;
	failed = admin_delete(brokers, bench->own_topic);
	brokers_close(brokers);
	return failed;
}
