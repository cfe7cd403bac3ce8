/* A file of any bytes that says where a good log of two segments begins. */
#include "log.h"
#include "log/start.h"

enum {
	BATCHES = 5,       /* of one message each */
	START_RAW = 0,     /* the input is the file */
	START_PATCHED,     /* a good file, bytes changed */
	START_SEALED,      /* a good file of any number */
	START_KINDS,
	FILES_MAX = 8,
	TEXT_MAX = 64,
};
#define AHEAD_MAX ((int64_t)1 << 40) /* beyond the end, to be believed */

/* The log as it was made: its files, and where its batches begin. */
static struct {
	int count;
	char names[FILES_MAX][32];
	struct buf files[FILES_MAX];
	struct buf batches;
	size_t at[BATCHES + 1];
} good;

static int
keep_file(const char *name, void *context)
{
	(void)context;
	MUST(good.count < FILES_MAX && file_read_all(log_dir, name,
	    1024 * 1024, &good.files[good.count]) >= 0, "a small log");
	snprintf(good.names[good.count++], sizeof(good.names[0]), "%s", name);
	return 0;
}

static void
make_good(void)
{
	struct partition_options options = log_options(SYNC_ALWAYS, false);
	struct partition *partition;

	options.segment_bytes = 256;
	log_make();
	MUST(partition_create(topic_dir, 0) == 0 &&
	    partition_open(&partition, topic_dir, 0, &options) == 0, "a log");
	for (int i = 0; i < BATCHES; i++) {
		MUST(log_append(partition, &good.batches) == i, "appended");
		good.at[i + 1] = good.batches.size;
	}
	partition_close(partition);
	file_list(log_dir, keep_file, NULL);
	files_made();
}

static void
restore_good(void)
{
	if (files_restore())
		return;
	log_clear();
	for (int i = 0; i < good.count; i++)
		log_write(good.names[i], buf_slice(&good.files[i]));
}

/* Numbers near those of the log are the ones that might be believed. */
static int64_t
take_number(struct input *input)
{
	uint8_t size = take_byte(input);

	return (int64_t)(take_bytes(input, size & 1 ? 8 : 1) >> 1);
}

static void
patch(struct input *input)
{
	int fd = file_open(log_dir, START_FILE, FILE_WRITE);

	MUST(fd >= 0, "a file");
	while (input->left > 0) {
		off_t at = take_byte(input) % TEXT_MAX;
		uint8_t byte = take_byte(input);

		MUST(file_write_at(fd, &byte, 1, at) == 0, "a byte");
	}
	close(fd);
}

static void
write_file(int kind, struct input *input)
{
	if (kind == START_RAW) {
		log_write(START_FILE, (struct slice){input->at, input->left});
		return;
	}
	MUST(start_write(log_dir, take_number(input)) == 0, "written");
	if (kind == START_PATCHED)
		patch(input);
}

/* What it says: it is as start_write would have it, or says nothing. */
static int64_t
read_file(void)
{
	struct buf text = {0}, again = {0};
	int64_t offset;
	int rc = start_read(log_dir, &offset);

	MUST(rc == 0 || rc == -FAIL_CORRUPT, "it is good, or damaged");
	MUST(offset >= 0, "no offset is negative");
	if (rc == 0) {
		MUST(file_read_all(log_dir, START_FILE, TEXT_MAX, &text) >= 0 &&
		    start_write(log_dir, offset) == 0 && file_read_all(log_dir,
		    START_FILE, TEXT_MAX, &again) >= 0, "read and written");
		MUST(has_same_bytes(buf_slice(&text), buf_slice(&again)),
		    "only what we write is good");
	}
	buf_release(&text);
	buf_release(&again);
	return rc == 0 ? offset : 0;
}

/* Where the log begins then: -1 where nothing of it shows. */
static int64_t
expect_start(int64_t written)
{
	if (written <= BATCHES)
		return written;
	return written - BATCHES < AHEAD_MAX ? -1 : 0;
}

/* All from there on shows, and no more but what was appended. */
static void
check_shown(struct partition *partition, int64_t start,
    const struct buf *appended)
{
	struct partition_state state = log_state(partition);
	struct buf expected = {0};
	struct shown shown = {0};

	MUST(start < 0 ? state.log_start >= BATCHES :
	    state.log_start == start, "the log begins where it says");
	if (start >= 0)
		buf_append(&expected, good.batches.data + good.at[start],
		    good.batches.size - good.at[start]);
	buf_append_slice(&expected, buf_slice(appended));
	show_from(partition, state.log_start, &shown);
	MUST(shown.bad_ranges == 0 && has_same_bytes(buf_slice(
	    &shown.batches), buf_slice(&expected)), "nothing is lost");
	buf_release(&shown.batches);
	buf_release(&expected);
}

static void
check_log(int sync, bool read_only, int64_t written)
{
	struct partition *partition = log_open(sync, read_only);
	struct buf appended = {0};
	int64_t start = expect_start(written), first;

	if (partition == NULL)
		return;
	check_shown(partition, start, &appended);
	if (!read_only) {
		first = log_append(partition, &appended);
		MUST(first >= BATCHES && (start >= 0 || first >= written),
		    "no offset is given out twice");
		check_shown(partition, start, &appended);
	}
	partition_close(partition);
	buf_release(&appended);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {data, size};
	uint8_t choice = take_byte(&input);
	int64_t written;

	if (topic_dir < 0)
		make_good();
	restore_good();
	if (choice & 0x80)
		MUST(file_unlink(log_dir, "control") == 0, "no page");
	write_file((choice & 15) % START_KINDS, &input);
	written = read_file();
	check_log(choice >> 4 & 3, true, written);
	check_log(choice >> 4 & 3, false, written);
	return 0;
}
