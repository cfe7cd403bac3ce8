/* What the tests of partitions share: a topic directory, batches, reading. */
#ifndef UNIT_PARTITION_H
#define UNIT_PARTITION_H

#include "base/fail.h"
#include "log/partition.h"
#include "scratch.h"
#include "unit.h"

#include <string.h>

static int topic_dir;

static const struct partition_options usual_options = {
	.topic_id = "topic id of test",
	.sync = SYNC_ALWAYS,
	.segment_bytes = 1024 * 1024,
	.max_bytes = BATCH_MAX_SIZE,
};

static inline void
empty_partitions(void)
{
	for (int i = 0; i < 64; i++) {
		char name[16];
		int dir;

		snprintf(name, sizeof(name), "%d", i);
		dir = openat(topic_dir, name, O_RDONLY | O_DIRECTORY);
		if (dir < 0)
			continue;
		file_list(dir, scratch_remove_entry, &dir);
		close(dir);
	}
}

/* In a directory that is on a disk, as the tests of a log should be. */
static inline void
topic_make(void)
{
	if (getenv("TMPDIR") == NULL)
		setenv("TMPDIR", "/var/tmp", 1);
	topic_dir = scratch_make();
	atexit(empty_partitions);
}

/* Opens partition number with other options than usual, making it first. */
static inline struct partition *
open_with(int number, struct partition_options options)
{
	struct partition *partition;

	if (partition_create(topic_dir, number) < 0 ||
	    partition_open(&partition, topic_dir, number, &options) < 0) {
		printf("# %s\n", fail_message());
		return NULL;
	}
	return partition;
}

static inline struct partition *
open_usual(int number)
{
	return open_with(number, usual_options);
}

static inline int
open_inside(int number, const char *file, int flags)
{
	char path[64];

	snprintf(path, sizeof(path), "%d/%s", number, file);
	return openat(topic_dir, path, flags, 0600);
}

static inline void
make_batch(struct buf *out, const char *value, size_t size, int64_t timestamp,
    int count)
{
	struct batch_builder builder;

	batch_builder_init(&builder, CODEC_NONE);
	for (int i = 0; i < count; i++) {
		struct record record = {
			.timestamp = timestamp + i,
			.value = {value, size},
		};

		batch_builder_append(&builder, &record);
	}
	batch_builder_finish(&builder, out);
	batch_builder_release(&builder);
}

/* Appends one batch of count records, each with this value. Returns its first
 * offset or what failed. */
static inline int64_t
put_count(struct partition *partition, const char *value, int count)
{
	struct buf batch = {0};
	int64_t first, last;
	int rc;

	make_batch(&batch, value, strlen(value), 1000, count);
	rc = partition_append(partition, batch.data, batch.size, &first, &last);
	buf_release(&batch);
	if (rc == 0)
		rc = partition_wait(partition, last + 1, -1);
	return rc < 0 ? rc : first;
}

static inline int64_t
put(struct partition *partition, const char *value)
{
	return put_count(partition, value, 1);
}

/* All values from offset on, each followed by a space, "!" for a bad range. */
static inline const char *
read_from(struct partition *partition, int64_t offset,
    const struct position *hint)
{
	static struct buf out;
	struct partition_reader *reader;
	struct buf scratch = {0};
	struct batch_header header;
	struct position position;
	struct slice bytes;
	int rc = partition_reader_open(&reader, partition, offset, hint);

	buf_clear(&out);
	if (rc < 0) {
		buf_printf(&out, "open: %s", fail_message());
		return buf_text(&out);
	}
	while ((rc = partition_reader_next(reader, &bytes, &header,
	            &position)) != 0) {
		struct batch_reader batch;
		struct record record;

		if (rc == -FAIL_CORRUPT) {
			buf_append_text(&out, "! ");
			continue;
		}
		if (rc < 0) {
			buf_printf(&out, "next: %s", fail_message());
			break;
		}
		if (batch_reader_open(&batch, bytes.data, bytes.size,
		        &scratch) < 0)
			break;
		while (batch_reader_next(&batch, &record) == 1) {
			if (record.offset < partition_reader_start(reader))
				continue;
			buf_append_slice(&out, record.value);
			buf_append_byte(&out, ' ');
		}
	}
	buf_release(&scratch);
	partition_reader_close(reader);
	return buf_text(&out);
}

static inline bool
reads(struct partition *partition, const char *expected)
{
	const char *got = read_from(partition, 0, NULL);

	if (strcmp(got, expected) == 0)
		return true;
	printf("# got '%s'\n# not '%s'\n", got, expected);
	return false;
}

static inline void
print_finding(const struct partition_finding *finding, void *context)
{
	(void)context;
	printf("# finding: segment %lld byte %lld offsets %lld-%lld%s: %s\n",
	    (long long)finding->segment, (long long)finding->byte,
	    (long long)finding->first_offset, (long long)finding->last_offset,
	    finding->is_mendable ? " (mendable)" : "", finding->text);
}

static inline int
findings(struct partition *partition)
{
	int rc = partition_check(partition, print_finding, NULL);

	if (rc < 0)
		printf("# check: %s\n", fail_message());
	return rc;
}

#endif
