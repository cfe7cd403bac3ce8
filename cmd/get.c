/* mq-get: what the texts of its options mean. */
#include "get.h"
#include "base/clock.h"
#include "base/parse.h"
#include "spool/topic.h"

#include <limits.h>
#include <string.h>

static void
prepare_filter(const struct get_options *options, struct filter *filter)
{
	int64_t now_ms = clock_wall_ms();

	filter_init(filter);
	filter->keys = options->keys.items;
	filter->key_count = options->keys.count;
	filter->tags = options->tags.items;
	filter->tag_count = options->tags.count;
	filter->headers = options->headers.items;
	filter->header_count = options->headers.count;
	for (size_t i = 0; i < filter->header_count; i++) {
		if (strchr(filter->headers[i], '=') == NULL)
			tool_usage("--header '%s': expected NAME=GLOB",
			    filter->headers[i]);
	}
	if (options->since != NULL)
		tool_must(parse_time(options->since, "--since", now_ms,
		    &filter->since_ms));
	if (options->until != NULL)
		tool_must(parse_time(options->until, "--until", now_ms,
		    &filter->until_ms));
}

void
get_prepare(struct get_options *options)
{
	tool_must(framing_choose(&options->framing_options,
	    &options->framing));
	tool_must(range_parse(options->offset != NULL ? options->offset :
	    "start", &options->range));
	prepare_filter(options, &options->filter);
	if (options->partition > INT_MAX)
		tool_usage("--partition %lld: there are not so many",
		    (long long)options->partition);
}

struct topic **
get_topics(struct spool *spool, char **names, int count)
{
	struct topic **topics = memory_alloc((size_t)count * sizeof(*topics));

	for (int i = 0; i < count; i++)
		tool_must(topic_open(&topics[i], spool, names[i]));
	return topics;
}

void
get_print_notice(const char *text, bool is_damage, void *context)
{
	const struct get_options *options = context;

	if (is_damage)
		tool_set_quiet(false);
	tool_note("%s", text);
	tool_set_quiet(options->quiet);
}

void
get_print_message(const struct message *message, void *context)
{
	(void)context;
	tool_note("%s:%d:%lld", message->topic, message->partition,
	    (long long)message->record.offset);
}
