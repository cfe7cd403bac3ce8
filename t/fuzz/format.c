/* Record formats: compiling any text, parsing any bytes by it. */
#include "messages.h"
#include "queue/format.h"

/* These read back whatever was read by them. */
static const char *const round_formats[] = {
	"%v\\n", "%k\\t%v\\n", "%K{big32}%k%V{little16}%v", "%d %V:%v,",
	"%g|%k|%v\\0", "%h;%v\\n", "%d{rfc3339}=%v\\n", "%K:%V:%k%v\\xff",
	"%d{little64}%V{big8}%v%%", "%d{big64}%h|%V{big64}%v",
};
enum { ROUND_COUNT = sizeof(round_formats) / sizeof(*round_formats) };

static int64_t
parse(const struct format *format, struct slice data, bool is_end,
    struct buf *out, struct message *message, struct buf *headers)
{
	int64_t used;

	*message = (struct message){.partition = -1};
	buf_clear(out);
	used = format_parse(format, data, is_end, message, headers);
	MUST(used >= -FAIL_DATA && used <= (int64_t)data.size &&
	    (used >= 0 || used == -FAIL_DATA), "no more is used than there is");
	if (used > 0) {
		MUST(message->record.value.size == 0 ||
		    is_inside(message->record.value, data),
		    "a value lies in its input");
		MUST(is_inside(message->record.key, data),
		    "a key lies in its input");
		put_message(out, message);
	}
	return used;
}

/* A message found in the first part of the input is found in all of it. */
static void
check_prefix(const struct format *format, struct slice data, size_t part)
{
	struct buf headers = {0}, first = {0}, second = {0};
	struct slice front = {data.data, part < data.size ? part : data.size};
	struct message message;
	int64_t used = parse(format, front, false, &first, &message, &headers);
	int64_t all = parse(format, data, true, &second, &message, &headers);

	MUST(used == 0 || all == used, "more input changes nothing");
	MUST(used <= 0 || has_same_bytes(buf_slice(&first), buf_slice(&second)),
	    "nor the message");
	MUST(all != 0 || data.size == 0, "at the end all is used or refused");
	buf_release(&headers);
	buf_release(&first);
	buf_release(&second);
}

static void
check_round_trip(const struct format *format, struct slice data)
{
	struct buf headers = {0}, first = {0}, second = {0}, text = {0};
	struct message message;

	if (parse(format, data, true, &first, &message, &headers) > 0) {
		format_append(format, &message, &text);
		MUST(parse(format, buf_slice(&text), true, &second, &message,
		    &headers) == (int64_t)text.size,
		    "what was read can be written");
		MUST(has_same_bytes(buf_slice(&first), buf_slice(&second)),
		    "and reads the same");
	}
	buf_release(&headers);
	buf_release(&first);
	buf_release(&second);
	buf_release(&text);
}

static void
check_append(const struct format *format, struct slice data)
{
	struct buf headers = {0}, out = {0};
	struct message message = {
		.record = {.offset = 1, .timestamp = -1, .key = data,
		    .value = data, .header_count = 2},
		.topic = "t", .receipt = "t:0:1:g:1", .attempt = 1,
	};

	record_append_header(&headers, slice_of(RECORD_TAG), data);
	record_append_header(&headers, data.data ? data : slice_of(""),
	    (struct slice){NULL, 0});
	message.record.headers = buf_slice(&headers);
	format_append(format, &message, &out);
	buf_release(&headers);
	buf_release(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {data, size};
	uint8_t choice = take_byte(&input);
	size_t part = take_byte(&input);
	bool is_round = choice & 0x80, for_input = is_round || choice & 1;
	char *text = is_round
	    ? memory_copy_text(round_formats[choice % 64 % ROUND_COUNT])
	    : take_text(&input);
	struct format *format;
	int rc = format_compile(&format, text, for_input);
	struct slice rest = {input.at, input.left};

	MUST(rc == 0 || (rc == -FAIL_USAGE && !is_round),
	    "a bad format is bad usage");
	if (rc == 0) {
		check_append(format, rest);
		if (for_input)
			check_prefix(format, rest, part);
		if (is_round)
			check_round_trip(format, rest);
		format_release(format);
	}
	free(text);
	return 0;
}
