/* What a partition is known to hold: making it. */
#include "content.h"
#include "base/fail.h"
#include "base/file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const struct partition_options content_options = {
	.topic_id = "topic id of test",
	.sync = SYNC_ALWAYS,
	.segment_bytes = MAIN_SIZE,
	.max_bytes = BATCH_MAX_SIZE,
};

const char *const content_form_names[CONTENT_FORMS] = {"sealed", "active",
	"tail"};

static void
append_record(struct batch_builder *builder, int seed, size_t size)
{
	static const char words[] = "a message that may be damaged but not lost ";
	struct record record = {.timestamp = 1700000000000LL + seed};
	struct buf value = {0}, headers = {0};
	char key[16];

	snprintf(key, sizeof(key), "key %d", seed);
	if (seed % 3 > 0)
		record.key = slice_of(key);
	while (value.size < size)
		buf_append_byte(&value, seed % 4 == 0
		    ? (unsigned char)words[value.size % (sizeof(words) - 1)]
		    : (unsigned char)rand());
	record.value = buf_slice(&value);
	for (int i = 0; i < seed % 3; i++)
		record_append_header(&headers, slice_of("mq.tag"),
		    i == 0 ? slice_of("urgent") : (struct slice){0});
	record.headers = buf_slice(&headers);
	record.header_count = seed % 3;
	batch_builder_append(builder, &record);
	buf_release(&value);
	buf_release(&headers);
}

static int
make_batch(struct buf *out, enum codec codec, int seed, int records,
    size_t size)
{
	struct batch_builder builder;
	int rc;

	batch_builder_init(&builder, codec);
	for (int i = 0; i < records; i++)
		append_record(&builder, seed + i, size);
	rc = batch_builder_finish(&builder, out);
	batch_builder_release(&builder);
	return rc;
}

/* A batch whose one value is batches, with offsets that would fit. */
static int
make_nested(struct buf *out, int64_t offset, int32_t epoch)
{
	struct batch_builder builder;
	struct buf inner = {0};
	int rc = make_batch(&inner, CODEC_NONE, 1, 2, 60);
	size_t size = inner.size;

	if (rc == 0)
		rc = make_batch(&inner, CODEC_NONE, 4, 3, 60);
	batch_set_position(inner.data, offset + 1, epoch);
	batch_set_position(inner.data + size, offset + 3, epoch);
	batch_builder_init(&builder, CODEC_NONE);
	batch_builder_append(&builder, &(struct record){
		.timestamp = 1700000000000LL,
		.value = buf_slice(&inner),
	});
	if (rc == 0)
		rc = batch_builder_finish(&builder, out);
	batch_builder_release(&builder);
	buf_release(&inner);
	return rc;
}

static void
make_empty(struct buf *out, int32_t offsets)
{
	struct batch_header header = {
		.length = BATCH_HEADER_SIZE - BATCH_PREFIX_SIZE,
		.magic = BATCH_MAGIC,
		.last_offset_delta = offsets - 1,
		.base_timestamp = 1700000000000LL,
		.max_timestamp = 1700000000000LL,
		.producer_id = -1,
		.producer_epoch = -1,
		.base_sequence = -1,
	};

	batch_encode_header(buf_reserve(out, BATCH_HEADER_SIZE), &header);
	out->size += BATCH_HEADER_SIZE;
	batch_seal(out->data, out->size);
}

struct making {
	struct content *content;
	struct partition *partition;
};

static int
add(struct making *making, struct buf *batch)
{
	struct content *content = making->content;
	struct known *known = &content->list[content->count];
	int index = content->segment_count - 1;
	struct batch_header header;
	int rc = partition_append(making->partition, batch->data, batch->size,
	    &known->first, &known->last);

	if (rc == 0)
		rc = partition_wait(making->partition, known->last + 1, -1);
	if (rc == 0)
		rc = batch_decode_header(batch->data, batch->size, &header);
	if (rc < 0)
		return rc;
	known->record_count = header.record_count;
	known->size = batch->size;
	known->bytes = memory_alloc(batch->size);
	memcpy(known->bytes, batch->data, batch->size);
	known->segment = content->segments[index];
	known->byte = content->end[index];
	content->end[index] += (int64_t)batch->size;
	content->log_end = known->last + 1;
	content->count++;
	buf_clear(batch);
	return 0;
}

