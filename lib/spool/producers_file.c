/* Producers to bytes and back: see mq-spool(5). */
#include "spool/producers_file.h"

#include "base/clock.h"
#include "base/cursor.h"
#include "base/fail.h"
#include "base/file.h"
#include "base/hash.h"

#include <string.h>
#include <unistd.h>

enum {
	MAGIC = 0x6d717072, /* "mqpr" */
	VERSION = 1,
	HEAD_BYTES = 4 + 4 + 16 + 4 + 4 + 8 + 4,
	ENTRY_BYTES = 8 + 8 + 2 + 2 + PRODUCER_BATCHES * 16,
	CRC_BYTES = 4,
	FILE_MAX = 64 * 1024 * 1024,
	EXPIRY_MS = 24 * 3600 * 1000, /* Kafka's producer.id.expiration.ms */
};

static bool
is_whole(const struct buf *bytes)
{
	struct cursor crc;

	if (bytes->size < HEAD_BYTES + CRC_BYTES)
		return false;
	crc = cursor_over(bytes->data + bytes->size - CRC_BYTES, CRC_BYTES);
	return cursor_be32(&crc) ==
	    hash_crc32c(0, bytes->data, bytes->size - CRC_BYTES);
}

static bool
decode_entry(struct cursor *input, struct producer_entry *entry)
{
	entry->id = (int64_t)cursor_be64(input);
	entry->seen_ms = (int64_t)cursor_be64(input);
	entry->epoch = (int16_t)cursor_be16(input);
	entry->batches = (int16_t)cursor_be16(input);
	for (int i = 0; i < PRODUCER_BATCHES; i++) {
		entry->last[i].first = (int32_t)cursor_be32(input);
		entry->last[i].last = (int32_t)cursor_be32(input);
		entry->last[i].offset = (int64_t)cursor_be64(input);
	}
	return !input->failed && entry->batches >= 1 &&
	    entry->batches <= PRODUCER_BATCHES;
}

static int
decode(const struct buf *bytes, const struct topic *topic, int partition,
    struct producers_head *head,
    void (*each)(const struct producer_entry *entry, void *context),
    void *context)
{
	struct cursor input = cursor_over(bytes->data,
	    bytes->size - CRC_BYTES);
	uint32_t magic = cursor_be32(&input), version = cursor_be32(&input);
	struct slice id = cursor_bytes(&input, 16);
	int32_t number = (int32_t)cursor_be32(&input);
	uint32_t count;

	head->epoch = (int32_t)cursor_be32(&input);
	head->next = (int64_t)cursor_be64(&input);
	count = cursor_be32(&input);
	if (magic != MAGIC || version != VERSION || number != partition ||
	    memcmp(id.data, topic_id(topic), 16) != 0 ||
	    cursor_left(&input) != (size_t)count * ENTRY_BYTES)
		return 0;
	for (uint32_t i = 0; i < count; i++) {
		struct producer_entry entry;

		if (!decode_entry(&input, &entry))
			return 0;
		each(&entry, context);
	}
	return 1;
}

int
producers_file_read(struct topic *topic, int partition,
    struct producers_head *head,
    void (*each)(const struct producer_entry *entry, void *context),
    void *context)
{
	struct buf bytes = {0};
	int found, dir = partition_open_directory(topic_directory(topic),
	    partition);

	if (dir < 0)
		return dir;
	found = file_read_all(dir, PRODUCERS_FILE, FILE_MAX, &bytes);
	close(dir);
	if (found >= 0)
		found = is_whole(&bytes) ? decode(&bytes, topic, partition,
		    head, each, context) : 0;
	buf_release(&bytes);
	return found == -FAIL_MISSING || found == -FAIL_DATA ? 0 : found;
}

static void
encode_entry(struct buf *out, const struct producer_entry *entry)
{
	buf_append_be64(out, (uint64_t)entry->id);
	buf_append_be64(out, (uint64_t)entry->seen_ms);
	buf_append_be16(out, (uint16_t)entry->epoch);
	buf_append_be16(out, (uint16_t)entry->batches);
	for (int i = 0; i < PRODUCER_BATCHES; i++) {
		buf_append_be32(out, (uint32_t)entry->last[i].first);
		buf_append_be32(out, (uint32_t)entry->last[i].last);
		buf_append_be64(out, (uint64_t)entry->last[i].offset);
	}
}

static bool
is_kept(const struct producer_entry *entry, int64_t now_ms)
{
	return entry->batches > 0 && now_ms - entry->seen_ms < EXPIRY_MS;
}

int
producers_file_write(struct topic *topic, int partition,
    const struct producers_head *head, const struct producer_entry *table,
    size_t capacity)
{
	struct buf out = {0};
	int64_t now_ms = clock_wall_ms();
	uint32_t count = 0;
	int dir, failed;

	for (size_t i = 0; i < capacity; i++)
		count += is_kept(&table[i], now_ms);
	buf_append_be32(&out, MAGIC);
	buf_append_be32(&out, VERSION);
	buf_append(&out, topic_id(topic), 16);
	buf_append_be32(&out, (uint32_t)partition);
	buf_append_be32(&out, (uint32_t)head->epoch);
	buf_append_be64(&out, (uint64_t)head->next);
	buf_append_be32(&out, count);
	for (size_t i = 0; i < capacity; i++)
		if (is_kept(&table[i], now_ms))
			encode_entry(&out, &table[i]);
	buf_append_be32(&out, hash_crc32c(0, out.data, out.size));
	dir = failed = partition_open_directory(topic_directory(topic),
	    partition);
	if (dir >= 0) {
		failed = file_replace(dir, PRODUCERS_FILE, buf_slice(&out));
		close(dir);
	}
	buf_release(&out);
	return failed;
}
