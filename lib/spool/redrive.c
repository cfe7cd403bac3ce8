/* Copies of dead letters on their way back, and the plans of it (internal). */
#include "spool/redrive.h"

#include "base/fail.h"
#include "spool/dead_letter.h"

/* The headers as they were before the message died, and the copy's name. */
static int32_t
append_headers(
    const struct record *record, const struct copy *copy, struct buf *headers)
{
	struct record_header header;
	size_t position = 0;
	int32_t count = 1;

	while (record_next_header(record, &position, &header) == 1) {
		if (is_dead_letter_header(header.name) ||
		    slice_equal(header.name, slice_of(DEAD_REDRIVE)))
			continue;
		record_append_header(headers, header.name, header.value);
		count++;
	}
	record_append_header(
	    headers, slice_of(DEAD_REDRIVE), buf_slice(&copy->name));
	return count;
}

/* As producers do it; without a key, where it was. */
static int
choose_target(const struct redrive *redrive, const struct dead_letter *letter)
{
	if (letter->record->key.data)
		return topic_partition_of_key(
		    redrive->topic, letter->record->key);
	if (letter->origin_partition < topic_partition_count(redrive->topic))
		return (int)letter->origin_partition;
	return 0;
}

int
redrive_take(const struct dead_letter *letter, void *context)
{
	struct redrive *redrive = context;
	struct copy *copy = &redrive->copies[redrive->count];
	struct record record = *letter->record;
	int result;

	if (redrive->wanted >= 0 && letter->id != redrive->wanted)
		return 1;
	copy->id = letter->id;
	copy->target = choose_target(redrive, letter);
	copy->is_planned = copy->is_sent = false;
	buf_clear(&copy->name);
	buf_clear(&copy->batch);
	buf_printf(&copy->name, "%s:%d:%lld",
	    topic_name(redrive->letters.store), letter->partition,
	    (long long)letter->id);
	buf_clear(&redrive->scratch);
	record.header_count =
	    append_headers(letter->record, copy, &redrive->scratch);
	record.headers = buf_slice(&redrive->scratch);
	batch_builder_append(&redrive->builder, &record);
	result = batch_builder_finish(&redrive->builder, &copy->batch);
	if (result < 0)
		return result;
	redrive->count++;
	redrive->bytes += copy->batch.size;
	redrive->next = letter->id + 1;
	return redrive->wanted >= 0 || redrive->count == ROUND_MAX ||
	       redrive->bytes >= ROUND_BYTES;
}

static int
target_state(const struct redrive *redrive, int target,
    struct partition **partition, struct partition_state *state)
{
	int result = topic_partition(redrive->topic, target, partition);

	return result < 0 ? result : partition_state(*partition, state);
}

/* The log may have been cut below the end that was planned from. */
static int
follow_plan(
    const struct redrive *redrive, struct copy *copy, const int64_t row[4])
{
	struct partition *partition;
	struct partition_state state;
	int64_t cut = INT64_MAX;
	int result;

	copy->target = (int)row[1];
	copy->from = row[2];
	copy->is_planned = true;
	result = target_state(redrive, copy->target, &partition, &state);
	if (result >= 0 && row[3] != state.epoch)
		result = partition_cut_since(partition, (int32_t)row[3], &cut);
	if (copy->from > cut)
		copy->from = cut;
	return result;
}

/* Finds the plan of an earlier process, or makes one. */
static int
plan_copy(const struct redrive *redrive, struct copy *copy)
{
	struct sql *sql = index_sql(redrive->index);
	struct partition *partition;
	struct partition_state state;
	int64_t row[4];
	int result = sql_get(sql, SQL_REDRIVE_GET,
	    SQL_VALUES(redrive->store_row, redrive->partition, copy->id), row,
	    4);

	if (result == 1 && row[0] == redrive->topic_row)
		return follow_plan(redrive, copy, row);
	if (result >= 0)
		result =
		    target_state(redrive, copy->target, &partition, &state);
	if (result < 0)
		return result;
	return sql_run(sql, SQL_REDRIVE_PLAN,
	    SQL_VALUES(redrive->store_row, redrive->partition, copy->id,
		redrive->topic_row, copy->target, state.log_end, state.epoch));
}

int
redrive_plan(struct redrive *redrive)
{
	int result = index_topic(
	    redrive->index, redrive->letters.store, &redrive->store_row);

	if (result >= 0)
		result = index_topic(
		    redrive->index, redrive->topic, &redrive->topic_row);
	for (int i = 0; i < redrive->count && result >= 0; i++)
		result = plan_copy(redrive, &redrive->copies[i]);
	return result;
}
