/* What readers and the check see of a partition, compared with what is known. */
#include "look.h"
#include "base/fail.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* The epoch of a batch is no part of a message. */
enum { EPOCH_AT = 12, EPOCH_END = 16 };

int
look_wrong(struct look *look, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	vsnprintf(look->why, sizeof(look->why), format, list);
	va_end(list);
	return -1;
}

void
look_begin(struct look *look, const struct content *content)
{
	*look = (struct look){.content = content};
}

static bool
has_same_bytes(const struct known *known, struct slice bytes)
{
	const unsigned char *data = bytes.data;

	return known->size == bytes.size &&
	    memcmp(known->bytes, data, EPOCH_AT) == 0 &&
	    memcmp(known->bytes + EPOCH_END, data + EPOCH_END,
	        bytes.size - EPOCH_END) == 0;
}

static int
take(struct look *look, struct slice bytes, const struct batch_header *header,
    const struct position *position, int64_t expected)
{
	const struct known *known = content_find(look->content,
	    header->base_offset);

	if (header->base_offset < expected)
		return look_wrong(look, "offset %lld was read after %lld",
		    (long long)header->base_offset, (long long)expected - 1);
	if (known == NULL || !has_same_bytes(known, bytes))
		return look_wrong(look, "WRONG BYTES were read at offset %lld",
		    (long long)header->base_offset);
	if (position->offset != known->first)
		return look_wrong(look, "offset %lld was read at position %lld",
		    (long long)header->base_offset,
		    (long long)position->offset);
	look->is_seen[known - look->content->list] = true;
	return 0;
}

static void
mark(const struct look *look, bool *marks, int64_t first, int64_t last)
{
	for (int i = 0; i < look->content->count; i++) {
		const struct known *known = &look->content->list[i];

		if (known->first <= last && known->last >= first)
			marks[i] = true;
	}
}

/* One step of the reader: 1 if there may be more. */
static int
step(struct look *look, struct partition_reader *reader, int64_t *expected)
{
	struct batch_header header;
	struct position position;
	struct slice bytes;
	int rc = partition_reader_next(reader, &bytes, &header, &position);

	if (rc == 0)
		return 0;
	if (rc == -FAIL_CORRUPT) {
		mark(look, look->is_told, *expected, position.offset - 1);
		*expected = position.offset;
		return 1;
	}
	if (rc < 0)
		return look_wrong(look, "read: %s", fail_message());
	rc = take(look, bytes, &header, &position, *expected);
	*expected = header.base_offset + header.last_offset_delta + 1;
	return rc < 0 ? rc : 1;
}

int
look_read(struct look *look, struct partition *partition, int from, int to)
{
	/* No reader reports more ranges than there are batches. */
	enum { STEPS_MAX = 4 * KNOWN_MAX };
	const struct known *list = look->content->list;
	struct partition_reader *reader;
	int64_t expected = list[from].first;
	int rc = partition_reader_open(&reader, partition, expected, NULL);
	int steps = 0;

	if (rc < 0)
		return look_wrong(look, "open: %s", fail_message());
	do
		rc = step(look, reader, &expected);
	while (rc == 1 && expected <= list[to].last && ++steps < STEPS_MAX);
	if (steps == STEPS_MAX)
		rc = look_wrong(look, "the reader goes on for ever");
	partition_reader_close(reader);
	return rc < 0 ? rc : 0;
}

static void
note(const struct partition_finding *finding, void *context)
{
	struct look *look = context;
	int64_t last = finding->last_offset;
	const struct known *known = content_at(look->content, finding->segment,
	    finding->byte);

	look->findings++;
	if (known != NULL && known->byte == finding->byte)
		look->is_beginning[known - look->content->list] = true;
	if (finding->first_offset >= 0)
		mark(look, look->is_named, finding->first_offset,
		    last < 0 ? INT64_MAX : last);
}

int
look_check(struct look *look, struct partition *partition)
{
	int rc;

	look->findings = 0;
	memset(look->is_named, 0, sizeof(look->is_named));
	memset(look->is_beginning, 0, sizeof(look->is_beginning));
	rc = partition_check(partition, note, look);
	if (rc < 0)
		return look_wrong(look, "check: %s", fail_message());
	return rc;
}

void
look_print(const struct look *look)
{
	for (int i = 0; i < look->content->count; i++) {
		const struct known *known = &look->content->list[i];

		printf("%lld-%lld (segment %lld byte %lld, %zu bytes, "
		    "%d records):%s%s%s\n", (long long)known->first,
		    (long long)known->last, (long long)known->segment,
		    (long long)known->byte, known->size, known->record_count,
		    look->is_seen[i] ? " read" : "",
		    look->is_told[i] ? " told" : "",
		    look->is_named[i] ? " named" : "");
	}
	if (*look->why != 0)
		printf("%s\n", look->why);
}
