/* The file `positions` of a partition: an array of known places in its log. */
#include "spool/positions_file.h"

#include <unistd.h>

#include "base/cursor.h"
#include "base/fail.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/lock.h"

enum { ENTRY_SIZE = 40, CHECKED_SIZE = 36 };

int
positions_file_open(struct positions_file *file, int dir, bool create)
{
	int64_t size;

	file->count = 0;
	file->fd =
	    file_open(dir, POSITIONS_FILE, create ? FILE_CREATE : FILE_READ);
	if (file->fd < 0)
		return file->fd;
	size = file_size(file->fd);
	if (size < 0) {
		positions_file_close(file);
		return (int)size;
	}
	file->count = size / ENTRY_SIZE;
	return 0;
}

void
positions_file_close(struct positions_file *file)
{
	if (file->fd >= 0)
		close(file->fd);
	file->fd = -1;
}

int
positions_file_get(const struct positions_file *file, int64_t index,
    struct positions_entry *entry)
{
	unsigned char bytes[ENTRY_SIZE] = {0};
	struct cursor cursor = cursor_over(bytes, sizeof(bytes));
	ssize_t got;

	if (index < 0 || index >= file->count)
		return 0;
	got = file_read_at(file->fd, bytes, sizeof(bytes), index * ENTRY_SIZE);
	if (got < 0)
		return (int)got;
	entry->position.offset = (int64_t)cursor_be64(&cursor);
	entry->position.segment = (int64_t)cursor_be64(&cursor);
	entry->position.byte = (int64_t)cursor_be64(&cursor);
	entry->position.timestamp = (int64_t)cursor_be64(&cursor);
	entry->epoch = (int32_t)cursor_be32(&cursor);
	return got == ENTRY_SIZE &&
	       cursor_be32(&cursor) == hash_crc32c(0, bytes, CHECKED_SIZE);
}

/* Number of entries at the front whose value is below the one asked for. */
static int64_t
search(const struct positions_file *file, int64_t count, bool by_time,
    int64_t value)
{
	int64_t low = 0, high = count;

	while (low < high) {
		int64_t middle = low + (high - low) / 2;
		struct positions_entry entry;
		int result = positions_file_get(file, middle, &entry);

		if (result == 0)
			return fail(FAIL_CORRUPT, POSITIONS_FILE ": damaged");
		if (result < 0)
			return result;
		if ((by_time ? entry.position.timestamp
			     : entry.position.offset) < value)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

int64_t
positions_file_below(
    const struct positions_file *file, int64_t count, int64_t offset)
{
	return search(file, count, false, offset);
}

int64_t
positions_file_before(
    const struct positions_file *file, int64_t count, int64_t wall_ms)
{
	return search(file, count, true, wall_ms);
}

int
positions_file_lock(struct positions_file *file)
{
	return lock_byte(file->fd, 0);
}

int
positions_file_cut(struct positions_file *file, int64_t count)
{
	int result = file_truncate(file->fd, count * ENTRY_SIZE);

	if (result >= 0)
		file->count = count;
	return result;
}

int
positions_file_add(struct positions_file *file,
    const struct position *positions, size_t count, int32_t epoch)
{
	struct buf bytes = {0};
	int result;

	for (size_t i = 0; i < count; i++) {
		size_t start = bytes.size;

		buf_append_be64(&bytes, (uint64_t)positions[i].offset);
		buf_append_be64(&bytes, (uint64_t)positions[i].segment);
		buf_append_be64(&bytes, (uint64_t)positions[i].byte);
		buf_append_be64(&bytes, (uint64_t)positions[i].timestamp);
		buf_append_be32(&bytes, (uint32_t)epoch);
		buf_append_be32(
		    &bytes, hash_crc32c(0, bytes.data + start, CHECKED_SIZE));
	}
	result = file_write_at(
	    file->fd, bytes.data, bytes.size, file->count * ENTRY_SIZE);
	if (result >= 0)
		file->count += (int64_t)count;
	buf_release(&bytes);
	return result;
}
