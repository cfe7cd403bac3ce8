/* A partition of a target's own: files of any bytes, and what is read there. */
#ifndef LOG_H
#define LOG_H

#include "../unit/scratch.h"
#include "fuzz.h"
#include "memory/files.h"
#include "log/partition.h"

static int topic_dir = -1;
static int log_dir = -1;

static inline void
log_clear(void)
{
	file_list(log_dir, scratch_remove_entry, &log_dir);
}

/* Makes the directories, once. */
static inline void
log_make(void)
{
	if (topic_dir >= 0)
		return;
	topic_dir = scratch_make();
	atexit(log_clear);
	MUST(file_make_directory(topic_dir, "0") == 1, "a directory");
	log_dir = file_open_directory(topic_dir, "0");
}

static inline void
log_write(const char *name, struct slice bytes)
{
	int fd = file_open(log_dir, name, FILE_EXCLUSIVE);

	MUST(fd >= 0 && (bytes.size == 0 ||
	    file_write_at(fd, bytes.data, bytes.size, 0) == 0), "a file");
	close(fd);
}

static inline struct partition_options
log_options(int sync, bool read_only)
{
	return (struct partition_options){
		.topic_id = "topic id of fuzz",
		.sync = (enum sync_mode)(sync % 3),
		.segment_bytes = 4096,
		.max_bytes = BATCH_MAX_SIZE,
		.read_only = read_only,
	};
}

/* The bytes shown are those of the file, at the place that is told. */
static inline void
check_position(struct slice bytes, const struct position *position)
{
	char name[32];
	void *copy = memory_alloc(bytes.size);
	int fd;

	snprintf(name, sizeof(name), "%020lld.log",
	    (long long)position->segment);
	fd = file_open(log_dir, name, FILE_READ);
	MUST(fd >= 0 && file_read_at(fd, copy, bytes.size, position->byte) ==
	    (ssize_t)bytes.size && memcmp(copy, bytes.data, bytes.size) == 0,
	    "a batch is where its position says");
	close(fd);
	free(copy);
}

/* What a reader that begins at offset shows: its batches, back to back. Their
 * epochs are as they are on disk. */
struct shown {
	struct buf batches;
	int64_t end;      /* behind the last offset shown */
	int bad_ranges;
};

static inline void
show_batch(struct shown *shown, struct slice bytes,
    const struct batch_header *header, const struct position *position)
{
	MUST(header->base_offset >= shown->end &&
	    header->base_offset == position->offset, "offsets ascend");
	MUST(bytes.size == batch_size(header) &&
	    is_batch_intact(bytes.data, header), "only intact batches");
	check_position(bytes, position);
	shown->end = header->base_offset + header->last_offset_delta + 1;
	buf_append_slice(&shown->batches, bytes);
}

static inline void
show_from(struct partition *partition, int64_t offset, struct shown *shown)
{
	enum { RANGES_MAX = 100000 };
	struct partition_reader *reader;
	struct batch_header header;
	struct position position;
	struct slice bytes;
	int rc = partition_reader_open(&reader, partition, offset, NULL);

	buf_clear(&shown->batches);
	shown->end = 0;
	shown->bad_ranges = 0;
	MUST(rc == 0, "a partition that opens can be read");
	while ((rc = partition_reader_next(reader, &bytes, &header,
	            &position)) != 0) {
		MUST(rc == 1 || rc == -FAIL_CORRUPT, "or tells what is bad");
		if (rc == 1)
			show_batch(shown, bytes, &header, &position);
		else
			MUST(++shown->bad_ranges < RANGES_MAX,
			    "and comes to an end");
	}
	partition_reader_close(reader);
}

static inline struct partition *
log_open(int sync, bool read_only)
{
	struct partition_options options = log_options(sync, read_only);
	struct partition *partition;
	int rc = partition_open(&partition, topic_dir, 0, &options);

	MUST(rc == 0 || rc == -FAIL_SYSTEM,
	    "a log opens, or its numbers are used up");
	return partition;
}

static inline struct partition_state
log_state(struct partition *partition)
{
	struct partition_state state = {0};

	MUST(partition_state(partition, &state) == 0, "a log has a state");
	MUST(state.log_start >= 0 && state.log_start <= state.high_watermark &&
	    state.high_watermark <= state.log_end &&
	    state.durable_end <= state.log_end, "whose numbers fit");
	return state;
}

/* One more record, durable. Returns its offset or an error; the batch as
 * stored is appended to out. */
static inline int64_t
log_append(struct partition *partition, struct buf *out)
{
	struct record record = {.timestamp = 1, .value = slice_of("appended")};
	struct batch_builder builder;
	struct buf batch = {0};
	int64_t first = -1, last;
	int rc;

	batch_builder_init(&builder, CODEC_NONE);
	batch_builder_append(&builder, &record);
	MUST(batch_builder_finish(&builder, &batch) == 0, "a batch");
	rc = partition_append(partition, batch.data, batch.size, &first,
	    &last);
	if (rc == 0)
		rc = partition_wait(partition, last + 1, -1);
	if (rc == 0)
		buf_append_slice(out, buf_slice(&batch));
	batch_builder_release(&builder);
	buf_release(&batch);
	return rc < 0 ? rc : first;
}

#endif
