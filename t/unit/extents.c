/* Pieces of the log in an answer: neighbours are one. */
#include "server/extents.h"
#include "unit.h"

#include <stdlib.h>
#include <unistd.h>

static bool
add(struct extents *extents, struct buf *list, int file, int64_t byte,
    int64_t size)
{
	struct partition_extent found = {.file = file, .byte = byte,
	    .size = size};

	return extents_add(extents, NULL, &found, false, list);
}

static const struct extent *
at(const struct buf *list, size_t index)
{
	return (const struct extent *)(const void *)list->data + index;
}

static void
test_neighbours(void)
{
	struct extents extents = {0};
	struct buf list = {0}, other = {0};
	int ends[2], spare = -1;

	if (pipe(ends) != 0)
		abort();
	CHECK(add(&extents, &list, ends[0], 100, 10) &&
	    add(&extents, &list, ends[0], 110, 5) &&
	    list.size == sizeof(struct extent) &&
	    at(&list, 0)->byte == 100 && at(&list, 0)->size == 15,
	    "what lies behind the last piece is part of it");
	CHECK(add(&extents, &list, ends[0], 120, 5) &&
	    add(&extents, &list, ends[1], 125, 5) &&
	    list.size == 3 * sizeof(struct extent),
	    "what does not, or is of another file, is not");
	CHECK(add(&extents, &other, ends[1], 130, 5) &&
	    other.size == sizeof(struct extent),
	    "nor is what another list has");
	spare = at(&list, 2)->file;
	extents_close(&extents);
	CHECK(spare >= 0 && close(spare) != 0, "its files are closed");
	buf_release(&list);
	buf_release(&other);
	close(ends[0]);
	close(ends[1]);
}

static void
test_limit(void)
{
	struct extents extents = {0};
	struct buf list = {0};
	int count = 0;

	while (count < 1000 && add(&extents, &list, 0, count * 10, 5))
		count++;
	CHECK(count == 256, "an answer has 256 files at most");
	count = 0;
	while (count < 1000 && add(&extents, &list, 0, 2555 + count * 5, 5))
		count++;
	CHECK(count == 1000, "but as many neighbours as there are");
	extents_close(&extents);
	buf_release(&list);
}

int
main(void)
{
	test_neighbours();
	test_limit();
	return unit_end();
}
