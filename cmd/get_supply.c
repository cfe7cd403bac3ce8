/* mq-get -g: the group that it takes messages from. */
#include "get_supply.h"
#include "base/parse.h"
#include "queue/supply_local.h"
#include "queue/supply_ordered.h"
#include "queue/supply_share.h"

#include <stdlib.h>
#include <string.h>

enum group_order
get_order(const struct get_options *options)
{
	const char *order = options->group.order;

	if (order != NULL && strcmp(order, "key") == 0)
		return ORDER_KEY;
	return order != NULL && strcmp(order, "partition") == 0
	    ? ORDER_PARTITION : ORDER_NONE;
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

static struct group_options
group_options_of(const struct get_options *options, bool is_session)
{
	const struct get_group_options *from = &options->group;
	struct group_options to = {
		.order = get_order(options),
		.is_session = is_session,
		.lease_ms = from->lease_ms < 0 ? 0 : from->lease_ms,
		.max_attempts = from->max_attempts < 0 ? 0
		    : from->max_attempts,
		.backoff_low_ms = -1,
		.backoff_high_ms = -1,
		.start = options->offset != NULL ? start_of : NULL,
		.context = (void *)(uintptr_t)options,
	};

	if (from->backoff != NULL)
		tool_must(parse_duration_range(from->backoff, "--backoff",
		    &to.backoff_low_ms, &to.backoff_high_ms));
	return to;
}

static char *
place_of(const char *variable, const char *value)
{
	struct buf text = {0};
	char *place;

	buf_printf(&text, "%s=%s", variable, value);
	place = memory_copy_text(buf_text(&text));
	buf_release(&text);
	return place;
}

/* A spool that has no absolute name is told of as it was told to us. */
static char *
place_of_spool(struct spool *spool)
{
	char *path = realpath(spool_path(spool), NULL);
	char *place = path == NULL ? NULL : place_of("MQ_SPOOL", path);

	free(path);
	return place;
}

static int
open_local(struct get_supply *from, const struct get_options *options,
    char **names, int count, const struct group_options *group)
{
	struct topic **topics;

	from->spool = tool_spool(options->directory, SPOOL_WRITE);
	from->place = place_of_spool(from->spool);
	topics = get_topics(from->spool, names, count);
	return supply_local_open(&from->supply, from->spool,
	    options->group.name, topics, (size_t)count, group);
}

/* A consumer group of Kafka has offsets that are committed, no leases. */
static void
check_ordered(const struct group_options *group)
{
	const char *why = "--order=partition over a network has no leases";

	if (group->lease_ms > 0)
		tool_usage("--lease: %s", why);
	if (!group->is_session)
		tool_usage("--ack=manual: %s", why);
}

static int
open_remote(struct get_supply *from, const struct get_options *options,
    char **names, int count, const struct group_options *group)
{
	const struct bound *start = options->offset != NULL ?
	    &options->range.from : NULL;
	const struct supply_share_options share = {
		.order = group->order,
		.is_manual = !group->is_session,
		.partition = (int)options->partition,
		.lease_ms = group->lease_ms,
		.max_attempts = group->max_attempts,
		.backoff_low_ms = group->backoff_low_ms,
		.backoff_high_ms = group->backoff_high_ms,
		.start = start,
	};
	const struct supply_ordered_options ordered = {
		.partition = (int)options->partition,
		.max_attempts = group->max_attempts,
		.backoff_low_ms = group->backoff_low_ms,
		.backoff_high_ms = group->backoff_high_ms,
		.start = start,
	};
	const char *addresses = tool_brokers(options->directory,
	    options->brokers);
	struct brokers *brokers;

	if (group->order == ORDER_PARTITION)
		check_ordered(group);
	from->place = place_of("MQ_BROKERS", addresses);
	tool_must(brokers_open(&brokers, addresses));
	if (group->order == ORDER_PARTITION)
		return supply_ordered_open(&from->supply, brokers,
		    options->group.name, names, (size_t)count, &ordered);
	return supply_share_open(&from->supply, brokers, options->group.name,
	    names, (size_t)count, &share);
}

void
get_supply_open(struct get_supply *from, const struct get_options *options,
    char **names, int count, bool is_session)
{
	struct group_options group = group_options_of(options, is_session);

	*from = (struct get_supply){0};
	tool_must(tool_brokers(options->directory, options->brokers) == NULL
	    ? open_local(from, options, names, count, &group)
	    : open_remote(from, options, names, count, &group));
	from->supply->reading = (struct supply_reading){
		.filter = is_filter_empty(&options->filter) ? NULL
		    : &options->filter,
		.notice = get_print_notice,
		.context = (void *)(uintptr_t)options,
	};
}

void
get_supply_close(struct get_supply *from)
{
	supply_close(from->supply);
	spool_close(from->spool);
	free(from->place);
}
