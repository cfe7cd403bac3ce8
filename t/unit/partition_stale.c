/* What a recovery makes of batches that an earlier one had cut, and that a
 * power cut brought back: their epoch is lower than that of their offsets. */
#include "log/aside.h"
#include "log/control.h"
#include "log/epochs.h"
#include "log/segment.h"
#include "partition.h"

#include <sys/stat.h>

/* The newest segment of a partition, and where in it the batches of one value
 * begin. */
struct made {
	int number;
	int64_t base;
	int file;
	int64_t begins[16];
	int count;
	struct partition_options options;
};

static void
change_page(const struct made *made, int64_t durable_end, bool is_booted)
{
	int fd = open_inside(made->number, "control", O_RDWR);
	struct control page;

	control_read(fd, &page);
	if (is_booted)
		page.log.boot.bytes[0] ^= 1;
	page.durable.end = durable_end;
	page.durable.segment = 0;
	page.durable.byte = 0;
	control_write(fd, &page);
	close(fd);
}

static int64_t
page_length(int number)
{
	int fd = open_inside(number, "control", O_RDONLY);
	struct control page;

	control_read(fd, &page);
	close(fd);
	return page.log.length;
}

static void
put_all(struct made *made, const char *values)
{
	struct partition *partition = open_with(made->number, made->options);
	char value[2] = "";

	for (; *values != 0; values++) {
		value[0] = *values;
		put(partition, value);
		made->begins[++made->count] = page_length(made->number);
	}
	partition_close(partition);
}

/* In the first segment, or in one behind a batch that fills that. */
static void
begin(struct made *made, int number, enum sync_mode sync, bool is_second)
{
	struct partition *partition;
	char name[SEGMENT_NAME_SIZE], large[700];

	*made = (struct made){.number = number, .options = usual_options};
	made->options.sync = sync;
	made->options.segment_bytes = 700;
	if (is_second) {
		memset(large, 'x', sizeof(large) - 1);
		large[sizeof(large) - 1] = 0;
		partition = open_with(number, made->options);
		put(partition, large);
		partition_close(partition);
		made->base = 1;
	}
	put_all(made, "ab");
	segment_format_name(name, made->base);
	snprintf(large, sizeof(large), "%s", name);
	made->file = open_inside(number, large, O_RDWR);
}

/* c, d, e were written, cut by a recovery, and C, D, E took their offsets. Of
 * these `kept` from the end have reached the disk when the power goes again;
 * the others are the old ones. */
static void
bring_back(struct made *made, int kept)
{
	unsigned char old[1024];
	int64_t from = made->begins[2], size;

	put_all(made, "cde");
	size = made->begins[5 - kept] - from;
	file_read_at(made->file, old, (size_t)size, from);
	file_truncate(made->file, from);
	change_page(made, made->base + 2, true);
	made->count = 2;
	put_all(made, "CDE");
	file_write_at(made->file, old, (size_t)size, from);
	change_page(made, made->base + 2, true);
}

static int
count_aside(const char *name, void *context)
{
	*(int *)context += is_aside_name(name);
	return 0;
}

static int
aside_files(int number)
{
	int dir = open_inside(number, ".", O_RDONLY | O_DIRECTORY);
	int count = 0;

	file_list(dir, count_aside, &count);
	close(dir);
	return count;
}

static bool
has(struct partition *partition, const struct made *made, const char *expected)
{
	const char *got = read_from(partition, made->base, NULL);

	if (strcmp(got, expected) == 0)
		return true;
	printf("# partition %d: got '%s'\n# not '%s'\n", made->number, got,
	    expected);
	return false;
}

static void
note_mendable(const struct partition_finding *finding, void *context)
{
	print_finding(finding, NULL);
	*(bool *)context &= finding->is_mendable;
}

/* Before anybody has recovered it: nothing stale is read, it is named, and
 * nothing changes. */
