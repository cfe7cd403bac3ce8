/* mq-get without a group: a pure read. */
#include "get.h"
#include "queue/read.h"
#include "queue/source_local.h"
#include "queue/source_remote.h"
#include "base/parse.h"
#include "spool/topic.h"

#include <stdlib.h>
#include <unistd.h>

static void
print_status(int64_t messages, void *context)
{
	(void)context;
	tool_note("%lld messages written", (long long)messages);
}

static int
read_source(const struct get_options *options, struct source *source,
    struct read_result *result)
{
	const struct read_options read = {
		.scan = {
			.range = options->range,
			.partition = (int)options->partition,
			.filter = &options->filter,
			.limit = options->count < 0 ? 0 : options->count,
			.follow = options->follow,
			.stop = (uint32_t *)(uintptr_t)&tool_signal,
			.notice = get_print_notice,
			.context = (void *)(uintptr_t)options,
		},
		.framing = &options->framing,
		.output = STDOUT_FILENO,
		.wait_ms = options->wait_ms == PARSE_INFINITE ? -1
		    : options->wait_ms,
		.each = options->verbose ? get_print_message : NULL,
		.status = print_status,
		.asked = (uint32_t *)(uintptr_t)&tool_status,
	};

	return read_run(source, &read, result);
}

/* Where the spool may be written, caches that are missing or wrong (a control
 * page, the index of positions) are made good on the way: that changes no
 * message and no group. */
static struct spool *
open_spool(const char *directory)
{
	struct spool *spool;
	struct buf path = {0};
	int rc = -1;

	spool_choose_path(directory, &path);
	if (access(buf_text(&path), W_OK) == 0)
		rc = spool_open(&spool, buf_text(&path), SPOOL_WRITE,
		    is_spool_forced());
	buf_release(&path);
	if (rc < 0)
		return tool_spool(directory, SPOOL_READ);
	tool_listen(spool);
	return spool;
}

static int
read_spool(const struct get_options *options, char **names, int count,
    struct read_result *result)
{
	struct spool *spool = open_spool(options->directory);
	struct topic **topics = get_topics(spool, names, count);
	int rc = 0;

	tool_catch_signals();
	if (options->count != 0)
		rc = read_source(options, source_local_open(topics,
		    (size_t)count, options->follow || options->wait_ms != 0),
		    result);
	for (int i = 0; i < count; i++)
		topic_close(topics[i]);
	free(topics);
	spool_close(spool);
	return rc;
}

static int
read_brokers(const struct get_options *options, const char *addresses,
    char **names, int count, struct read_result *result)
{
	struct source *source;
	struct brokers *brokers;
	int rc = brokers_open(&brokers, addresses);

	tool_catch_signals();
	if (rc == 0)
		rc = source_remote_open(&source, brokers, names, (size_t)count,
		    (uint32_t *)(uintptr_t)&tool_signal);
	if (rc == 0 && options->count != 0)
		rc = read_source(options, source, result);
	return rc;
}

int
get_read(const struct get_options *options, char **names, int count)
{
	const char *brokers = tool_brokers(options->directory,
	    options->brokers);
	struct read_result result = {0, 0};
	int rc = brokers == NULL ? read_spool(options, names, count, &result) :
	    read_brokers(options, brokers, names, count, &result);

	if (tool_signal != 0)
		tool_die_of_signal(tool_signal);
	if (rc == -FAIL_NOTHING)
		tool_die_of_signal(SIGPIPE);
	tool_must(rc);
	if (result.damaged > 0)
		return FAIL_IO;
	return result.messages > 0 ? 0 : FAIL_NOTHING;
}
