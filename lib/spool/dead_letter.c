/* The bytes of a dead letter: a message's record, the story in headers. */
#include "spool/dead_letter.h"
#include "base/hash.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* TOPICID:GENERATION, the text of the header DEAD_SOURCE. */
static void
format_source(const struct dead_source *source, char text[64])
{
	hex_encode(source->topic_id, 16, text);
	snprintf(text + 32, 32, ":%lld", (long long)source->generation);
}

static void
append_key(struct buf *key, struct slice group, struct slice id,
    int64_t partition, int64_t offset)
{
	buf_append_slice(key, group);
	buf_append_byte(key, 0);
	buf_append_slice(key, id);
	buf_append_byte(key, 0);
	buf_append_be64(key, (uint64_t)partition);
	buf_append_be64(key, (uint64_t)offset);
}

void
dead_letter_key(const struct dead_source *source, int64_t offset,
    struct buf *key)
{
	char id[64];

	format_source(source, id);
	append_key(key, slice_of(source->group), slice_of(id),
	    source->partition, offset);
}

void
dead_letter_key_start(const char *group, const unsigned char *topic_id,
    struct buf *key)
{
	char id[33];

	hex_encode(topic_id, 16, id);
	buf_append_slice(key, slice_of(group));
	buf_append_byte(key, 0);
	buf_append_slice(key, slice_of(id));
	buf_append_byte(key, ':');
}

/* Digits of a header; false if it is missing or holds something else. */
static bool
find_number(const struct record *record, const char *name, int64_t *number)
{
	struct slice value;
	const unsigned char *at;

	if (!record_find_header(record, name, &value) || value.size == 0 ||
	    value.size > 18)
		return false;
	at = value.data;
	*number = 0;
	for (size_t i = 0; i < value.size; i++) {
		if (at[i] < '0' || at[i] > '9')
			return false;
		*number = *number * 10 + (at[i] - '0');
	}
	return true;
}

bool
dead_letter_read_key(const struct record *record, struct buf *key)
{
	struct slice group, id;
	int64_t partition, offset;

	if (!record_find_header(record, DEAD_GROUP, &group) ||
	    !record_find_header(record, DEAD_SOURCE, &id) ||
	    group.size > 256 || id.size > 64 ||
	    !find_number(record, DEAD_PARTITION, &partition) ||
	    !find_number(record, DEAD_OFFSET, &offset))
		return false;
	append_key(key, group, id, partition, offset);
	return true;
}

static struct slice
find_text(const struct record *record, const char *name)
{
	struct slice text;

	if (!record_find_header(record, name, &text) || !text.data)
		return slice_of("");
	return text;
}

static int64_t
number_or(const struct record *record, const char *name, int64_t otherwise)
{
	int64_t number;

	return find_number(record, name, &number) ? number : otherwise;
}

bool
dead_letter_read(const struct record *record, int partition,
    struct dead_letter *letter)
{
	struct slice topic;

	if (!record_find_header(record, DEAD_TOPIC, &topic))
		return false;
	*letter = (struct dead_letter){
		.id = record->offset,
		.partition = partition,
		.record = record,
		.topic = topic,
		.group = find_text(record, DEAD_GROUP),
		.message = find_text(record, DEAD_MESSAGE),
		.errors = find_text(record, DEAD_STDERR),
		.origin_partition = number_or(record, DEAD_PARTITION, 0),
		.origin_offset = number_or(record, DEAD_OFFSET, 0),
		.attempts = number_or(record, DEAD_DELIVERY_COUNT, 0),
		.exit_status = number_or(record, DEAD_EXIT_STATUS, -1),
		.signal = number_or(record, DEAD_SIGNAL, 0),
		.started_ms = number_or(record, DEAD_STARTED, 0),
		.ended_ms = number_or(record, DEAD_ENDED, record->timestamp),
	};
	return true;
}

static bool
has_prefix(struct slice name, const char *prefix)
{
	size_t size = strlen(prefix);

	return name.size >= size && memcmp(name.data, prefix, size) == 0;
}

bool
is_dead_letter_header(struct slice name)
{
	return has_prefix(name, "__dlq.errors.") ||
	    has_prefix(name, "mq.dead.");
}

/* The message's own headers; those of an earlier death would hide ours. */
static int
copy_headers(const struct record *record, struct buf *headers)
{
	struct record_header header;
	size_t position = 0;
	int count = 0;

	while (record_next_header(record, &position, &header) == 1) {
		if (is_dead_letter_header(header.name))
			continue;
		record_append_header(headers, header.name, header.value);
		count++;
	}
	return count;
}

static int
add_text(struct buf *headers, const char *name, struct slice text)
{
	record_append_header(headers, slice_of(name), text);
	return 1;
}

static int
add_number(struct buf *headers, const char *name, int64_t number)
{
	char text[32];

	snprintf(text, sizeof(text), "%lld", (long long)number);
	return add_text(headers, name, slice_of(text));
}

static int
add_failure(struct buf *headers, const struct failure *failure)
{
	struct slice errors = failure->errors;
	int count = 0;

	if (failure->exit_status >= 0)
		count += add_number(headers, DEAD_EXIT_STATUS,
		    failure->exit_status);
	if (failure->signal != 0)
		count += add_number(headers, DEAD_SIGNAL, failure->signal);
	if (failure->started_ms != 0)
		count += add_number(headers, DEAD_STARTED,
		    failure->started_ms);
	if (failure->ended_ms != 0)
		count += add_number(headers, DEAD_ENDED, failure->ended_ms);
	if (errors.size > DEAD_STDERR_MAX) {
		errors.data = (const char *)errors.data + errors.size -
		    DEAD_STDERR_MAX;
		errors.size = DEAD_STDERR_MAX;
	}
	if (errors.size > 0)
		count += add_text(headers, DEAD_STDERR, errors);
	return count;
}

void
dead_letter_append(struct batch_builder *builder, const struct record *record,
    const struct dead_source *source, const struct failure *failure,
    struct buf *headers)
{
	struct record letter = *record;
	const char *reason = failure != NULL && failure->reason != NULL
	    ? failure->reason : "rejected";
	char id[64];
	int count;

	format_source(source, id);
	buf_clear(headers);
	count = copy_headers(record, headers);
	count += add_text(headers, DEAD_TOPIC, slice_of(source->topic));
	count += add_number(headers, DEAD_PARTITION, source->partition);
	count += add_number(headers, DEAD_OFFSET, record->offset);
	count += add_text(headers, DEAD_GROUP, slice_of(source->group));
	count += add_number(headers, DEAD_DELIVERY_COUNT, source->attempts);
	count += add_text(headers, DEAD_MESSAGE, slice_of(reason));
	count += add_text(headers, DEAD_SOURCE, slice_of(id));
	if (failure != NULL)
		count += add_failure(headers, failure);
	letter.headers = buf_slice(headers);
	letter.header_count = count;
	batch_builder_append(builder, &letter);
}
