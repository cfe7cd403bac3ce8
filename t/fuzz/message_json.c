/* Messages as JSON: of any text, and any message there and back. */
#include "messages.h"
#include "queue/message_json.h"

static struct slice
take_slice(struct input *input)
{
	size_t size = take_byte(input);
	struct slice slice = {input->at, size};

	if (size == 255)
		return (struct slice){NULL, 0};
	if (slice.data == NULL)
		return slice_of("");
	if (size > input->left)
		slice.size = input->left;
	input->at += slice.size;
	input->left -= slice.size;
	return slice;
}

/* Parses text; the message as bytes in out. */
static int
parse(struct slice text, struct buf *out, struct message *message,
    struct message_json_reader *reader)
{
	int rc;

	*message = (struct message){.partition = -1};
	rc = message_json_parse(reader, text, message);
	MUST(rc == 0 || rc == -FAIL_DATA, "bad JSON is bad data");
	buf_clear(out);
	if (rc == 0)
		put_message(out, message);
	return rc;
}

/* What is read is written so that it reads the same. */
static void
check_text(struct slice text)
{
	struct message_json_reader reader = {0}, other = {0};
	struct buf first = {0}, second = {0}, written = {0};
	struct message message, again;

	if (parse(text, &first, &message, &reader) == 0) {
		message_json_append(&message, &written);
		MUST(parse(buf_slice(&written), &second, &again, &other) == 0,
		    "what was read can be written");
		MUST(has_same_bytes(buf_slice(&first), buf_slice(&second)),
		    "and reads the same");
	}
	message_json_release(&reader);
	message_json_release(&other);
	buf_release(&first);
	buf_release(&second);
	buf_release(&written);
}

static void
make_message(struct input *input, struct buf *headers, struct message *message)
{
	uint8_t choice = take_byte(input);
	int count = take_byte(input) % 8;

	*message = (struct message){
		.record.timestamp = (int64_t)take_bytes(input, 5),
		.partition = -1, .has_timestamp = true,
	};
	if (choice & 1)
		message->topic = "topic";
	if (choice & 2)
		message->receipt = "topic:0:1:group:1";
	message->attempt = choice >> 2;
	message->record.key = take_slice(input);
	for (int i = 0; i < count; i++) {
		struct slice name = take_slice(input);

		if (name.data == NULL)
			name = slice_of(RECORD_TAG);
		record_append_header(headers, name, take_slice(input));
	}
	message->record.header_count = count;
	message->record.headers = buf_slice(headers);
	message->record.value = take_slice(input);
}

/* A message of any bytes comes back as it was. */
static void
check_identity(struct input *input)
{
	struct message_json_reader reader = {0};
	struct buf headers = {0}, text = {0}, first = {0}, second = {0};
	struct message message, again;

	make_message(input, &headers, &message);
	put_message(&first, &message);
	message_json_append(&message, &text);
	MUST(text.size > 0 && memchr(text.data, '\n', text.size) ==
	    text.data + text.size - 1, "a message is one line");
	MUST(parse(buf_slice(&text), &second, &again, &reader) == 0 &&
	    again.has_timestamp, "any message can be read again");
	MUST(has_same_bytes(buf_slice(&first), buf_slice(&second)),
	    "and is the same");
	message_json_release(&reader);
	buf_release(&headers);
	buf_release(&text);
	buf_release(&first);
	buf_release(&second);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {data, size};

	if (take_byte(&input) & 1)
		check_identity(&input);
	else
		check_text((struct slice){input.at, input.left});
	return 0;
}
