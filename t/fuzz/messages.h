/* Messages as bytes, to compare two ways of reading them. */
#ifndef MESSAGES_H
#define MESSAGES_H

#include "fuzz.h"
#include "queue/framing.h"

static inline void
put_slice(struct buf *out, struct slice slice)
{
	buf_append_be64(out, slice.data == NULL ? UINT64_MAX : slice.size);
	buf_append_slice(out, slice);
}

/* Reading every byte of it, so that a view of freed memory is found. */
static inline void
put_message(struct buf *out, const struct message *message)
{
	const struct record *record = &message->record;
	struct record_header header;
	size_t position = 0;
	int32_t count = 0;

	put_slice(out, record->key);
	put_slice(out, record->value);
	buf_append_be64(out, (uint64_t)record->timestamp);
	while (record_next_header(record, &position, &header) == 1) {
		put_slice(out, header.name);
		put_slice(out, header.value);
		count++;
	}
	MUST(count == record->header_count, "all headers can be walked");
	MUST(record->value.data != NULL || message->record.key.data != NULL ||
	    record->value.size == 0, "no value has no size");
}

#endif
