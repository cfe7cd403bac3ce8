/* All messages of a spool, as a reader sees them. */
#include "view.h"
#include "base/fail.h"
#include "spool/dead.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
copy_word(char word[WORD_MAX], struct slice text)
{
	snprintf(word, WORD_MAX, "%.*s", (int)text.size,
	    text.data == NULL ? "" : (const char *)text.data);
}

static int
number_of(const struct record *record, const char *name)
{
	struct slice value;
	char text[WORD_MAX] = "-1";

	if (record_find_header(record, name, &value))
		copy_word(text, value);
	return atoi(text);
}

static int
add_record(struct view *view, const struct record *record, const char *topic,
    int partition)
{
	struct seen *seen = &view->list[view->count];
	struct slice group;

	if (view->count == SEEN_MAX - 1)
		return fail(FAIL_BUG, "too many messages for the check");
	view->count++;
	*seen = (struct seen){
		.partition = partition,
		.offset = record->offset,
	};
	copy_word(seen->topic, slice_of(topic));
	copy_word(seen->value, record->value);
	if (!record_find_header(record, DEAD_GROUP, &group))
		return 0;
	copy_word(seen->group, group);
	seen->origin_partition = number_of(record, DEAD_PARTITION);
	seen->origin_offset = number_of(record, DEAD_OFFSET);
	return 0;
}

/* Its records from offset `from` on. */
static int
read_batch(struct view *view, struct slice bytes, const char *topic,
    int partition, int64_t from)
{
	struct buf scratch = {0};
	struct batch_reader reader;
	struct record record;
	int rc = batch_reader_open(&reader, bytes.data, bytes.size, &scratch);

	while (rc >= 0 && (rc = batch_reader_next(&reader, &record)) == 1)
		if (record.offset >= from)
			rc = add_record(view, &record, topic, partition);
	buf_release(&scratch);
	return rc;
}

static void
note_hole(struct view *view)
{
	view->holes++;
	snprintf(view->hole, sizeof(view->hole), "%s", fail_message());
}

static int
read_partition(struct view *view, struct topic *topic, int number)
{
	struct partition_reader *reader;
	struct partition *partition;
	struct batch_header header;
	struct position position;
	struct slice bytes;
	int rc = topic_partition(topic, number, &partition);

	if (rc >= 0)
		rc = partition_reader_open(&reader, partition, 0, NULL);
	if (rc < 0)
		return rc;
	while ((rc = partition_reader_next(reader, &bytes, &header,
	            &position)) == 1 || rc == -FAIL_CORRUPT) {
		if (rc == -FAIL_CORRUPT)
			note_hole(view);
		else if ((rc = read_batch(view, bytes, topic_name(topic),
		              number, partition_reader_start(reader))) < 0)
			break;
	}
	partition_reader_close(reader);
	return rc;
}

struct reading {
	struct view *view;
	struct spool *spool;
};

static int
read_topic(const char *name, void *context)
{
	struct reading *reading = context;
	struct view *view = reading->view;
	struct topic *topic;
	int rc = topic_open(&topic, reading->spool, name);

	if (rc < 0)
		return rc;
	snprintf(view->topics[view->topic_count], WORD_MAX, "%s", name);
	view->partitions[view->topic_count++] = topic_partition_count(topic);
	for (int i = 0; i < topic_partition_count(topic) && rc >= 0; i++)
		rc = read_partition(view, topic, i);
	topic_close(topic);
	return rc < 0 ? rc : 0;
}

int
view_read(struct view *view, struct spool *spool)
{
	struct reading reading = {view, spool};

	view->count = view->topic_count = view->holes = 0;
	return spool_list_topics(spool, read_topic, &reading);
}

bool
has_view_topic(const struct view *view, const char *topic, int *partitions)
{
	for (int i = 0; i < view->topic_count; i++) {
		if (strcmp(view->topics[i], topic) != 0)
			continue;
		*partitions = view->partitions[i];
		return true;
	}
	return false;
}

int
view_find(const struct view *view, const char *topic, const char *value,
    const struct seen **at)
{
	int count = 0;

	for (int i = 0; i < view->count; i++) {
		const struct seen *seen = &view->list[i];

		if (strcmp(seen->topic, topic) != 0 ||
		    strcmp(seen->value, value) != 0)
			continue;
		*at = seen;
		count++;
	}
	return count;
}

bool
has_view_message(const struct view *view, const struct seen *seen)
{
	for (int i = 0; i < view->count; i++) {
		const struct seen *it = &view->list[i];

		if (it->offset == seen->offset &&
		    it->partition == seen->partition &&
		    strcmp(it->topic, seen->topic) == 0)
			return strcmp(it->value, seen->value) == 0;
	}
	return false;
}

int
view_letters(const struct view *view, const char *topic, const char *group,
    int partition, int64_t offset)
{
	char letters[2 * WORD_MAX];
	int count = 0;

	snprintf(letters, sizeof(letters), "%s.dead", topic);
	for (int i = 0; i < view->count; i++) {
		const struct seen *seen = &view->list[i];

		count += strcmp(seen->topic, letters) == 0 &&
		    strcmp(seen->group, group) == 0 &&
		    seen->origin_partition == partition &&
		    seen->origin_offset == offset;
	}
	return count;
}
