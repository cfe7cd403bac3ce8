/* Writing dead letters, exactly once. */
#include "spool/dead_write.h"
#include "base/fail.h"
#include "spool/dead_letter.h"
#include "spool/positions.h"

#include <stdio.h>

enum {
	BATCH_BYTES = 1 << 20,  /* a batch of letters is closed beyond that */
	ROOM_BYTES = 64 * 1024, /* what the story may add to a message */
};

/* One dead_write at work. */
struct writer {
	struct sub *sub;
	const struct range *part;
	const struct failure *failure;
	struct dead_source source;
	struct partition *log;          /* of the dead-letter topic */
	struct partition_state state;
	int64_t next;                   /* the index knows it up to here */
	struct batch_builder builder;
	struct buf scratch;
	struct buf headers;
	struct buf batch;
	struct buf key;
	bool is_index_failure;
};

static int
create_topic(struct sub *sub, const char *name)
{
	struct spool *spool = topic_spool(sub->source->topic);
	struct topic_settings settings = spool_settings(spool)->topic;
	const struct topic_settings *ours =
	    topic_settings(sub->source->topic);
	int result;

	settings.partitions = 1;
	if (settings.max_message_bytes < ours->max_message_bytes + ROOM_BYTES)
		settings.max_message_bytes =
		    ours->max_message_bytes + ROOM_BYTES;
	if (settings.max_message_bytes > BATCH_MAX_SIZE)
		settings.max_message_bytes = BATCH_MAX_SIZE;
	result = topic_create(spool, name, &settings);
	return result == -FAIL_CREATE ? 0 : result;
}

/* Opened anew each time, behind the index lock: what a killed writer has left
 * behind the page's log end is then found and taken into the log before we
 * look which letters are there. */
static int
open_topic(struct sub *sub)
{
	struct source *source = sub->source;
	struct spool *spool = topic_spool(source->topic);
	const char *name = topic_settings(source->topic)->dead_letter_topic;
	char own[256];
	int result;

	topic_close(source->dead);
	source->dead = NULL;
	if (name[0] == 0) {
		snprintf(own, sizeof(own), "%s.dead",
		    topic_name(source->topic));
		name = own;
	}
	result = topic_open(&source->dead, spool, name);
	if (result == -FAIL_MISSING) {
		result = create_topic(sub, name);
		if (result >= 0)
			result = topic_open(&source->dead, spool, name);
	}
	return result;
}

static int
index_failed(struct writer *writer, int result)
{
	if (result < 0)
		writer->is_index_failure = true;
	return result;
}

static int
remember(struct writer *writer, int64_t at)
{
	struct sql *sql = index_sql(writer->sub->index);

	sql_bind_blob(sql, SQL_DEAD_SEEN, 3, buf_slice(&writer->key));
	return index_failed(writer, sql_run(sql, SQL_DEAD_SEEN,
	    SQL_VALUES(writer->sub->source->dead_row, at)));
}

/* 1 if the letter of that key is there already. */
static int
is_there(struct writer *writer)
{
	struct sql *sql = index_sql(writer->sub->index);
	int64_t at;

	sql_bind_blob(sql, SQL_DEAD_FIND, 2, buf_slice(&writer->key));
	return index_failed(writer, sql_get(sql, SQL_DEAD_FIND,
	    SQL_VALUES(writer->sub->source->dead_row), &at, 1));
}

static int
remember_letter(struct writer *writer, const struct record *record)
{
	buf_clear(&writer->key);
	return dead_letter_read_key(record, &writer->key)
	    ? remember(writer, record->offset)
	    : 0;
}

/* For each record of a batch from `first` to `last`. */
static int
each_record(struct writer *writer, struct slice bytes, int64_t first,
    int64_t last, int (*use)(struct writer *, const struct record *))
{
	struct batch_reader batch;
	struct record record;
	int result = batch_reader_open(&batch, bytes.data, bytes.size,
	    &writer->scratch);

	while (result >= 0 &&
	    (result = batch_reader_next(&batch, &record)) == 1) {
		if (record.offset > last)
			return 0;
		if (record.offset >= first)
			result = use(writer, &record);
	}
	return result;
}

