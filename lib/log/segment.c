/* Segments: names, lists, space in advance. */
#include "log/segment.h"
#include "base/fail.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
	DIGITS = 20,
	BLOCK = 4096,
	RESERVE_MIN = 64 * 1024,
	RESERVE_MAX = 4 * 1024 * 1024,
};

void
segment_format_name(char name[SEGMENT_NAME_SIZE], int64_t base)
{
	snprintf(name, SEGMENT_NAME_SIZE, "%020" PRId64 ".log", base);
}

int
segment_open(int dir, int64_t base, enum file_mode mode)
{
	char name[SEGMENT_NAME_SIZE];

	segment_format_name(name, base);
	return file_open(dir, name, mode);
}

/* False if it is not the name of a segment. */
static bool
parse_name(const char *name, int64_t *base)
{
	uint64_t value = 0;

	if (strlen(name) != DIGITS + 4 || strcmp(name + DIGITS, ".log") != 0)
		return false;
	for (int i = 0; i < DIGITS; i++) {
		if (name[i] < '0' || name[i] > '9')
			return false;
		if (value > (INT64_MAX - 9) / 10)
			return false;
		value = value * 10 + (uint64_t)(name[i] - '0');
	}
	*base = (int64_t)value;
	return true;
}

static int
add_segment(const char *name, void *context)
{
	struct segment_list *list = context;
	int64_t base;

	if (parse_name(name, &base)) {
		buf_append(&list->bases, &base, sizeof(base));
		list->count++;
	}
	return 0;
}

int
segment_list_read(struct segment_list *list, int dir)
{
	buf_clear(&list->bases);
	list->count = 0;
	return file_list(dir, add_segment, list);
}

void
segment_list_release(struct segment_list *list)
{
	buf_release(&list->bases);
	list->count = 0;
}

int64_t
segment_list_at(const struct segment_list *list, size_t index)
{
	int64_t base;

	memcpy(&base, list->bases.data + index * sizeof(base), sizeof(base));
	return base;
}

int64_t
segment_list_newest(const struct segment_list *list)
{
	return list->count == 0 ? -1 : segment_list_at(list, list->count - 1);
}

int64_t
segment_list_after(const struct segment_list *list, int64_t base)
{
	for (size_t i = 0; i < list->count; i++) {
		if (segment_list_at(list, i) > base)
			return segment_list_at(list, i);
	}
	return INT64_MAX;
}

int64_t
segment_reserve(int fd, int64_t end, int64_t max_bytes)
{
	/* Asked for here, not remembered: zeros must not hit a byte. */
	int64_t size = file_size(fd);
	int64_t more = end < RESERVE_MIN ? RESERVE_MIN : end;
	int64_t goal;

	if (more > RESERVE_MAX)
		more = RESERVE_MAX;
	goal = (end + more) / BLOCK * BLOCK;
	if (goal > max_bytes)
		goal = max_bytes;
	if (size < 0 || size >= end || goal <= end ||
	    file_zero_at(fd, (size_t)(goal - size), size) < 0)
		return size;
	return goal;
}