/* The next batch begins a new segment. */
static int
roll(struct making *making)
{
	struct content *content = making->content;
	struct partition_options options = content_options;
	struct buf batch = {0};
	int rc = make_batch(&batch, CODEC_NONE, 7, 2, 50);

	options.segment_bytes = 1;
	partition_configure(making->partition, &options);
	content->segments[content->segment_count] = content->log_end;
	content->end[content->segment_count++] = 0;
	if (rc == 0)
		rc = add(making, &batch);
	partition_configure(making->partition, &content_options);
	buf_release(&batch);
	return rc;
}

static int
fill(struct making *making, size_t size)
{
	struct buf batch = {0};
	size_t value = size - BATCH_HEADER_SIZE - 64;
	int rc;

	/* Its size grows byte by byte with that of the value. */
	do {
		buf_clear(&batch);
		rc = make_batch(&batch, CODEC_NONE, 3, 1, value++);
	} while (rc == 0 && batch.size < size);
	if (rc == 0 && batch.size != size)
		rc = fail(FAIL_BUG, "no batch of %zu bytes", size);
	if (rc == 0)
		rc = add(making, &batch);
	buf_release(&batch);
	return rc;
}

static int
fill_main(struct making *making, enum content_form form)
{
	struct content *content = making->content;
	int64_t *end = &content->end[content->main];
	struct buf batch = {0};
	int rc = 0;

	for (int i = 0; rc == 0 && *end < MAIN_SIZE - 9000; i++) {
		if (i % 9 == 4)
			make_empty(&batch, 3);
		else if (i % 9 == 7)
			rc = make_nested(&batch, content->log_end, 2);
		else
			rc = make_batch(&batch, (enum codec)(i % 5), i * 5 + 1,
			    1 + i % 4 * 3, 40 + (size_t)(i % 6) * 170);
		if (rc == 0)
			rc = add(making, &batch);
	}
	if (rc == 0)
		rc = fill(making, (size_t)(MAIN_SIZE - *end) - 1500);
	if (rc == 0)
		rc = fill(making, form == CONTENT_TAIL ? 700 : 1500);
	buf_release(&batch);
	return rc;
}

static int
open_again(struct making *making, int topic_dir, int number)
{
	char name[32];

	partition_close(making->partition);
	snprintf(name, sizeof(name), "%d/control", number);
	unlinkat(topic_dir, name, 0);
	return partition_open(&making->partition, topic_dir, number,
	    &content_options);
}

static int
make_all(struct making *making, int topic_dir, int number,
    enum content_form form)
{
	struct content *content = making->content;
	struct buf batch = {0};
	int rc = make_batch(&batch, CODEC_NONE, 11, 2, 80);

	content->segment_count = 1;
	if (rc == 0)
		rc = add(making, &batch);
	content->main = 1;
	if (rc == 0)
		rc = roll(making);
	/* A rebuild begins another epoch. */
	if (rc == 0)
		rc = open_again(making, topic_dir, number);
	if (rc == 0)
		rc = fill_main(making, form);
	if (rc == 0 && form == CONTENT_SEALED)
		rc = roll(making);
	buf_release(&batch);
	return rc;
}

int
content_make(struct content *content, int topic_dir, int number,
    enum content_form form)
{
	struct making making = {.content = content};
	int rc = partition_create(topic_dir, number);

	*content = (struct content){0};
	srand(1);
	if (rc >= 0)
		rc = partition_open(&making.partition, topic_dir, number,
		    &content_options);
	if (rc >= 0)
		rc = make_all(&making, topic_dir, number, form);
	partition_close(making.partition);
	return rc < 0 ? rc : 0;
}

void
content_release(struct content *content)
{
	for (int i = 0; i < content->count; i++)
		free(content->list[i].bytes);
	content->count = 0;
}

const struct known *
content_at(const struct content *content, int64_t segment, int64_t byte)
{
	for (int i = 0; i < content->count; i++) {
		const struct known *known = &content->list[i];

		if (known->segment == segment && byte >= known->byte &&
		    byte < known->byte + (int64_t)known->size)
			return known;
	}
	return NULL;
}

const struct known *
content_find(const struct content *content, int64_t offset)
{
	int low = 0, high = content->count;

	while (low < high) {
		int middle = (low + high) / 2;

		if (content->list[middle].first < offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low < content->count && content->list[low].first == offset
	    ? &content->list[low]
	    : NULL;
}
