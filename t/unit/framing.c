/* Framings: every one both ways, input in crumbs, cut, and damaged. */
#include "queue/framing.h"
#include "base/fail.h"
#include "unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { LIMIT = 1 << 20 };

/* The result of reading a whole input: values joined by "|". */
struct outcome {
	struct buf text;
	int count;
	int result; /* 0 or what failed */
};

static void
take_message(const struct message *message, struct outcome *outcome)
{
	if (outcome->count++ > 0)
		buf_append_byte(&outcome->text, '|');
	if (message->record.key.data != NULL) {
		buf_append_slice(&outcome->text, message->record.key);
		buf_append_byte(&outcome->text, '=');
	}
	if (message->record.value.data == NULL)
		buf_append_text(&outcome->text, "null");
	buf_append_slice(&outcome->text, message->record.value);
}

static void
read_descriptor(const struct framing *framing, int fd,
    struct outcome *outcome)
{
	struct framing_reader *reader;
	struct message message;
	int result;

	framing_reader_open(&reader, framing, fd, "input", LIMIT);
	do {
		result = framing_reader_next(reader, &message);
		if (result > 0)
			take_message(&message, outcome);
	} while (result > 0);
	outcome->result = result;
	framing_reader_close(reader);
}

static int
file_of(const void *data, size_t size)
{
	int fd = memfd_create("input", MFD_CLOEXEC);

	if (write(fd, data, size) != (ssize_t)size)
		abort();
	lseek(fd, 0, SEEK_SET);
	return fd;
}

static struct outcome
read_bytes(struct framing_options options, const void *data, size_t size)
{
	struct outcome outcome = {.count = 0};
	struct framing framing;
	int fd = file_of(data, size);

	options.for_input = true;
	if (framing_choose(&options, &framing) < 0)
		abort();
	read_descriptor(&framing, fd, &outcome);
	framing_release(&framing);
	close(fd);
	return outcome;
}

static bool
reads_bytes(struct framing_options options, const void *data, size_t size,
    const char *expected)
{
	struct outcome outcome = read_bytes(options, data, size);
	bool good = outcome.result == 0 &&
	    strcmp(buf_text(&outcome.text), expected) == 0;

	if (!good)
		printf("# %d %s %s\n", outcome.result,
		    buf_text(&outcome.text), fail_message());
	buf_release(&outcome.text);
	return good;
}

static bool
reads(struct framing_options options, const char *input, const char *expected)
{
	return reads_bytes(options, input, strlen(input), expected);
}

/* True if the input is bad behind `count` messages, for this reason. */
static bool
refuses_bytes(struct framing_options options, const void *data, size_t size,
    int count, const char *reason)
{
	struct outcome outcome = read_bytes(options, data, size);
	bool good = outcome.result == -FAIL_DATA && outcome.count == count &&
	    strstr(fail_message(), reason) != NULL;

	if (!good)
		printf("# %d after %d: %s\n", outcome.result, outcome.count,
		    fail_message());
	buf_release(&outcome.text);
	return good;
}

static bool
refuses(struct framing_options options, const char *input, int count,
    const char *reason)
{
	return refuses_bytes(options, input, strlen(input), count, reason);
}

#define OPTIONS(...) ((struct framing_options){__VA_ARGS__})
#define LINES OPTIONS(.format = NULL)
#define LEN32 OPTIONS(.framing = "len32")
#define NETSTRING OPTIONS(.framing = "netstring")
#define JSON OPTIONS(.json = true)
#define FORMAT(text) OPTIONS(.format = text)

static void
test_delimited(void)
{
	CHECK(reads(LINES, "a\nbc\n\nd\n", "a|bc||d"),
	    "lines are messages, empty ones too");
	CHECK(reads(LINES, "a\nb", "a|b"),
	    "a last line without newline is a message");
	CHECK(reads(LINES, "", ""), "no input is no message");
	CHECK(reads(LINES, "\n", ""), "a newline alone is one empty message");
	CHECK(refuses_bytes(LINES, "a\nb\nc\0d\ne\n", 10, 2,
	    "input: message 3 looks binary; use -1, -0 or -D '\\n'"),
	    "a NUL byte in lines is refused, what came before is not");
	CHECK(reads_bytes(OPTIONS(.delimiter = "\\n"), "a\0b\nc", 6, "a"),
	    "-D '\\n' takes NUL bytes");
	CHECK(reads_bytes(OPTIONS(.nul = true), "a\nb\0c\0", 6, "a\nb|c"),
	    "-0 separates by NUL");
	CHECK(reads(OPTIONS(.delimiter = "--"), "a--b---c--", "a|b|-c"),
	    "a delimiter may be longer than a byte");
	CHECK(reads(OPTIONS(.delimiter = "\\x2c\\\\"), "a,\\b", "a|b"),
	    "and escaped");
	CHECK(reads(OPTIONS(.whole = true), "a\nb\n", "a\nb\n") &&
	    read_bytes(OPTIONS(.whole = true), "", 0).count == 1,
	    "-1 takes all of it, and nothing as one empty message");
}

