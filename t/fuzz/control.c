/* A control page of any bytes beside a good log of two segments. */
#include "log.h"
#include "log/control.h"

#include <sys/stat.h>

enum {
	BATCHES = 5,
	PAGE_RAW = 0,    /* the input is the page */
	PAGE_PATCHED,    /* the good page, bytes changed */
	PAGE_SEALED,     /* the good page, fields changed, checksums right */
	PAGE_KINDS,
	FILES_MAX = 8,
};

/* The log as it was made: its files, and what a reader shows. */
static struct {
	int count;
	char names[FILES_MAX][32];
	struct buf files[FILES_MAX];
	struct control control;
	struct buf batches;
	int64_t end;
} good;

/* An entry made now would hide that the page knows the directory. */
static void
set_directory_time(void)
{
	struct timespec times[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};

	MUST(futimens(log_dir, times) == 0, "a time");
}

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
keep_log(void)
{
	struct partition *partition;
	struct shown shown = {0};
	int fd = file_open(log_dir, "control", FILE_WRITE);

	MUST(control_read(fd, &good.control) == 1, "a good page");
	good.control.log.stamp = INT64_C(1000) * 1000000000;
	MUST(control_write(fd, &good.control) == 0, "written");
	close(fd);
	file_list(log_dir, keep_file, NULL);
	partition = log_open(SYNC_ALWAYS, false);
	show_from(partition, 0, &shown);
	MUST(shown.bad_ranges == 0 && shown.end == BATCHES, "a good log");
	buf_append_slice(&good.batches, buf_slice(&shown.batches));
	good.end = shown.end;
	buf_release(&shown.batches);
	partition_close(partition);
}

static void
make_good(void)
{
	struct partition_options options = log_options(SYNC_ALWAYS, false);
	struct partition *partition;
	struct buf out = {0};

	options.segment_bytes = 256;
	log_make();
	MUST(partition_create(topic_dir, 0) == 0 &&
	    partition_open(&partition, topic_dir, 0, &options) == 0, "a log");
	for (int i = 0; i < BATCHES; i++)
		MUST(log_append(partition, &out) == i, "appended");
	partition_close(partition);
	buf_release(&out);
	keep_log();
	files_made();
}

/* A page written in place changes no entry of the directory. */
static void
restore_good(void)
{
	if (!files_restore()) {
		log_clear();
		for (int i = 0; i < good.count; i++)
			log_write(good.names[i], buf_slice(&good.files[i]));
	}
	set_directory_time();
}

static void
change_field(struct control *control, uint8_t field, int64_t value)
{
	struct control_log *log = &control->log;
	struct control_durable *durable = &control->durable;
	int64_t *const numbers[] = {
		&log->log_start, &log->log_end, &log->segment, &log->length,
		&log->last_batch, &log->stamp, &durable->end,
		&durable->segment, &durable->byte, &durable->syncing_end,
	};
	enum { NUMBERS = sizeof(numbers) / sizeof(*numbers) };

	if (field % 16 < NUMBERS)
		*numbers[field % 16] = value;
	else if (field % 16 == NUMBERS)
		log->epoch = (int32_t)value;
	else if (field % 16 == NUMBERS + 1)
		durable->is_stopped = true;
	else if (field % 16 == NUMBERS + 2)
		durable->is_syncing = true;
	else if (field % 16 == NUMBERS + 3)
		log->boot.bytes[0] ^= 1;
	else if (field % 16 == NUMBERS + 4)
		durable->generation = log->generation = (uint64_t)value;
	else
		log->number = (int32_t)value;
}

/* Numbers near those of the log are the ones that might be believed. */
static int64_t
take_number(struct input *input, uint8_t field)
{
	return field & 0x80 ? (int64_t)take_bytes(input, 8)
	    : (int64_t)take_bytes(input, 2);
}

static void
write_page(int kind, struct input *input)
{
	struct control control = good.control;
	int fd = file_open(log_dir, "control", FILE_WRITE);
	uint8_t field, byte;

	switch (kind) {
	case PAGE_RAW:
		MUST(file_truncate(fd, 0) == 0 && (input->left == 0 ||
		    file_write_at(fd, input->at, input->left, 0) == 0),
		    "a page");
		break;
	case PAGE_PATCHED:
		while (input->left > 0) {
			off_t at = (off_t)take_bytes(input, 2) % CONTROL_SIZE;

			byte = take_byte(input);
			MUST(file_write_at(fd, &byte, 1, at) == 0, "a byte");
		}
		break;
	case PAGE_SEALED:
		while (input->left > 0) {
			field = take_byte(input);
			change_field(&control, field,
			    take_number(input, field));
		}
		/* A roll makes an entry in the directory. */
		if (control.log.segment != good.control.log.segment &&
		    control.log.stamp == good.control.log.stamp)
			control.log.stamp = 0;
		MUST(control_write(fd, &control) == 0, "a page");
		break;
	}
	close(fd);
}

/* Batches shown are those of the log; some at its end may not show yet. */
static void
check_shown(struct partition *partition)
{
	struct shown shown = {0};

	show_from(partition, 0, &shown);
	MUST(shown.end <= good.end && shown.batches.size <= good.batches.size,
	    "no message is made up");
	MUST(shown.batches.size == 0 || memmem(good.batches.data,
	    good.batches.size, shown.batches.data, shown.batches.size) != NULL,
	    "what shows is as it was");
	buf_release(&shown.batches);
}

/* Recovery keeps all; and perhaps what was appended just before the stop. */
static void
leave_stop(struct partition *partition, struct buf *expected)
{
	struct shown shown = {0};

	MUST(partition_recover(partition) == 0, "a stop has a way out");
	show_from(partition, 0, &shown);
	MUST(shown.batches.size >= expected->size &&
	    memcmp(shown.batches.data, expected->data, expected->size) == 0,
	    "that loses nothing");
	buf_clear(expected);
	buf_append_slice(expected, buf_slice(&shown.batches));
	buf_release(&shown.batches);
}

/* Once something is appended, all shows. */
static void
check_append(struct partition *partition)
{
	struct buf expected = {0};
	struct shown shown = {0};
	int64_t first;

	buf_append_slice(&expected, buf_slice(&good.batches));
	first = log_append(partition, &expected);
	if (first == -FAIL_STOPPED) {
		leave_stop(partition, &expected);
		first = log_append(partition, &expected);
	}
	MUST(first >= good.end || first == -FAIL_SYSTEM,
	    "no offset is given out twice");
	show_from(partition, 0, &shown);
	MUST(has_same_bytes(buf_slice(&shown.batches), buf_slice(&expected)),
	    "nothing is lost");
	buf_release(&shown.batches);
	buf_release(&expected);
}

static void
check_log(int sync, bool read_only)
{
	struct partition *partition = log_open(sync, read_only);

	if (partition == NULL)
		return;
	log_state(partition);
	check_shown(partition);
	if (!read_only)
		check_append(partition);
	partition_close(partition);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {data, size};
	uint8_t choice = take_byte(&input);

	if (topic_dir < 0)
		make_good();
	restore_good();
	write_page((choice & 15) % PAGE_KINDS, &input);
	check_log(choice >> 4, true);
	check_log(choice >> 4, false);
	return 0;
}