static int
remember_batch(struct writer *writer, struct slice bytes)
{
	return each_record(writer, bytes, 0, INT64_MAX, remember_letter);
}

/* Letters that the index does not know yet: of other processes, of ones that
 * died before their commit, of a time before the index was lost. */
static int
scan(struct writer *writer)
{
	struct partition_reader *reader = NULL;
	struct batch_header header;
	struct position position;
	struct slice bytes;
	int result = partition_reader_open(&reader, writer->log, writer->next,
	    NULL);

	while (result >= 0) {
		result = partition_reader_next(reader, &bytes, &header,
		    &position);
		if (result == -FAIL_CORRUPT && position.offset > writer->next) {
			writer->next = position.offset;
			result = 1;
			continue;
		}
		if (result != 1)
			break;
		result = remember_batch(writer, bytes);
		/* Nobody can read it: the letters behind must not wait. */
		if (result == -FAIL_CORRUPT) {
			index_note(writer->sub->index, fail_message());
			result = 1;
		}
		writer->next = header.base_offset +
		    header.last_offset_delta + 1;
	}
	partition_reader_close(reader);
	return result;
}

/* Where a recovery has cut the dead-letter topic, letters are gone. */
static int
follow_epoch(struct writer *writer, int64_t epoch)
{
	struct sql *sql = index_sql(writer->sub->index);
	int64_t cut = INT64_MAX;
	int result;

	if (epoch == writer->state.epoch &&
	    writer->next <= writer->state.log_end)
		return 0;
	result = partition_cut_since(writer->log, (int32_t)epoch, &cut);
	if (result < 0)
		return result;
	if (cut > writer->state.log_end)
		cut = writer->state.log_end;
	if (cut >= writer->next)
		return 0;
	writer->next = cut;
	return index_failed(writer, sql_run(sql, SQL_DEAD_CUT,
	    SQL_VALUES(writer->sub->source->dead_row, cut)));
}

static int
store_progress(struct writer *writer)
{
	return index_failed(writer, sql_run(index_sql(writer->sub->index),
	    SQL_DEAD_LOG_SET, SQL_VALUES(writer->sub->source->dead_row,
	        writer->next, writer->state.epoch)));
}

static int
catch_up(struct writer *writer)
{
	int64_t known[2] = {0, writer->state.epoch};
	int result = index_failed(writer, sql_get(
	    index_sql(writer->sub->index), SQL_DEAD_LOG_GET,
	    SQL_VALUES(writer->sub->source->dead_row), known, 2));

	if (result < 0)
		return result;
	writer->next = known[0];
	result = follow_epoch(writer, known[1]);
	/* What was appended and not synced is invisible to readers, and would
	 * be written again. */
	if (result >= 0 && writer->next < writer->state.log_end)
		result = partition_wait(writer->log, writer->state.log_end, -1);
	if (result >= 0 && writer->next < writer->state.log_end)
		result = scan(writer);
	return result < 0 ? result : store_progress(writer);
}

static int
prepare(struct writer *writer)
{
	struct sub *sub = writer->sub;
	int result = open_topic(sub);

	if (result >= 0)
		result = index_failed(writer, index_topic(sub->index,
		    sub->source->dead, &sub->source->dead_row));
	if (result >= 0)
		result = topic_partition(sub->source->dead, 0, &writer->log);
	if (result >= 0)
		result = partition_state(writer->log, &writer->state);
	return result < 0 ? result : catch_up(writer);
}