static void
test_lengths(void)
{
	CHECK(reads_bytes(LEN32, "\0\0\0\1a\0\0\0\0\0\0\0\2bc", 15, "a||bc"),
	    "len32 is read");
	CHECK(refuses_bytes(LEN32, "\0\0\0\1a\0\0\0", 8, 1,
	    "message 2 is cut short: input ends after 3 of 4 bytes of its"
	    " length"), "a cut length is refused");
	CHECK(refuses_bytes(LEN32, "\0\0\0\5abc", 7, 0,
	    "after 3 of 5 bytes of its value"), "a cut value is refused");
	CHECK(refuses_bytes(LEN32, "\0\0\0\5", 4, 0, "after 0 of 5 bytes"),
	    "even where nothing of it is there");
	CHECK(refuses_bytes(LEN32, "\xff\xff\xff\xff", 4, 0,
	    "claims 4294967295 bytes"), "a huge length is refused at once");
	CHECK(reads(NETSTRING, "1:a,0:,2:bc,", "a||bc"),
	    "netstrings are read");
	CHECK(refuses(NETSTRING, "1:a,2:b", 1, "cut short") &&
	    refuses(NETSTRING, "1:a,2", 1, "ends inside its length") &&
	    refuses(NETSTRING, "1:ab", 0, "expected ','") &&
	    refuses(NETSTRING, "01:a,", 0, "expected LENGTH:") &&
	    refuses(NETSTRING, ":a,", 0, "expected LENGTH:") &&
	    refuses(NETSTRING, "1:a,\n", 1, "expected LENGTH:") &&
	    refuses(NETSTRING, "99999999999:", 0, "10 digits") &&
	    refuses(NETSTRING, "9999999999:", 0, "the limit is"),
	    "bad netstrings are refused");
}

static void
test_json(void)
{
	CHECK(reads(JSON,
	    "{\"value\":\"a\",\"key\":\"k\"}\n\n{\"value\":null}\n"
	    "{\"value\":{\"b64\":\"Yg==\"},\"extra\":[1]}", "k=a|null|b"),
	    "JSON lines are read");
	CHECK(refuses(JSON, "{\"value\":\"a\"}\n{\"value\":", 1,
	    "message 2 is bad: JSON: expected a value at byte 9"),
	    "a cut line is refused");
	CHECK(refuses(JSON, "{\"vaule\":\"a\"}", 0, "with \"value\"") &&
	    refuses(JSON, "[]", 0, "with \"value\"") &&
	    refuses(JSON, "{\"value\":1}", 0, "value: expected a string") &&
	    refuses(JSON, "{\"value\":{\"b64\":\"?\"}}", 0, "bad base64") &&
	    refuses(JSON, "{\"value\":\"\",\"headers\":{}}", 0, "headers") &&
	    refuses(JSON, "{\"value\":\"\",\"headers\":[[1,2]]}", 0,
	        "header name") &&
	    refuses(JSON, "{\"value\":\"\",\"timestamp\":1.5}", 0,
	        "timestamp") &&
	    refuses(JSON, "{\"value\":\"\",\"timestamp\":-2}", 0,
	        "timestamp"),
	    "what is no message is refused by name");
}

static bool
refuses_option(struct framing_options options, const char *reason)
{
	struct framing framing;
	bool good;

	good = framing_choose(&options, &framing) == -FAIL_USAGE &&
	    strstr(fail_message(), reason) != NULL;
	if (!good)
		printf("# %s\n", fail_message());
	framing_release(&framing);
	return good;
}

