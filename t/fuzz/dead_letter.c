/* The headers of dead letters: of any record, and of letters of our own. */
#include "fuzz.h"
#include "spool/dead_letter.h"

static const char *const names[] = {
	DEAD_TOPIC, DEAD_PARTITION, DEAD_OFFSET, DEAD_GROUP,
	DEAD_DELIVERY_COUNT, DEAD_MESSAGE, DEAD_EXIT_STATUS, DEAD_SIGNAL,
	DEAD_STARTED, DEAD_ENDED, DEAD_STDERR, DEAD_SOURCE, "user", "",
};
enum { NAMES = sizeof(names) / sizeof(*names) };

/* A header each: which name, how long its value is (255: null), the value. */
static int32_t
take_headers(struct input *input, struct buf *headers)
{
	int32_t count = 0;

	while (input->left > 0 && count < 100) {
		const char *name = names[take_byte(input) % NAMES];
		size_t size = take_byte(input);
		struct slice value = {input->at, size};

		if (size == 255)
			value = (struct slice){NULL, size = 0};
		if (size > input->left)
			value.size = size = input->left;
		record_append_header(headers, slice_of(name), value);
		input->at += size;
		input->left -= size;
		count++;
	}
	return count;
}

static void
check_view(struct slice view, const struct record *record)
{
	MUST(view.data != NULL && (view.size == 0 ||
	    is_inside(view, record->headers)), "a text is one of the record's");
}

/* Any record is a letter, or none: its numbers are in range. */
static void
check_read(const struct record *record)
{
	static const int64_t max = 1000000000000000000;
	struct dead_letter letter;
	struct buf key = {0};

	if (dead_letter_read(record, 3, &letter)) {
		check_view(letter.group, record);
		check_view(letter.message, record);
		check_view(letter.errors, record);
		MUST(letter.id == record->offset && letter.partition == 3,
		    "a letter has its place");
		MUST(letter.origin_partition >= 0 && letter.attempts >= 0 &&
		    letter.origin_offset >= 0 && letter.origin_offset < max &&
		    letter.exit_status >= -1 && letter.signal >= 0 &&
		    letter.started_ms >= 0 && letter.started_ms < max,
		    "its numbers are in range");
	}
	MUST(!dead_letter_read_key(record, &key) || key.size <=
	    256 + 64 + 2 + 16, "a key is not longer than its parts");
	buf_release(&key);
}

static int
count_user(const struct record *record)
{
	struct record_header header;
	size_t position = 0;
	int count = 0;

	while (record_next_header(record, &position, &header) == 1)
		count += slice_equal(header.name, slice_of("user")) ||
		    header.name.size == 0;
	return count;
}

static void
check_letter(const struct record *record, const struct dead_source *source,
    const struct failure *failure, const struct record *letter)
{
	struct buf expected = {0}, key = {0}, start = {0};
	struct dead_letter dead;
	struct slice reason = slice_of(failure->reason);

	dead_letter_key(source, record->offset, &expected);
	dead_letter_key_start(source->group, source->topic_id, &start);
	MUST(dead_letter_read_key(letter, &key) &&
	    has_same_bytes(buf_slice(&key), buf_slice(&expected)),
	    "a letter is known by its source");
	MUST(start.size < key.size &&
	    memcmp(start.data, key.data, start.size) == 0,
	    "all of a group begin alike");
	MUST(dead_letter_read(letter, 0, &dead) &&
	    slice_equal(dead.topic, slice_of(source->topic)) &&
	    slice_equal(dead.group, slice_of(source->group)) &&
	    has_same_bytes(dead.message, reason) &&
	    dead.origin_offset == record->offset &&
	    dead.origin_partition == source->partition &&
	    dead.attempts == source->attempts &&
	    dead.exit_status == failure->exit_status &&
	    dead.signal == failure->signal, "and tells its story");
	MUST(dead.errors.size <= DEAD_STDERR_MAX &&
	    (dead.errors.size == failure->errors.size ||
	        dead.errors.size == DEAD_STDERR_MAX),
	    "with the end of what the worker wrote");
	MUST(slice_equal(letter->key, record->key) &&
	    slice_equal(letter->value, record->value) &&
	    letter->timestamp == record->timestamp &&
	    count_user(letter) == count_user(record),
	    "the message is as it was");
	buf_release(&expected);
	buf_release(&key);
	buf_release(&start);
}

/* Also a letter of a message that was one before. */
static void
check_append(const struct record *record, struct slice errors)
{
	struct dead_source source = {
		.group = "group", .topic = "topic",
		.topic_id = (const unsigned char *)"sixteen bytes id",
		.partition = 2, .generation = 7, .attempts = 3,
	};
	struct failure failure = {
		.reason = "exit 3", .exit_status = record->offset % 256,
		.signal = (int)(record->offset % 32), .errors = errors,
	};
	struct batch_builder builder;
	struct batch_reader reader;
	struct record letter;
	struct buf headers = {0}, batch = {0}, scratch = {0};

	batch_builder_init(&builder, CODEC_NONE);
	dead_letter_append(&builder, record, &source, &failure, &headers);
	MUST(batch_builder_finish(&builder, &batch) == 0 &&
	    batch_reader_open(&reader, batch.data, batch.size, &scratch) ==
	    0 && batch_reader_next(&reader, &letter) == 1, "a letter is stored");
	check_letter(record, &source, &failure, &letter);
	batch_builder_release(&builder);
	buf_release(&headers);
	buf_release(&batch);
	buf_release(&scratch);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {data, size};
	struct buf headers = {0};
	struct record record = {
		.offset = (int64_t)take_bytes(&input, 7),
		.timestamp = (int64_t)take_bytes(&input, 5),
		.key = slice_of("key"), .value = {data, size},
	};

	record.header_count = take_headers(&input, &headers);
	record.headers = buf_slice(&headers);
	check_read(&record);
	check_append(&record, (struct slice){data, size});
	buf_release(&headers);
	return 0;
}
