/* Native framing: record batches, byte for byte as in the log. */
#include "queue/framing_parse.h"
#include "base/fail.h"

#include <stdio.h>

static int
bad_batch(const struct framing_reader *reader)
{
	char reason[256];

	snprintf(reason, sizeof(reason), "%s", fail_message());
	return framing_parse_failure(reader, "is in a bad batch: %s", reason);
}

static int
cut_short(const struct framing_reader *reader, size_t have, size_t want)
{
	if (!reader->is_end || have == 0)
		return 0;
	return framing_parse_failure(reader,
	    "is cut short: input ends after %zu of %zu bytes of its batch",
	    have, want);
}

/* Whoever reads the log relies on it that a batch with a good CRC decodes. */
static int
check_records(struct framing_reader *reader, const void *bytes, size_t size)
{
	struct batch_reader batch;
	struct record record;
	int result;

	result = batch_reader_open(&batch, bytes, size, &reader->scratch);
	while (result >= 0) {
		result = batch_reader_next(&batch, &record);
		if (result == 0)
			return 0;
	}
	return bad_batch(reader);
}

static int
check_batch(struct framing_reader *reader, const void *bytes,
    const struct batch_header *header)
{
	if (!is_batch_intact(bytes, header))
		return framing_parse_failure(reader,
		    "is in a bad batch: its checksum does not fit");
	if (header->attributes & BATCH_CONTROL)
		return framing_parse_failure(reader,
		    "is in a control batch, which holds no messages");
	return check_records(reader, bytes, batch_size(header));
}

int
framing_parse_batch(struct framing_reader *reader, struct slice *bytes,
    struct batch_header *header)
{
	const unsigned char *at = reader->buffer.data + reader->begin;
	size_t have = reader->end - reader->begin, size;
	int result;

	if (have < BATCH_HEADER_SIZE)
		return cut_short(reader, have, BATCH_HEADER_SIZE);
	if (batch_decode_header(at, have, header) < 0)
		return bad_batch(reader);
	size = batch_size(header);
	if (size > reader->limit)
		return framing_parse_failure(reader,
		    "is in a batch of %zu bytes, the limit is %zu", size,
		    reader->limit);
	if (have < size)
		return cut_short(reader, have, size);
	result = check_batch(reader, at, header);
	if (result < 0)
		return result;
	*bytes = (struct slice){at, size};
	reader->begin += size;
	return 1;
}

int
framing_parse_native(struct framing_reader *reader, struct message *message)
{
	struct batch_header header;
	struct slice bytes;
	int result;

	for (;;) {
		if (reader->has_batch) {
			result = batch_reader_next(&reader->batch,
			    &message->record);
			message->has_timestamp = true;
			if (result != 0)
				return result;
			reader->has_batch = false;
		}
		result = framing_parse_batch(reader, &bytes, &header);
		if (result <= 0)
			return result;
		result = batch_reader_open(&reader->batch, bytes.data,
		    bytes.size, &reader->scratch);
		if (result < 0)
			return bad_batch(reader);
		reader->has_batch = true;
	}
}