static void
test_format(void)
{
	CHECK(reads(FORMAT("%k\\t%v\\n"), "a\tb\n\tc\nd\te", "a=b|=c|d=e"),
	    "-f splits by its literals");
	CHECK(reads(FORMAT("%V:%v,"), "3:a,b,0:,", "a,b|"),
	    "-f takes lengths");
	CHECK(reads_bytes(FORMAT("%K{little16}%k%V{big8}%v"), "\1\0k\2ab", 6,
	    "k=ab"), "binary ones too");
	CHECK(refuses(FORMAT("%V:%v,"), "3:ab", 0, "input ends inside %v") &&
	    refuses(FORMAT("%V:%v,"), "x:ab,", 0, "%V '") &&
	    refuses(FORMAT("%V:%v,"), "-1:,", 0, "%V says -1") &&
	    refuses(FORMAT("%V:%v,"), "1:ab,", 0, "byte 4 is not what") &&
	    refuses(FORMAT("%d %v\\n"), "later x\n", 0, "%d '"),
	    "input that does not fit is refused");
	CHECK(refuses_option(OPTIONS(.format = "%v", .for_input = true),
	    "needs text such as \\n") &&
	    refuses_option(OPTIONS(.format = "%k%v\\n", .for_input = true),
	        "needs text") &&
	    refuses_option(OPTIONS(.format = "%o %v\\n", .for_input = true),
	        "cannot be read") &&
	    refuses_option(OPTIONS(.format = "%v %V\\n", .for_input = true),
	        "must stand before"),
	    "a format that cannot be read back is refused");
	CHECK(refuses_option(FORMAT("%x"), "'%x' at position 1") &&
	    refuses_option(FORMAT("a%"), "at position 2") &&
	    refuses_option(FORMAT("%d{when}"), "{...}") &&
	    refuses_option(FORMAT("%d{rfc"), "{...}") &&
	    refuses_option(FORMAT("\\q"), "position 1") &&
	    refuses_option(FORMAT(""), "empty"),
	    "a bad format is refused with the position");
	CHECK(refuses_option(OPTIONS(.nul = true, .whole = true), "exclude") &&
	    refuses_option(OPTIONS(.framing = "xml"), "xml") &&
	    refuses_option(OPTIONS(.delimiter = ""), "empty") &&
	    refuses_option(OPTIONS(.delimiter = "\\x4"), "delimiter"),
	    "bad framing options are refused");
}

static void
test_format_output(void)
{
	static const char expected[] =
	    "t:2:7 1500 1970-01-01T00:00:01.500Z key value a=1,mq.tag=x"
	    " 5\0\3 3 r x%!\0";
	struct buf headers = {0}, out = {0};
	struct framing framing;
	struct framing_options options = FORMAT(
	    "%t:%p:%o %d %d{rfc3339} %k %v %h %V%K{big16} %a %r %g%%\\x21\\0");
	struct message message = {.topic = "t", .partition = 2, .attempt = 3,
	    .receipt = "r"};

	record_append_header(&headers, slice_of("a"), slice_of("1"));
	record_append_header(&headers, slice_of(RECORD_TAG), slice_of("x"));
	message.record = (struct record){.offset = 7, .timestamp = 1500,
	    .key = slice_of("key"), .value = slice_of("value"),
	    .headers = buf_slice(&headers), .header_count = 2};
	framing_choose(&options, &framing);
	framing_append(&framing, &message, &out);
	CHECK(slice_equal(buf_slice(&out),
	    (struct slice){expected, sizeof(expected) - 1}),
	    "-f writes every letter");
	framing_release(&framing);
	buf_clear(&out);
	framing = (struct framing){.kind = FRAMING_JSON};
	framing_append(&framing, &message, &out);
	CHECK(strcmp(buf_text(&out),
	    "{\"topic\":\"t\",\"partition\":2,\"offset\":7,"
	    "\"timestamp\":1500,\"key\":\"key\","
	    "\"headers\":[[\"a\",\"1\"],[\"mq.tag\",\"x\"]],\"tag\":\"x\","
	    "\"value\":\"value\",\"attempt\":3,\"receipt\":\"r\"}\n") == 0,
	    "--json writes every member");
	buf_release(&headers);
	buf_release(&out);
}

/* A batch of records with these values, as bytes of the log. */
static void
append_batch(struct buf *out, const char *const *values, size_t count)
{
	struct batch_builder builder;
	struct record record;
	size_t i;

	batch_builder_init(&builder, CODEC_NONE);
	for (i = 0; i < count; i++) {
		record = (struct record){.value = slice_of(values[i])};
		batch_builder_append(&builder, &record);
	}
	batch_builder_finish(&builder, out);
	batch_builder_release(&builder);
}

static void
test_native(void)
{
	struct framing_options native = OPTIONS(.framing = "native");
	const char *values[] = {"a", "b", "c"};
	struct buf bytes = {0};
	size_t size, cut;
	bool all = true;

	append_batch(&bytes, values, 2);
	append_batch(&bytes, values + 2, 1);
	size = bytes.size;
	CHECK(reads_bytes(native, bytes.data, size, "a|b|c"),
	    "native batches are read");
	for (cut = 1; cut < size; cut++) {
		struct outcome outcome = read_bytes(native, bytes.data, cut);

		all = all && (outcome.result == -FAIL_DATA ||
		    outcome.count == 2);
		buf_release(&outcome.text);
	}
	CHECK(all, "cut ones are refused at every byte");
	buf_append_text(&bytes, "garbage");
	CHECK(refuses_bytes(native, bytes.data, bytes.size, 3,
	    "message 4 is cut short"), "trailing garbage is refused");
	bytes.data[size - 2] ^= 1;
	CHECK(refuses_bytes(native, bytes.data, size, 2, "checksum"),
	    "a flipped bit is refused");
	buf_release(&bytes);
}

