/* ORDER_KEY: one row a message, a key held by one lease at a time. */
#include "spool/keyed.h"
#include "base/fail.h"
#include "base/hash.h"

enum { WINDOW = 1000 }; /* rows that may be parked, and made at once */

/* A reader at the sub's next message, and how far it may go. */
struct refill {
	struct sub *sub;
	struct partition_reader *reader;
	struct buf scratch;
	int made;
};

static int64_t
hash_of(struct slice key)
{
	int64_t hash;

	if (key.data == NULL)
		return SQL_NULL;
	hash = (int64_t)hash_bytes(key.data, key.size);
	return hash == SQL_NULL ? 1 : hash;
}

/* Offsets that hold no message (compacted, damaged) count as settled. */
static int
skip_to(struct sub *sub, int64_t offset)
{
	int64_t first = sub->next;

	if (offset <= first)
		return 0;
	sub->next = offset;
	sub->is_changed = true;
	return range_settle(sub, first, offset - 1);
}

static int
add_message(struct refill *refill, const struct record *record)
{
	struct sub *sub = refill->sub;
	struct range range = {.first = record->offset,
	    .last = record->offset, .until = SQL_NULL,
	    .key_hash = hash_of(record->key)};
	int64_t found;
	int result = skip_to(sub, record->offset);

	if (result >= 0 && range.key_hash != SQL_NULL)
		result = sql_get(index_sql(sub->index), SQL_KEY_EXISTS,
		    SQL_VALUES(sub->id, range.key_hash), &found, 1);
	if (result < 0)
		return result;
	range.state = result == 1 && range.key_hash != SQL_NULL ? RANGE_PARKED
	                                                        : RANGE_READY;
	sub->next = record->offset + 1;
	sub->is_changed = true;
	refill->made++;
	return range_add(sub, &range);
}

static int
add_batch(struct refill *refill, struct slice bytes)
{
	struct batch_reader batch;
	struct record record;
	int result = batch_reader_open(&batch, bytes.data, bytes.size,
	    &refill->scratch);

	while (result >= 0 && refill->made < WINDOW) {
		result = batch_reader_next(&batch, &record);
		if (result == 0)
			return skip_to(refill->sub, batch.header.base_offset +
			    batch.header.last_offset_delta + 1);
		if (result == 1 && record.offset >= refill->sub->next)
			result = add_message(refill, &record);
	}
	return result;
}

/* 1 to go on, 0 at the end. */
static int
add_next(struct refill *refill)
{
	struct batch_header header;
	struct position position;
	struct slice bytes;
	int result = partition_reader_next(refill->reader, &bytes, &header,
	    &position);

	if (result == -FAIL_CORRUPT) {
		if (position.offset <= refill->sub->next)
			return 0;
		result = skip_to(refill->sub, position.offset);
		return result < 0 ? result : 1;
	}
	if (result != 1)
		return result;
	refill->sub->hint = position;
	refill->sub->has_hint = true;
	result = add_batch(refill, bytes);
	return result < 0 ? result : 1;
}

int
keyed_refill(struct sub *sub)
{
	struct refill refill = {.sub = sub};
	int64_t parked = 0;
	int result = sql_get(index_sql(sub->index), SQL_PARKED_COUNT,
	    SQL_VALUES(sub->id, WINDOW), &parked, 1);

	if (result < 0 || parked >= WINDOW ||
	    sub->next >= sub->state.high_watermark)
		return result < 0 ? result : 0;
	result = partition_reader_open(&refill.reader, sub->partition,
	    sub->next, sub->has_hint ? &sub->hint : NULL);
	while (result >= 0 && refill.made < WINDOW) {
		result = add_next(&refill);
		if (result == 0)
			break;
	}
	partition_reader_close(refill.reader);
	buf_release(&refill.scratch);
	return result < 0 ? result : refill.made;
}

int
keyed_unpark(struct sub *sub, int64_t key_hash)
{
	struct sql *sql = index_sql(sub->index);
	int64_t row[2];
	int result;

	if (key_hash == SQL_NULL)
		return 0;
	result = sql_get(sql, SQL_KEY_LOWEST, SQL_VALUES(sub->id, key_hash),
	    row, 2);
	if (result != 1 || row[1] != RANGE_PARKED)
		return result < 0 ? result : 0;
	sub->is_ring = true;
	result = sql_run(sql, SQL_KEY_UNPARK, SQL_VALUES(sub->id, row[0]));
	return result < 0 ? result : 0;
}

int
keyed_unpark_all(struct sub *sub)
{
	int result = sql_run(index_sql(sub->index), SQL_KEY_UNPARK_ALL,
	    SQL_VALUES(sub->id));

	return result < 0 ? result : 0;
}
