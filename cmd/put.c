/* mq-put's options, checked and made ready before anything is touched. */
#include "put.h"
#include "base/clock.h"
#include "queue/escape.h"

#include <string.h>

static void
set_key(struct put *put)
{
	const struct put_options *options = put->options;

	if (options->key_delimiter == NULL)
		return;
	if (options->key != NULL)
		tool_usage("-k and -K exclude each other");
	if (put->framing.kind == FRAMING_JSON)
		tool_usage("-K: --json messages have keys of their own");
	if (escape_append(options->key_delimiter, &put->delimiter) < 0)
		tool_usage("-K: %s", fail_message());
	if (put->delimiter.size == 0)
		tool_usage("-K: the delimiter is empty");
}

/* The tag stands first, so that it is found before one of the message. */
static void
set_headers(struct put *put)
{
	const struct put_options *options = put->options;
	const char *text, *equals;
	size_t i;

	if (options->tag != NULL) {
		record_append_header(&put->headers, slice_of(RECORD_TAG),
		    slice_of(options->tag));
		put->header_count++;
	}
	for (i = 0; i < options->headers.count; i++) {
		text = options->headers.items[i];
		equals = strchr(text, '=');
		if (equals == NULL || equals == text)
			tool_usage("-H '%s': expected NAME=VALUE", text);
		record_append_header(&put->headers,
		    (struct slice){text, (size_t)(equals - text)},
		    slice_of(equals + 1));
		put->header_count++;
	}
}

static void
set_timestamp(struct put *put)
{
	const char *text = put->options->timestamp;

	if (text == NULL)
		return;
	if (parse_time(text, "--timestamp", clock_wall_ms(), &put->timestamp) <
	    0)
		tool_usage("%s", fail_message());
	if (put->timestamp < 0 || put->timestamp > MESSAGE_TIMESTAMP_MAX)
		tool_usage("--timestamp '%s': out of range", text);
}

/* A bare number counts messages, one with a unit bytes. */
static void
set_batch(struct put *put)
{
	const char *text = put->options->batch;
	int result;

	if (text == NULL)
		return;
	if (text[strspn(text, "0123456789")] == '\0')
		result = parse_integer(text, "--batch", 1, INT32_MAX,
		    &put->batch_count);
	else
		result = parse_size(text, "--batch", &put->batch_bytes);
	if (result < 0)
		tool_usage("%s", fail_message());
}

/* "100", "100/s", "6/m", "1/h" */
static void
set_rate(struct put *put)
{
	const char *text = put->options->rate, *slash;
	char number[24];
	size_t size;

	if (text == NULL)
		return;
	slash = strchr(text, '/');
	size = slash == NULL ? strlen(text) : (size_t)(slash - text);
	put->rate.span_ms = 1000;
	if (slash != NULL && strcmp(slash, "/m") == 0)
		put->rate.span_ms = 60000;
	else if (slash != NULL && strcmp(slash, "/h") == 0)
		put->rate.span_ms = 3600000;
	else if (slash != NULL && strcmp(slash, "/s") != 0)
		size = sizeof(number);
	memcpy(number, text, size < sizeof(number) ? size : 0);
	number[size < sizeof(number) ? size : 0] = '\0';
	if (strcmp(number, "inf") == 0)
		return;
	if (parse_integer(number, "", 1, INT32_MAX, &put->rate.count) < 0)
		tool_usage("--rate '%s': expected a number such as 100/s",
		    text);
}

/* Batches are stored as they come: nothing in them can be changed. */
static void
check_native(const struct put *put)
{
	const struct put_options *options = put->options;

	if (put->framing.kind != FRAMING_NATIVE)
		return;
	if (options->key != NULL || options->key_delimiter != NULL ||
	    options->headers.count > 0 || options->tag != NULL ||
	    options->timestamp != NULL || options->codec != NULL)
		tool_usage("native batches are stored as they are: no -k, -K,"
		    " -H, -t, -z or --timestamp");
}

void
put_init(struct put *put, const struct put_options *options,
    const char *topic)
{
	memset(put, 0, sizeof(*put));
	put_limit_memory(put);
	put->options = options;
	put->linger_ms = options->linger_ms;
	put->held_ms = -1;
	put->whole.kind = FRAMING_WHOLE;
	put->started_ms = put->synced_ms = put->told_ms = clock_boot_ms();
	if (check_name(topic, "topic") < 0)
		tool_usage("%s", fail_message());
	if (framing_choose(&options->framing, &put->framing) < 0)
		tool_usage("%s", fail_message());
	check_native(put);
	set_key(put);
	set_headers(put);
	set_timestamp(put);
	set_batch(put);
	set_rate(put);
}