/* Input comes byte by byte: nothing is waited for, nothing lost. */
static void
test_crumbs(void)
{
	static const char input[] = "ab--c----d";
	struct framing_options options = OPTIONS(.delimiter = "--");
	struct outcome outcome = {.count = 0};
	struct framing_reader *reader;
	struct framing framing;
	struct message message;
	int ends[2], again = 0, result = FRAMING_DRY;
	size_t at = 0;

	framing_choose(&options, &framing);
	if (pipe2(ends, O_CLOEXEC) < 0)
		abort();
	framing_reader_open(&reader, &framing, ends[0], "pipe", LIMIT);
	while (result != 0) {
		result = framing_reader_next(reader, &message);
		if (result == 1)
			take_message(&message, &outcome);
		if (result != FRAMING_DRY)
			continue;
		again++;
		if (input[at] == '\0')
			close(ends[1]);
		else if (write(ends[1], input + at++, 1) != 1)
			abort();
	}
	CHECK(strcmp(buf_text(&outcome.text), "ab|c||d") == 0 && again >= 10,
	    "input in crumbs gives the same messages");
	framing_reader_close(reader);
	framing_release(&framing);
	buf_release(&outcome.text);
	close(ends[0]);
}

static void
test_limit(void)
{
	char *large = malloc(LIMIT + 2);
	struct outcome outcome;

	memset(large, 'x', LIMIT + 2);
	large[LIMIT] = '\n';
	outcome = read_bytes(LINES, large, LIMIT + 1);
	CHECK(outcome.result == 0 && outcome.text.size == LIMIT,
	    "a message of the largest size is read");
	buf_release(&outcome.text);
	large[LIMIT] = 'x';
	CHECK(refuses_bytes(LINES, large, LIMIT + 2, 0, "longer than") &&
	    refuses_bytes(OPTIONS(.whole = true), large, LIMIT + 1, 0,
	        "longer than"), "a larger one is refused");
	free(large);
}

static const struct framing_options damaged[] = {
    {.nul = true},
    {.framing = "len32"},
    {.framing = "netstring"},
    {.json = true},
    {.framing = "native"},
    {.format = "%K{big16} %k %V:%v %h %g %d{rfc3339}\\n"},
};

/* A good stream of a few messages in this framing. */
static void
build_stream(const struct framing_options *options, struct buf *stream)
{
	const char *values[] = {"one", "", "three\n"};
	struct buf headers = {0};
	struct framing framing;
	struct message message = {.partition = -1};
	size_t i;

	framing_choose(options, &framing);
	if (framing.kind == FRAMING_NATIVE)
		append_batch(stream, values, 3);
	record_append_header(&headers, slice_of("h"), slice_of("\xff"));
	for (i = 0; i < 3 && framing.kind != FRAMING_NATIVE; i++) {
		message.record = (struct record){.timestamp = 1,
		    .key = slice_of("k"), .value = slice_of(values[i]),
		    .headers = buf_slice(&headers), .header_count = 1};
		framing_append(&framing, &message, stream);
	}
	framing_release(&framing);
	buf_release(&headers);
}

/* Any answer is right, as long as it comes and nothing is touched that is not
 * ours (the sanitizers see that). */
static void
test_damage(void)
{
	size_t kind, i, flips;
	struct buf copy = {0};
	bool all = true;

	srand(1);
	for (kind = 0; kind < sizeof(damaged) / sizeof(*damaged); kind++) {
		struct buf stream = {0};

		build_stream(&damaged[kind], &stream);
		for (i = 0; i < 2000; i++) {
			struct outcome outcome;

			buf_clear(&copy);
			buf_append_slice(&copy, buf_slice(&stream));
			for (flips = (size_t)rand() % 4; flips > 0; flips--)
				copy.data[(size_t)rand() % copy.size] =
				    (unsigned char)rand();
			outcome = read_bytes(damaged[kind], copy.data,
			    (size_t)rand() % (copy.size + 1));
			all = all && (outcome.result == 0 ||
			    outcome.result == -FAIL_DATA);
			buf_release(&outcome.text);
		}
		buf_release(&stream);
	}
	buf_release(&copy);
	CHECK(all, "damaged input is read or refused");
}

int
main(void)
{
	test_delimited();
	test_lengths();
	test_json();
	test_format();
	test_format_output();
	test_native();
	test_crumbs();
	test_limit();
	test_damage();
	return unit_end();
}
