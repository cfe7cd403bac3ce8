/* mq-get without a group: a pure read. */
#include "get.h"
#include "queue/read.h"
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
read_topics(const struct get_options *options, struct topic **topics,
    int count, struct read_result *result)
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

	tool_catch_signals();
	return read_run(topics, (size_t)count, &read, result);
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

	if (directory != NULL)
		buf_append_text(&path, directory);
	else
		spool_default_path(&path);
	if (access(buf_text(&path), W_OK) == 0)
		rc = spool_open(&spool, buf_text(&path), SPOOL_WRITE, false);
	buf_release(&path);
	if (rc < 0)
		return tool_spool(directory, SPOOL_READ);
	tool_listen(spool);
	return spool;
}

int
get_read(const struct get_options *options, char **names, int count)
{
	struct spool *spool = open_spool(options->directory);
	struct topic **topics = get_topics(spool, names, count);
	struct read_result result = {0, 0};
	int rc = 0;

	if (options->count != 0)
		rc = read_topics(options, topics, count, &result);
	if (tool_signal != 0)
		tool_die_of_signal(tool_signal);
	if (rc == -FAIL_NOTHING)
		tool_die_of_signal(SIGPIPE);
	if (rc < 0)
		tool_fail(rc);
	for (int i = 0; i < count; i++)
		topic_close(topics[i]);
	free(topics);
	spool_close(spool);
	if (result.damaged > 0)
		return FAIL_IO;
	return result.messages > 0 ? 0 : FAIL_NOTHING;
}
