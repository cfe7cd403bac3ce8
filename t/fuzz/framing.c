/* Each framing over any bytes, at once and in pieces; the first byte picks. */
#include "messages.h"

#include <fcntl.h>
#include <unistd.h>

enum {
	INPUT_MAX = 32 * 1024, /* fits into a pipe */
	MESSAGE_MAX = 2000,
	FLAG_SEAL = 0x80,      /* FRAMING_NATIVE: the checksums fit */
};

/* What reading gave: its messages, bytes that were framed, the end. */
struct outcome {
	struct buf messages;
	struct buf raw;
	struct buf framed;
	int rc;
	char failure[600];
};

static void
take_message(const struct framing *framing, struct framing_reader *reader,
    const struct message *message, struct outcome *outcome)
{
	put_message(&outcome->messages, message);
	buf_append_slice(&outcome->raw, framing_reader_raw(reader));
	if (framing->kind != FRAMING_NATIVE)
		framing_append(framing, message, &outcome->framed);
	MUST(message->record.value.size <= MESSAGE_MAX,
	    "no message is longer than the limit");
}

static void
read_pieces(const struct framing *framing, struct slice data, size_t piece,
    struct outcome *outcome)
{
	struct framing_reader *reader;
	struct message message;
	size_t written = 0;
	int ends[2], rc;

	MUST(pipe2(ends, O_CLOEXEC) == 0, "a pipe");
	framing_reader_open(&reader, framing, ends[0], "input", MESSAGE_MAX);
	while ((rc = framing_reader_next(reader, &message)) > 0) {
		size_t size = data.size - written < piece
		    ? data.size - written : piece;

		if (rc == 1) {
			take_message(framing, reader, &message, outcome);
		} else if (size > 0) {
			MUST(write(ends[1], (const char *)data.data + written,
			    size) == (ssize_t)size, "written");
			written += size;
		} else {
			close(ends[1]);
			ends[1] = -1;
		}
	}
	outcome->rc = rc;
	if (rc < 0)
		snprintf(outcome->failure, sizeof(outcome->failure), "%s",
		    fail_message());
	framing_reader_close(reader);
	close(ends[0]);
	if (ends[1] >= 0)
		close(ends[1]);
}

static void
release_outcome(struct outcome *outcome)
{
	buf_release(&outcome->messages);
	buf_release(&outcome->raw);
	buf_release(&outcome->framed);
}

/* These lose nothing but what may be missing at the end. */
static bool
is_exact(enum framing_kind kind)
{
	return kind == FRAMING_LINES || kind == FRAMING_DELIMITER ||
	    kind == FRAMING_WHOLE || kind == FRAMING_LEN32 ||
	    kind == FRAMING_NETSTRING;
}

static void
check_framed(const struct framing *framing, const struct outcome *outcome,
    struct slice data)
{
	struct outcome again = {0};
	size_t size = outcome->raw.size;

	MUST(size <= data.size && (size == 0 ||
	    framing->kind == FRAMING_JSON ||
	    memcmp(outcome->raw.data, data.data, size) == 0),
	    "raw bytes are the input's, in order");
	MUST(outcome->rc < 0 || framing->kind == FRAMING_JSON ||
	    framing->kind == FRAMING_NATIVE || size == data.size,
	    "nothing is left over");
	if (is_exact(framing->kind))
		MUST(outcome->framed.size >= size && (size == 0 ||
		    memcmp(outcome->framed.data, outcome->raw.data, size) ==
		    0), "what is written is what was read");
	/* A last message may end with the begin of a delimiter that it lacks. */
	if (framing->kind == FRAMING_NATIVE ||
	    framing->kind == FRAMING_FORMAT ||
	    (framing->kind == FRAMING_DELIMITER &&
	        outcome->framed.size != size) ||
	    outcome->framed.size > INPUT_MAX)
		return;
	read_pieces(framing, buf_slice(&outcome->framed), INPUT_MAX, &again);
	MUST(again.rc == 0 && has_same_bytes(buf_slice(&again.messages),
	    buf_slice(&outcome->messages)), "and reads the same");
	release_outcome(&again);
}

static void
seal_all(unsigned char *bytes, size_t size)
{
	struct batch_header header;

	while (batch_decode_header(bytes, size, &header) == 0 &&
	    batch_size(&header) <= size) {
		batch_seal(bytes, batch_size(&header));
		bytes += batch_size(&header);
		size -= batch_size(&header);
	}
}

static int
choose(uint8_t choice, const char *text, struct framing *framing)
{
	static const char *const names[] = {"lines", "len32", "netstring",
	    "json", "native"};
	struct framing_options options = {.for_input = true};

	if (choice % 8 < 5)
		options.framing = names[choice % 8];
	else if (choice % 8 == 5)
		options.delimiter = text;
	else if (choice % 8 == 6)
		options.format = text;
	else
		options.whole = true;
	return framing_choose(&options, framing);
}

static void
check_reading(const struct framing *framing, struct slice data, size_t piece)
{
	struct outcome first = {0}, second = {0};

	read_pieces(framing, data, INPUT_MAX, &first);
	read_pieces(framing, data, piece, &second);
	MUST(first.rc == second.rc && strcmp(first.failure, second.failure) ==
	    0 && has_same_bytes(buf_slice(&first.messages),
	        buf_slice(&second.messages)) &&
	    (framing->kind == FRAMING_NATIVE ||
	        has_same_bytes(buf_slice(&first.raw), buf_slice(&second.raw))),
	    "it does not matter in which pieces input comes");
	MUST(first.rc == 0 || first.rc == -FAIL_DATA, "bad input is bad data");
	check_framed(framing, &first, data);
	release_outcome(&first);
	release_outcome(&second);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {data, size};
	uint8_t choice = take_byte(&input);
	size_t piece = take_byte(&input) + 1u;
	char *text = choice % 8 == 5 || choice % 8 == 6 ? take_text(&input)
	    : NULL;
	struct framing framing;
	struct buf bytes = {0};

	if (input.left > INPUT_MAX)
		input.left = INPUT_MAX;
	buf_append(&bytes, input.at, input.left);
	if (choice & FLAG_SEAL && bytes.size > 0)
		seal_all(bytes.data, bytes.size);
	if (choose(choice, text, &framing) == 0)
		check_reading(&framing, buf_slice(&bytes), piece);
	framing_release(&framing);
	buf_release(&bytes);
	free(text);
	return 0;
}
