/* mq-put's input: texts, files and streams, message by message. */
#include "put.h"
#include "base/clock.h"
#include "base/file.h"

#include <string.h>
#include <unistd.h>

enum {
	LOOK_EVERY = 256,          /* messages; then the clock is looked at */
	LOOK_BYTES = 1024 * 1024,
};

static int
split_key(struct put *put, struct record *record)
{
	const char *value = record->value.data, *found;
	size_t size = put->delimiter.size;

	found = value == NULL ? NULL
			      : memmem(value, record->value.size,
			            put->delimiter.data, size);
	if (found == NULL)
		return fail(FAIL_DATA,
		    "message %lld has no key delimiter",
		    (long long)producer_taken(put->producer) + 1);
	record->key = (struct slice){value, (size_t)(found - value)};
	record->value = (struct slice){found + size,
	    record->value.size - record->key.size - size};
	return 0;
}

static void
add_headers(struct put *put, struct record *record)
{
	if (put->header_count == 0)
		return;
	if (record->header_count == 0) {
		record->headers = buf_slice(&put->headers);
		record->header_count = put->header_count;
		return;
	}
	buf_clear(&put->merged);
	buf_append_slice(&put->merged, buf_slice(&put->headers));
	buf_append_slice(&put->merged, record->headers);
	record->headers = buf_slice(&put->merged);
	record->header_count += put->header_count;
}

int
put_dress(struct put *put, struct message *message)
{
	struct record *record = &message->record;

	add_headers(put, record);
	if (put->options->timestamp != NULL)
		record->timestamp = put->timestamp;
	else if (!message->has_timestamp)
		record->timestamp = clock_wall_ms();
	message->has_timestamp = true;
	if (put->options->key != NULL)
		record->key = slice_of(put->options->key);
	if (put->delimiter.size > 0)
		return split_key(put, record);
	return 0;
}

/* What every message, or batch, needs once the producer has it. */
static int
count_taken(struct put *put, struct slice raw, int64_t count)
{
	int result = 0;

	put->rate.taken += count;
	if (put->held_ms < 0 && put->linger_ms > 0)
		put->held_ms = clock_boot_ms();
	if (put->options->tee) {
		buf_append_slice(&put->out, raw);
		result = put_write(put);
	}
	put->unseen += 1 + (int)(raw.size / (LOOK_BYTES / LOOK_EVERY));
	if (result < 0 || put->unseen < LOOK_EVERY)
		return result;
	put->unseen = 0;
	return put_tick(put);
}

int
put_message(struct put *put, struct message *message, struct slice raw)
{
	int result = put_dress(put, message);

	if (result == 0)
		result = put_wait_rate(put);
	if (result < 0)
		return result;
	put_limit_begin(put);
	result = producer_put(put->producer, message);
	put_limit_end(put);
	return result < 0 ? result : count_taken(put, raw, 1);
}

static int
put_batch(struct put *put, struct slice bytes,
    const struct batch_header *header)
{
	int result = put_wait_rate(put);

	if (result < 0)
		return result;
	put_limit_begin(put);
	result = producer_put_batch(put->producer, bytes);
	put_limit_end(put);
	return result < 0 ? result
			  : count_taken(put, bytes, header->record_count);
}

/* The next message or batch of a stream: 1; 0 at its end; FRAMING_DRY. */
static int
put_next(struct put *put, struct framing_reader *reader,
    const struct framing *framing)
{
	struct batch_header header;
	struct message message;
	struct slice bytes;
	int result;

	if (framing->kind == FRAMING_NATIVE) {
		result = framing_reader_next_batch(reader, &bytes, &header);
		if (result == 1)
			result = put_batch(put, bytes, &header);
		else if (result <= 0)
			return result;
	} else {
		result = framing_reader_next(reader, &message);
		if (result == 1)
			result = put_message(put, &message,
			    framing_reader_raw(reader));
		else if (result <= 0)
			return result;
	}
	return result == 0 ? 1 : result;
}

static bool
is_stopped(const struct put *put)
{
	return tool_signal != 0 || put->is_reader_gone;
}

static int
put_stream(struct put *put, int fd, const char *name,
    const struct framing *framing)
{
	struct framing_reader *reader;
	int result;

	result = framing_reader_open(&reader, framing, fd, name,
	    *put->sink->max_bytes);
	if (result < 0)
		return result;
	while (!is_stopped(put)) {
		result = put_next(put, reader, framing);
		if (result == 0)
			break;
		if (result == FRAMING_DRY)
			result = put_wait_input(put, fd);
		if (result < 0)
			break;
		if (tool_status)
			put_print_status(put);
	}
	framing_reader_close(reader);
	return result < 0 ? result : 0;
}

static int
put_file(struct put *put, const char *name)
{
	const struct framing *framing =
	    put->framing.is_named ? &put->framing : &put->whole;
	int fd, result;

	if (strcmp(name, "-") == 0)
		return put_stream(put, STDIN_FILENO, "standard input",
		    &put->framing);
	fd = file_open_input(name);
	if (fd < 0)
		return fd;
	result = put_stream(put, fd, name, framing);
	close(fd);
	return result;
}

static int
put_texts(struct put *put)
{
	const struct option_list *list = &put->options->messages;
	struct message message;
	size_t i;
	int result = 0;

	for (i = 0; i < list->count && result == 0 && !is_stopped(put); i++) {
		message = (struct message){.partition = -1};
		message.record.value = slice_of(list->items[i]);
		result = put_message(put, &message, message.record.value);
	}
	return result;
}

int
put_all(struct put *put, char **files, int count)
{
	int i, result = put_texts(put);

	if (count == 0 && put->options->messages.count == 0)
		return put_stream(put, STDIN_FILENO, "standard input",
		    &put->framing);
	for (i = 0; i < count && result == 0 && !is_stopped(put); i++)
		result = put_file(put, files[i]);
	return result;
}
