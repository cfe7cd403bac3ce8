/* The file of known positions, of any bytes: searches end, checks are made. */
#include "fuzz.h"
#include "base/file.h"
#include "base/hash.h"
#include "spool/positions_file.h"

#include <sys/mman.h>

enum { ENTRY = 40, CHECKED = 36, ENTRIES_MAX = 200, FLAG_SEAL = 1 };

static struct positions_file file = {.fd = -1};

static void
seal(unsigned char *entry)
{
	uint32_t crc = hash_crc32c(0, entry, CHECKED);

	for (int i = 0; i < 4; i++)
		entry[CHECKED + i] = (unsigned char)(crc >> (24 - 8 * i));
}

static void
write_file(struct slice content, int flags)
{
	struct buf bytes = {0};

	if (file.fd < 0)
		file.fd = memfd_create("positions", MFD_CLOEXEC);
	buf_append_slice(&bytes, content);
	for (size_t i = 0; flags & FLAG_SEAL && i + ENTRY <= bytes.size;
	     i += ENTRY)
		seal(bytes.data + i);
	MUST(file_truncate(file.fd, (off_t)bytes.size) == 0 &&
	    (bytes.size == 0 || file_write_at(file.fd, bytes.data, bytes.size,
	        0) == 0), "a file");
	file.count = (int64_t)(bytes.size / ENTRY);
	buf_release(&bytes);
}

/* In a file that is in order a search finds the place; in any it ends. */
static void
check_search(bool is_in_order, bool by_time, int64_t value)
{
	int64_t found = by_time ? positions_file_before(&file, file.count, value)
	    : positions_file_below(&file, file.count, value);
	struct positions_entry entry;

	MUST(found == -FAIL_CORRUPT || (found >= 0 && found <= file.count),
	    "a search ends in the file, or names the damage");
	if (found < 0 || !is_in_order)
		return;
	for (int64_t i = 0; i < file.count; i++) {
		int64_t at;

		MUST(positions_file_get(&file, i, &entry) == 1, "an entry");
		at = by_time ? entry.position.timestamp : entry.position.offset;
		MUST((at < value) == (i < found), "at the place asked for");
	}
}

/* Bit 0: the offsets are in order; bit 1: the times are. 0 if one is bad. */
static int
find_order(void)
{
	struct positions_entry entry, former = {{0}, 0};
	int order = 3;

	for (int64_t i = 0; i < file.count; i++) {
		int rc = positions_file_get(&file, i, &entry);

		MUST(rc == 0 || rc == 1, "an entry is good, or it is not");
		if (rc == 0)
			return 0;
		if (i > 0 && entry.position.offset < former.position.offset)
			order &= ~1;
		if (i > 0 && entry.position.timestamp <
		    former.position.timestamp)
			order &= ~2;
		former = entry;
	}
	return order;
}

static void
check_add(struct input *input)
{
	struct position position = {
		.offset = (int64_t)take_bytes(input, 8),
		.segment = (int64_t)take_bytes(input, 8),
		.byte = (int64_t)take_bytes(input, 8),
		.timestamp = (int64_t)take_bytes(input, 8),
	};
	int32_t epoch = (int32_t)take_bytes(input, 4);
	int64_t count = file.count;
	struct positions_entry entry;

	MUST(positions_file_add(&file, &position, 1, epoch) == 0 &&
	    file.count == count + 1 &&
	    positions_file_get(&file, count, &entry) == 1 &&
	    entry.position.offset == position.offset &&
	    entry.position.segment == position.segment &&
	    entry.position.byte == position.byte &&
	    entry.position.timestamp == position.timestamp &&
	    entry.epoch == epoch, "what is added is there");
	MUST(positions_file_get(&file, count + 1, &entry) == 0 &&
	    positions_file_get(&file, -1, &entry) == 0,
	    "and nothing beside the file");
	MUST(positions_file_cut(&file, count) == 0 &&
	    positions_file_get(&file, count, &entry) == 0,
	    "what is cut is not");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {data, size};
	int flags = take_byte(&input);
	int64_t value = (int64_t)take_bytes(&input, 8);
	struct input rest = input;
	int order;

	if (input.left > ENTRIES_MAX * ENTRY)
		input.left = ENTRIES_MAX * ENTRY;
	write_file((struct slice){input.at, input.left}, flags);
	order = find_order();
	check_search(order & 1, false, value);
	check_search(order & 2, true, value);
	check_add(&rest);
	return 0;
}
