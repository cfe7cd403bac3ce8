/* Buffers, slices and cursors. */
#include "base/buf.h"
#include "base/cursor.h"
#include "log/varint.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>

static void
test_growth(void)
{
	struct buf buf = {0};

	CHECK(strcmp(buf_text(&buf), "") == 0, "an empty buffer is a text");
	for (int i = 0; i < 1000; i++)
		buf_append_text(&buf, "0123456789");
	CHECK(buf.size == 10000 && strlen(buf_text(&buf)) == 10000,
	    "a buffer grows and keeps its bytes");
	buf_clear(&buf);
	for (int i = 0; i < 100; i++)
		buf_printf(&buf, "%064d", i);
	CHECK(buf.size == 6400, "formatted text grows the buffer");
	buf_release(&buf);
	CHECK(buf.data == NULL && buf.capacity == 0,
	    "a released buffer is an empty one");
}

static void
test_slices(void)
{
	CHECK(slice_equal(slice_of("a"), slice_of("a")), "equal slices");
	CHECK(!slice_equal((struct slice){NULL, 0}, slice_of("")),
	    "no value is not the empty value");
	CHECK(slice_compare(slice_of("a"), slice_of("ab")) < 0 &&
	    slice_compare(slice_of("b"), slice_of("ab")) > 0 &&
	    slice_compare((struct slice){NULL, 0}, slice_of("")) == 0,
	    "slices are in the order of their bytes, the shorter one first");
}

static void
test_copies(void)
{
	char *some = slice_copy((struct slice){"abc", 2});
	char *none = slice_copy((struct slice){NULL, 0});

	CHECK(strcmp(some, "ab") == 0, "a copy ends where the slice does");
	CHECK(strcmp(none, "") == 0, "a copy of no value is an empty text");
	free(some);
	free(none);
}

static void
test_integers(void)
{
	static const int64_t values[] = {0, -1, 1, 63, -64, 64, 300,
	    INT32_MAX, INT64_MAX, INT64_MIN};
	struct buf buf = {0};
	struct cursor cursor;
	bool good = true;

	buf_append_be16(&buf, 0x0102);
	buf_append_be32(&buf, 0x03040506);
	buf_append_be64(&buf, 0x0708090a0b0c0d0e);
	for (size_t i = 0; i < buf.size; i++)
		good = good && buf.data[i] == i + 1;
	CHECK(good, "integers are big-endian");
	for (size_t i = 0; i < 10; i++) {
		unsigned char *at = buf_reserve(&buf, 10);

		buf.size += (size_t)(varint_write(at, values[i]) - at);
	}
	cursor = cursor_over(buf.data, buf.size);
	good = cursor_be16(&cursor) == 0x0102 &&
	    cursor_be32(&cursor) == 0x03040506 &&
	    cursor_be64(&cursor) == 0x0708090a0b0c0d0e;
	CHECK(good, "a cursor reads what a buffer wrote");
	good = true;
	for (size_t i = 0; i < 10; i++)
		good = good && cursor_varint(&cursor) == values[i];
	CHECK(good && !cursor.failed && cursor_left(&cursor) == 0,
	    "varints of every size come back");
	buf_release(&buf);
}

static void
test_bounds(void)
{
	struct cursor cursor = cursor_over("abc", 3);
	unsigned char endless[12];

	CHECK(cursor_be32(&cursor) == 0 && cursor.failed &&
	        cursor_left(&cursor) == 0,
	    "a read past the end fails for good");
	memset(endless, 0xff, sizeof(endless));
	cursor = cursor_over(endless, sizeof(endless));
	cursor_varint(&cursor);
	CHECK(cursor.failed, "a varint of more than ten bytes fails");
	cursor = cursor_over(NULL, 0);
	CHECK(cursor_bytes(&cursor, 0).data != NULL && !cursor.failed,
	    "an empty value is not a missing one");
	cursor_u8(&cursor);
	CHECK(cursor.failed, "an empty input has no byte");
	cursor = cursor_over("abc", 3);
	CHECK(cursor_bytes(&cursor, SIZE_MAX).data == NULL && cursor.failed,
	    "a length beyond the input fails");
}

int
main(void)
{
	test_growth();
	test_slices();
	test_copies();
	test_integers();
	test_bounds();
	return unit_end();
}