static void
look_only(const struct made *made, const char *expected)
{
	struct partition_options options = made->options;
	struct partition *partition;
	bool is_mendable = true;

	options.read_only = true;
	partition = open_with(made->number, options);
	CHECK(has(partition, made, expected),
	    "who may not recover reads no stale batch");
	CHECK(partition_check(partition, note_mendable, &is_mendable) == 1 &&
	    is_mendable, "a check names it, and that it will be mended");
	partition_close(partition);
	CHECK(aside_files(made->number) == 0, "and nothing is changed");
}

static void
test_between(struct made *made)
{
	struct partition *partition;
	const char *notice;

	bring_back(made, 1);
	look_only(made, "a b ! E ");
	partition = open_with(made->number, made->options);
	CHECK(has(partition, made, "a b E "),
	    "stale batches are cut out, and what follows is read");
	notice = partition_notice(partition);
	CHECK(notice != NULL && strstr(notice, ".torn") != NULL,
	    "that is told");
	CHECK(findings(partition) == 0 && aside_files(made->number) == 1,
	    "their bytes are kept aside");
	CHECK(put(partition, "f") == made->base + 5, "offsets go on");
	partition_close(partition);
	partition = open_with(made->number, made->options);
	CHECK(has(partition, made, "a b E f ") && findings(partition) == 0,
	    "and it stays so");
	partition_close(partition);
	close(made->file);
}

static void
test_end(struct made *made)
{
	struct partition *partition;

	bring_back(made, 0);
	look_only(made, "a b ");
	partition = open_with(made->number, made->options);
	CHECK(has(partition, made, "a b "), "stale batches at the end are cut");
	CHECK(findings(partition) == 0 && aside_files(made->number) == 1,
	    "their bytes are kept aside");
	CHECK(put(partition, "f") == made->base + 2,
	    "their offsets are given out again");
	CHECK(has(partition, made, "a b f ") && findings(partition) == 0,
	    "and it stays so");
	partition_close(partition);
	close(made->file);
}

static void
test_modes(void)
{
	static const enum sync_mode modes[] = {SYNC_ALWAYS, SYNC_INTERVAL,
		SYNC_NEVER};
	struct made made;
	int number = 0;

	for (int i = 0; i < 6; i++) {
		begin(&made, number++, modes[i / 2], i % 2);
		test_between(&made);
		begin(&made, number++, modes[i / 2], i % 2);
		test_end(&made);
	}
}

static void
set_epoch(const struct made *made, int batch, int32_t epoch)
{
	unsigned char bytes[4] = {0, 0, 0, (unsigned char)epoch};

	file_write_at(made->file, bytes, sizeof(bytes),
	    made->begins[batch] + BATCH_PREFIX_SIZE);
}

/* The epoch lies outside the checksum, and a message is what it is. */
static void
test_kept(void)
{
	struct made made;
	struct partition *partition;

	begin(&made, 20, SYNC_ALWAYS, false);
	change_page(&made, 2, true);
	put_all(&made, "cde");
	set_epoch(&made, 3, 1);
	change_page(&made, 4, true);
	partition = open_with(20, made.options);
	CHECK(has(partition, &made, "a b c d e ") && findings(partition) == 1,
	    "a lower epoch below the durable end is a finding, and read");
	partition_close(partition);
	close(made.file);

	begin(&made, 21, SYNC_ALWAYS, false);
	change_page(&made, 2, true);
	put_all(&made, "cde");
	set_epoch(&made, 3, 1);
	partition = open_with(21, made.options);
	CHECK(has(partition, &made, "a b c d e ") && findings(partition) == 1,
	    "and so is one without a power cut");
	partition_close(partition);
	close(made.file);

	begin(&made, 22, SYNC_ALWAYS, false);
	change_page(&made, 2, true);
	put_all(&made, "cde");
	set_epoch(&made, 3, 9);
	change_page(&made, 2, true);
	partition = open_with(22, made.options);
	CHECK(has(partition, &made, "a b c d e ") && findings(partition) == 1,
	    "a higher one is not stale: the file of epochs is old");
	CHECK(put(partition, "f") == 5 && has(partition, &made,
	    "a b c d e f "), "and appends go on above it");
	partition_close(partition);
	close(made.file);
}

int
main(void)
{
	topic_make();
	test_modes();
	test_kept();
	return unit_end();
}
