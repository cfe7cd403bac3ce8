/* What mq-put says, and when it waits: storing, pausing, reporting, ending. */
#include "put.h"
#include "base/clock.h"
#include "base/file.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	OUT_BYTES = 64 * 1024,  /* then stdout is written */
	SYNC_EVERY_MS = 1000,
	TELL_EVERY_MS = 1000,
};

/* A reader that has gone, or takes nothing at the end, stops the put in good
 * order; a full output is not a full spool. */
static int
write_out(struct put *put)
{
	int result = 0;

	if (put->out.size > 0 && !put->is_reader_gone)
		result = file_write_until(STDOUT_FILENO, put->out.data,
		    put->out.size, (uint32_t *)(uintptr_t)&tool_signal);
	buf_clear(&put->out);
	if (result == -FAIL_NOTHING) {
		put->is_reader_gone = true;
		return 0;
	}
	return result < 0 ? fail(FAIL_IO, "%s", fail_message()) : 0;
}

int
put_write(struct put *put)
{
	return put->out.size < OUT_BYTES ? 0 : write_out(put);
}

/* stdout is -T's if both are wanted. A failed write is met again by the next
 * one. */
void
put_print_offsets(const char *topic, int partition, int64_t first,
    int64_t last, void *context)
{
	struct put *put = context;
	struct buf lines = {0};
	int64_t offset;

	for (offset = first; offset <= last; offset++) {
		buf_printf(&lines, "%s:%d:%" PRId64 "\n", topic, partition,
		    offset);
		if (lines.size < OUT_BYTES && offset < last)
			continue;
		if (put->options->tee) {
			(void)file_write(STDERR_FILENO, lines.data,
			    lines.size);
		} else {
			buf_append_slice(&put->out, buf_slice(&lines));
			if (put->out.size >= OUT_BYTES && !put->write_failure)
				put->write_failure = write_out(put);
		}
		buf_clear(&lines);
	}
	buf_release(&lines);
}

/* A writer that is a little slower than we are leaves the input dry again and
 * again, and each flush may wait for the disks of many partitions: messages are
 * held for twice as long as the last one took, so that most time is spent on
 * reading. One partition is synced in less than makes a millisecond. */
static void
adapt_linger(struct put *put, int64_t took_us)
{
	enum { LINGER_MAX_MS = 50 };
	int64_t wise_ms = took_us * 2 / 1000;

	if (wise_ms > LINGER_MAX_MS)
		wise_ms = LINGER_MAX_MS;
	put->linger_ms = put->options->linger_ms;
	if (put->linger_ms < wise_ms)
		put->linger_ms = wise_ms;
}

int
put_flush(struct put *put)
{
	int64_t began_us = clock_boot_us();
	int result;

	put_limit_begin(put);
	result = producer_flush(put->producer, true);
	put_limit_end(put);
	adapt_linger(put, clock_boot_us() - began_us);
	put->held_ms = -1;
	put->synced_ms = clock_boot_ms();
	if (result >= 0)
		result = put->write_failure;
	return result < 0 ? result : write_out(put);
}

int
put_tick(struct put *put)
{
	int64_t now_ms = clock_boot_ms();

	if (put->options->progress && now_ms - put->told_ms >= TELL_EVERY_MS)
		put_print_progress(put, false);
	if (now_ms - put->synced_ms < SYNC_EVERY_MS)
		return 0;
	return put_flush(put);
}

/* How long what was taken is still held; 0: not at all. */
static int64_t
linger_left(const struct put *put)
{
	int64_t left_ms;

	if (put->held_ms < 0)
		return 0;
	if (put->linger_ms == PARSE_INFINITE)
		return -1;
	left_ms = put->held_ms + put->linger_ms - clock_boot_ms();
	return left_ms > 0 ? left_ms : 0;
}

/* What --linger holds is not appended yet; what mq.sync=interval owes the disk
 * does not wait for it. */