/* Stores the letters collected so far. */
static int
flush(struct writer *writer)
{
	int64_t first, last;
	int result;

	buf_clear(&writer->batch);
	result = batch_builder_finish(&writer->builder, &writer->batch);
	if (result < 0 || writer->batch.size == 0)
		return result;
	result = partition_append(writer->log, writer->batch.data,
	    writer->batch.size, &first, &last);
	if (result >= 0)
		result = topic_wait(writer->sub->source->dead, writer->log,
		    last + 1);
	if (result < 0 || first != writer->next)
		return result;
	/* Nothing foreign in between: no need to read them back later. */
	result = remember_batch(writer, buf_slice(&writer->batch));
	writer->next = last + 1;
	return result < 0 ? result : store_progress(writer);
}

static int
add_letter(struct writer *writer, const struct record *record)
{
	int result;

	buf_clear(&writer->key);
	dead_letter_key(&writer->source, record->offset, &writer->key);
	result = is_there(writer);
	if (result != 0)
		return result < 0 ? result : 0;
	dead_letter_append(&writer->builder, record, &writer->source,
	    writer->failure, &writer->headers);
	writer->sub->dead_count++;
	writer->sub->is_changed = true;
	if (batch_builder_size(&writer->builder) < BATCH_BYTES)
		return 0;
	return flush(writer);
}


/* A known place in the log before the part, so that the segment need not be
 * walked: what we read last, else what is derived. */
static const struct position *
find_hint(struct sub *sub, int64_t offset, struct position *place)
{
	if (sub->has_hint && sub->hint.offset <= offset)
		return &sub->hint;
	if (positions_find(sub->source->topic, sub->number, offset, place) !=
	    1)
		return NULL;
	return place;
}

/* What was handed out when the topic's mode was another may not be durable, and
 * so be invisible now. */
static int
show(const struct writer *writer)
{
	const struct sub *sub = writer->sub;

	if (writer->part->last < sub->state.high_watermark)
		return 0;
	return partition_sync(sub->partition);
}

/* Messages that cannot be read (damaged, trimmed) have no letter: nobody
 * could deliver them either. */
static int
write_all(struct writer *writer)
{
	struct sub *sub = writer->sub;
	struct partition_reader *reader = NULL;
	struct batch_header header;
	struct position place;
	struct slice bytes;
	int result = show(writer);

	if (result >= 0)
		result = partition_reader_open(&reader, sub->partition,
		    writer->part->first,
		    find_hint(sub, writer->part->first, &place));
	while (result >= 0) {
		result = partition_reader_next(reader, &bytes, &header,
		    &place);
		if (result == -FAIL_CORRUPT) {
			result = place.offset > writer->part->last ? 0 : 1;
			continue;
		}
		if (result != 1 || header.base_offset > writer->part->last)
			break;
		sub->hint = place;
		sub->has_hint = true;
		result = each_record(writer, bytes, writer->part->first,
		    writer->part->last, add_letter);
	}
	partition_reader_close(reader);
	return result < 0 ? result : flush(writer);
}

int
dead_write(struct sub *sub, const struct range *part,
    const struct failure *failure)
{
	struct writer writer = {
		.sub = sub,
		.part = part,
		.failure = failure,
		.source = {sub->group, topic_name(sub->source->topic),
		    topic_id(sub->source->topic), sub->number,
		    sub->generation, part->attempt},
	};
	int64_t dead_count = sub->dead_count;
	char text[300];
	int result;

	batch_builder_init(&writer.builder, CODEC_NONE);
	result = prepare(&writer);
	if (result >= 0)
		result = write_all(&writer);
	if (result < 0)
		sub->dead_count = dead_count;
	if (result < 0 && !writer.is_index_failure) {
		snprintf(text, sizeof(text), "no dead letter yet: %s",
		    fail_message());
		index_note(sub->index, text);
	}
	batch_builder_release(&writer.builder);
	buf_release(&writer.scratch);
	buf_release(&writer.headers);
	buf_release(&writer.batch);
	buf_release(&writer.key);
	if (writer.is_index_failure)
		return result;
	return result < 0 ? 0 : 1;
}
