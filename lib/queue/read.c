/* Reading: the messages of a scan, framed, onto a descriptor. */
#include "queue/read.h"
#include "base/clock.h"
#include "base/fail.h"
#include "base/file.h"
#include <string.h>

enum { OUTPUT_FULL = 64 * 1024 };

/* buffered counts messages that are in `output` but not yet written. */
struct reading {
	const struct read_options *options;
	struct read_result *result;
	struct scan *scan;
	struct buf output;
	int64_t buffered;
	int64_t deadline_ms; /* for the first message; INT64_MAX: none */
};

static void
count_damage(const char *text, bool is_damage, void *context)
{
	struct reading *reading = context;
	const struct scan_options *scan = &reading->options->scan;

	reading->result->damaged += is_damage;
	if (scan->notice != NULL)
		scan->notice(text, is_damage, scan->context);
}

static bool
is_stopped(const struct reading *reading)
{
	const uint32_t *stop = reading->options->scan.stop;

	return stop != NULL && __atomic_load_n(stop, __ATOMIC_RELAXED) != 0;
}

static void
answer(struct reading *reading)
{
	const struct read_options *options = reading->options;

	if (options->asked != NULL &&
	    __atomic_exchange_n(options->asked, 0, __ATOMIC_RELAXED) != 0)
		options->status(reading->result->messages, options->context);
}

/* A full disk behind the output is not one behind the spool: an I/O error. */
static int
write_bytes(const struct reading *reading, struct slice bytes)
{
	int rc = file_write_until(reading->options->output, bytes.data,
	    bytes.size, reading->options->scan.stop);

	if (rc >= 0 || rc == -FAIL_NOTHING)
		return rc;
	return fail(FAIL_IO, "%s", fail_message());
}

static int
write_output(struct reading *reading)
{
	int rc = 0;

	answer(reading);
	if (reading->output.size > 0)
		rc = write_bytes(reading, buf_slice(&reading->output));
	if (rc < 0)
		return rc;
	reading->result->messages += reading->buffered;
	reading->buffered = 0;
	buf_clear(&reading->output);
	return 0;
}

static bool
is_first(const struct reading *reading)
{
	return reading->result->messages == 0 && reading->buffered == 0;
}

/* Once something came, a reader that only waited for a first message ends at
 * what is there by then. */
static int
end_wait(struct reading *reading)
{
	if (!is_first(reading) || reading->options->scan.follow)
		return 0;
	return reading->options->wait_ms == 0 ? 0 : scan_seal(reading->scan);
}

/* 1 and a message in the output buffer, 0 if there is none now. */
static int
read_message(struct reading *reading)
{
	const struct read_options *options = reading->options;
	struct message message;
	int rc = scan_next(reading->scan, &message);

	if (rc <= 0)
		return rc;
	rc = framing_append(options->framing, &message, &reading->output);
	if (rc < 0)
		return rc;
	if (options->each != NULL)
		options->each(&message, options->context);
	return 1;
}

/* The same for a batch; a large one is written from where it lies. */
static int
read_batch(struct reading *reading, int32_t *count)
{
	struct slice bytes;
	int rc = scan_next_batch(reading->scan, &bytes, count);

	if (rc <= 0)
		return rc;
	if (bytes.size < OUTPUT_FULL) {
		buf_append_slice(&reading->output, bytes);
		return 1;
	}
	rc = write_output(reading);
	if (rc >= 0)
		rc = write_bytes(reading, bytes);
	if (rc < 0)
		return rc;
	reading->result->messages += *count;
	*count = 0;
	return 1;
}

static int
read_some(struct reading *reading)
{
	int32_t count = 1;
	bool is_native = reading->options->framing->kind == FRAMING_NATIVE;
	int rc = is_native ? read_batch(reading, &count)
	    : read_message(reading);
	int ended;

	if (rc <= 0)
		return rc;
	ended = end_wait(reading);
	if (ended < 0)
		return ended;
	reading->buffered += count;
	if (reading->output.size >= OUTPUT_FULL) {
		ended = write_output(reading);
		if (ended < 0)
			return ended;
	}
	return 1;
}

/* Nothing is there now: 1 after a sleep, 0 if the reading is over. */
static int
wait_for_more(struct reading *reading)
{
	int64_t left_ms = -1;
	int rc = write_output(reading);

	if (rc < 0)
		return rc;
	if (is_scan_finished(reading->scan) || is_stopped(reading))
		return 0;
	if (!is_first(reading) && !reading->options->scan.follow)
		return 0;
	if (is_first(reading) && reading->deadline_ms != INT64_MAX) {
		left_ms = reading->deadline_ms - clock_boot_ms();
		if (left_ms <= 0)
			return 0;
	}
	rc = scan_wait(reading->scan, left_ms);
	return rc < 0 ? rc : 1;
}

static int
open_scan(struct reading *reading, struct source *source)
{
	const struct read_options *options = reading->options;
	struct scan_options scan = options->scan;

	scan.follow = scan.follow || options->wait_ms != 0;
	scan.notice = count_damage;
	scan.context = reading;
	reading->deadline_ms = options->wait_ms > 0 ?
	    clock_boot_ms() + options->wait_ms : INT64_MAX;
	return scan_open(&reading->scan, source, &scan);
}

int
read_run(struct source *source, const struct read_options *options,
    struct read_result *result)
{
	struct reading reading = {.options = options, .result = result};
	int rc, written;

	memset(result, 0, sizeof(*result));
	rc = open_scan(&reading, source);
	while (rc >= 0 && !is_stopped(&reading)) {
		rc = read_some(&reading);
		if (rc == 0)
			rc = wait_for_more(&reading);
		if (rc == 0)
			break;
	}
	written = rc == -FAIL_NOTHING ? 0 : write_output(&reading);
	scan_close(reading.scan);
	buf_release(&reading.output);
	return rc < 0 ? rc : written;
}
