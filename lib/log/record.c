/* Headers of records: writing, walking and finding them. */
#include "log/record.h"
#include "base/fail.h"
#include "log/varint.h"

void
record_append_header(struct buf *headers, struct slice name,
    struct slice value)
{
	size_t size = varint_slice_size(name) + varint_slice_size(value);
	unsigned char *at = buf_reserve(headers, size);

	at = varint_write_slice(at, name);
	varint_write_slice(at, value);
	headers->size += size;
}

int
record_next_header(const struct record *record, size_t *position,
    struct record_header *header)
{
	const unsigned char *data = record->headers.data;
	struct cursor cursor;

	if (*position >= record->headers.size)
		return 0;
	cursor = cursor_over(data + *position,
	    record->headers.size - *position);
	header->name = varint_read_slice(&cursor);
	header->value = varint_read_slice(&cursor);
	if (cursor.failed || header->name.data == NULL)
		return fail(FAIL_CORRUPT,
		    "record at offset %lld: header at byte %zu is cut or bad",
		    (long long)record->offset, *position);
	*position = record->headers.size - cursor_left(&cursor);
	return 1;
}

bool
record_find_header(const struct record *record, const char *name,
    struct slice *value)
{
	struct record_header header;
	struct slice wanted = slice_of(name);
	size_t position = 0;

	while (record_next_header(record, &position, &header) > 0) {
		if (!slice_equal(header.name, wanted))
			continue;
		*value = header.value;
		return true;
	}
	return false;
}