int
put_wait_input(struct put *put, int fd)
{
	int64_t left_ms = linger_left(put), due_ms = -1;
	int result = left_ms == 0 ? put_flush(put) : 0;

	if (result >= 0)
		result = producer_tick(put->producer, &due_ms);
	if (result < 0)
		return result;
	if (left_ms > 0 && (due_ms < 0 || left_ms < due_ms))
		due_ms = left_ms;
	if (!put->is_reader_gone)
		tool_wait_input(fd, due_ms);
	return 0;
}

/* The n-th message is due n spans divided by the count after the first. */
int
put_wait_rate(struct put *put)
{
	struct put_rate *rate = &put->rate;
	int64_t due_ms, now_ms;
	int result;

	if (rate->count == 0)
		return 0;
	now_ms = clock_boot_ms();
	if (rate->taken == 0)
		rate->start_ms = now_ms;
	due_ms = rate->start_ms + (int64_t)((double)rate->taken *
	    (double)rate->span_ms / (double)rate->count);
	if (due_ms <= now_ms)
		return 0;
	result = put_flush(put);
	while (result >= 0 && tool_signal == 0 && now_ms < due_ms) {
		if (tool_status)
			put_print_status(put);
		tool_wait_input(-1, due_ms - now_ms);
		now_ms = clock_boot_ms();
	}
	return result;
}

void
put_print_status(const struct put *put)
{
	tool_status = 0;
	tool_tell("%" PRId64 " messages read, %" PRId64 " stored",
	    producer_taken(put->producer), producer_stored(put->producer));
}

/* On a terminal one line is written again and again. */
void
put_print_progress(struct put *put, bool is_end)
{
	int64_t now_ms = clock_boot_ms();
	int64_t taken = producer_taken(put->producer);
	int64_t span_ms = now_ms - put->started_ms + 1;
	const char *term = getenv("TERM");
	bool again = isatty(STDERR_FILENO) &&
	    (term == NULL || strcmp(term, "dumb") != 0);
	struct buf line = {0};

	buf_printf(&line, "%s%s: %" PRId64 " messages, %" PRId64 "/s%s",
	    again ? "\r" : "", tool_name, taken,
	    (int64_t)((double)taken * 1000 / (double)span_ms),
	    again && !is_end ? "  " : "\n");
	(void)file_write(STDERR_FILENO, line.data, line.size);
	buf_release(&line);
	put->told_ms = now_ms;
}

static void
put_release(struct put *put)
{
	producer_close(put->producer);
	topic_close(put->topic);
	spool_close(put->spool);
	framing_release(&put->framing);
	buf_release(&put->delimiter);
	buf_release(&put->headers);
	buf_release(&put->merged);
	buf_release(&put->out);
}

/* The first failure, with what is stored in spite of it. */
static int
fail_with_count(const struct put *put, int code, const char *reason)
{
	int64_t stored = producer_stored(put->producer);
	int64_t unknown = producer_unknown(put->producer);

	if (unknown > 0)
		return fail((enum fail)-code, "%s (%" PRId64 " message%s "
		    "stored, %" PRId64 " more may be stored)", reason, stored,
		    stored == 1 ? "" : "s", unknown);
	return fail((enum fail)-code, "%s (%" PRId64 " message%s stored)",
	    reason, stored, stored == 1 ? "" : "s");
}

int
put_finish(struct put *put, int result)
{
	char *reason = memory_copy_text(result < 0 ? fail_message() : "");
	int stored;

	put_limit_begin(put);
	stored = producer_finish(put->producer);
	put_limit_end(put);
	if (result >= 0 && stored >= 0)
		stored = put->write_failure;
	if (stored >= 0)
		stored = write_out(put);
	if (put->options->progress)
		put_print_progress(put, true);
	if (result >= 0 && stored < 0) {
		free(reason);
		reason = memory_copy_text(fail_message());
		result = stored;
	}
	if (result < 0)
		tool_fail(fail_with_count(put, result, reason));
	free(reason);
	if (tool_signal != 0)
		tool_note("stopped by a signal: %" PRId64 " messages stored",
		    producer_stored(put->producer));
	put_release(put);
	if (tool_signal != 0)
		tool_die_of_signal(tool_signal);
	if (put->is_reader_gone)
		tool_die_of_signal(SIGPIPE);
	return 0;
}
