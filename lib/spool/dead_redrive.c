/* Dead letters: sending them back to their topic, once. */
#include "spool/dead.h"

#include <stdlib.h>

#include "base/fail.h"
#include "log/record_reader.h"
#include "spool/positions.h"
#include "spool/redrive.h"

/* Runs a step in a transaction, durable when this returns. */
static int
in_transaction(struct redrive *redrive, int (*step)(struct redrive *redrive))
{
	int result = index_begin(redrive->index);

	if (result < 0)
		return result;
	result = index_end(redrive->index, step(redrive));
	return result < 0 ? result : index_durable(redrive->index);
}

/* The lowest place where a copy for this target may be, or -1 if none was
 * planned before. */
static int64_t
lowest_plan(const struct redrive *redrive, int target)
{
	int64_t lowest = -1;

	for (int i = 0; i < redrive->count; i++) {
		const struct copy *copy = &redrive->copies[i];

		if (copy->target == target && copy->is_planned &&
		    (lowest < 0 || copy->from < lowest))
			lowest = copy->from;
	}
	return lowest;
}

static void
mark_sent(struct redrive *redrive, const struct record *record)
{
	struct slice name;

	if (!record_find_header(record, DEAD_REDRIVE, &name))
		return;
	for (int i = 0; i < redrive->count; i++)
		if (slice_equal(buf_slice(&redrive->copies[i].name), name))
			redrive->copies[i].is_sent = true;
}

/* Readers see what is durable only: first all that was appended has to be. */
static int
find_sent(struct redrive *redrive, int target)
{
	int64_t from = lowest_plan(redrive, target);
	struct record_reader *reader = NULL;
	struct partition *partition;
	struct position hint;
	struct record record;
	int result;

	if (from < 0)
		return 0;
	result = topic_partition(redrive->topic, target, &partition);
	if (result >= 0)
		result = partition_sync(partition);
	if (result >= 0)
		result = positions_find(redrive->topic, target, from, &hint);
	if (result >= 0)
		result = record_reader_open(
		    &reader, partition, from, result == 1 ? &hint : NULL);
	while (result >= 0) {
		result = record_reader_next(reader, &record);
		if (result == 0)
			break;
		if (result == 1)
			mark_sent(redrive, &record);
		else if (result == -FAIL_CORRUPT)
			result = 0;
	}
	record_reader_close(reader);
	return result;
}

/* One append for all that goes to a partition. */
static int
send_to(struct redrive *redrive, int target)
{
	struct partition *partition;
	int64_t first, last;
	int result = find_sent(redrive, target);

	buf_clear(&redrive->scratch);
	for (int i = 0; i < redrive->count; i++) {
		const struct copy *copy = &redrive->copies[i];

		if (copy->target == target && !copy->is_sent)
			buf_append_slice(
			    &redrive->scratch, buf_slice(&copy->batch));
	}
	if (result < 0 || redrive->scratch.size == 0)
		return result;
	result = topic_partition(redrive->topic, target, &partition);
	if (result >= 0)
		result = partition_append(partition, redrive->scratch.data,
		    redrive->scratch.size, &first, &last);
	return result < 0 ? result
			  : topic_wait(redrive->topic, partition, last + 1);
}

static int
settle_copies(struct redrive *redrive)
{
	struct sql *sql = index_sql(redrive->index);
	int64_t ids[ROUND_MAX];
	/* The file may be another one than that of the plans. */
	int result = index_topic(
	    redrive->index, redrive->letters.store, &redrive->store_row);

	for (int i = 0; i < redrive->count && result >= 0; i++) {
		ids[i] = redrive->copies[i].id;
		result = sql_run(sql, SQL_REDRIVE_FORGET,
		    SQL_VALUES(redrive->store_row, redrive->partition, ids[i]));
	}
	if (result < 0)
		return result;
	return letters_settle(&redrive->letters, redrive->index,
	    redrive->partition, ids, (size_t)redrive->count);
}

static int
send_round(struct redrive *redrive)
{
	int count = topic_partition_count(redrive->topic);
	int result = in_transaction(redrive, redrive_plan);

	for (int i = 0; i < count && result >= 0; i++)
		result = send_to(redrive, i);
	return result < 0 ? result : in_transaction(redrive, settle_copies);
}

/* Returns how many letters of a partition were sent. */
static int
send_partition(struct redrive *redrive, int partition, bool dry_run)
{
	int sent = 0, result;

	redrive->partition = partition;
	redrive->next = redrive->wanted < 0 ? 0 : redrive->wanted;
	do {
		redrive->count = 0;
		redrive->bytes = 0;
		result = letters_scan(&redrive->letters, partition,
		    redrive->next, redrive_take, redrive);
		if (result >= 0 && redrive->count > 0 && !dry_run)
			result = send_round(redrive);
		if (result < 0)
			return result;
		sent += redrive->count;
	} while (redrive->count > 0 && redrive->wanted < 0);
	return sent;
}

static int
send_all(struct redrive *redrive, int partition, bool dry_run)
{
	int count = topic_partition_count(redrive->letters.store);
	int sent = 0;

	for (int i = 0; i < count; i++) {
		int result = 0;

		if (partition < 0 || i == partition)
			result = send_partition(redrive, i, dry_run);
		if (result < 0)
			return result;
		sent += result;
	}
	return sent;
}

/* The topic is opened behind the lock: what a killed process has half
 * appended is then found and taken into the log. */
static int
open_redrive(struct redrive *redrive, const char *topic, bool dry_run)
{
	struct letters *letters = &redrive->letters;
	int result = 0;

	if (!dry_run)
		result = letters_lock(letters);
	if (result >= 0)
		result = topic_open(&redrive->topic, letters->spool, topic);
	if (result >= 0 && !dry_run)
		result = index_open(&redrive->index, letters->spool);
	if (result < 0)
		return result;
	batch_builder_init(
	    &redrive->builder, topic_settings(redrive->topic)->compression);
	return 0;
}

static void
close_redrive(struct redrive *redrive)
{
	for (int i = 0; i < ROUND_MAX; i++) {
		buf_release(&redrive->copies[i].name);
		buf_release(&redrive->copies[i].batch);
	}
	buf_release(&redrive->scratch);
	batch_builder_release(&redrive->builder);
	topic_close(redrive->topic);
	letters_close(&redrive->letters);
	free(redrive);
}

int
dead_redrive(struct spool *spool, const char *topic,
    const struct dead_choice *choice, bool dry_run)
{
	struct redrive *redrive = memory_alloc(sizeof(*redrive));
	int result = letters_open(&redrive->letters, spool, topic);

	redrive->letters.group = choice->group;
	redrive->wanted = choice->id;
	if (result >= 0 && redrive->letters.store) {
		result = open_redrive(redrive, topic, dry_run);
		if (result >= 0)
			result = send_all(redrive, choice->partition, dry_run);
	}
	if (result == 0 && choice->id >= 0)
		result = letters_missing(&redrive->letters, choice);
	close_redrive(redrive);
	return result;
}
