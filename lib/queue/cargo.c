/* Cargo: batches that came from brokers, and the grants on their messages. */
#include "queue/cargo.h"

#include "base/fail.h"

#include <stdlib.h>

static void
drop_crate(struct cargo *cargo)
{
	struct crate *crate = cargo->first;

	cargo->first = crate->next;
	cargo->is_open = false;
	buf_release(&crate->bytes);
	free(crate);
}

void
cargo_release(struct cargo *cargo)
{
	while (cargo->first != NULL)
		drop_crate(cargo);
	buf_release(&cargo->grants);
	buf_release(&cargo->scratch);
}

void
cargo_add(struct cargo *cargo, size_t topic, int partition, struct slice bytes)
{
	struct crate *crate = memory_alloc(sizeof(*crate));
	struct crate **place = &cargo->first;

	while (*place != NULL)
		place = &(*place)->next;
	crate->topic = topic;
	crate->partition = partition;
	crate->first_serial = cargo->serial + 1;
	crate->last_serial = cargo->serial;
	buf_append_slice(&crate->bytes, bytes);
	*place = crate;
}

void
cargo_grant(struct cargo *cargo, const struct grant *grant)
{
	struct grant mine = *grant;
	struct crate *crate = cargo->first;

	while (crate->next != NULL)
		crate = crate->next;
	mine.serial = ++cargo->serial;
	crate->last_serial = mine.serial;
	buf_append(&cargo->grants, &mine, sizeof(mine));
}

bool
cargo_take(struct cargo *cargo, int64_t count, struct grant *grant)
{
	struct grant *next = (struct grant *)(void *)cargo->grants.data +
	    cargo->at;

	if (!has_cargo(cargo))
		return false;
	*grant = *next;
	if (next->last - next->first >= count) {
		grant->last = grant->first + count - 1;
		next->first += count;
		return true;
	}
	cargo->at++;
	if (!has_cargo(cargo))
		cargo_forget(cargo);
	return true;
}

struct slice
cargo_bytes(const struct cargo *cargo, uint64_t serial)
{
	const struct crate *crate = cargo->first;

	while (crate != NULL && crate->last_serial < serial)
		crate = crate->next;
	return crate == NULL ? (struct slice){0} : buf_slice(&crate->bytes);
}

void
cargo_forget(struct cargo *cargo)
{
	buf_clear(&cargo->grants);
	cargo->at = 0;
}

int
cargo_begin(struct cargo *cargo, const struct grant *grant, int64_t from)
{
	while (cargo->first != NULL &&
	    cargo->first->last_serial < grant->serial)
		drop_crate(cargo);
	if (cargo->first == NULL || cargo->first->first_serial > grant->serial)
		return fail(FAIL_BUG, "a grant that was read before");
	cargo->grant = *grant;
	cargo->from = from;
	cargo->end = from;
	if (cargo->is_open && cargo->next <= from)
		return 0;
	cargo->is_open = true;
	cargo->position = 0;
	cargo->cut = INT64_MAX;
	cargo->has_batch = false;
	cargo->next = 0;
	return 0;
}

static void
tell_damage(const struct supply_reading *reading)
{
	if (reading->notice != NULL)
		reading->notice(fail_message(), true, reading->context);
}

/* The next batch of the crate: 1; 0 at its end. One that is damaged is told of
 * and passed over; what is behind one that says no size is lost with it. */
static int
load_batch(struct cargo *cargo, const struct supply_reading *reading,
    const char *name)
{
	const struct buf *bytes = &cargo->first->bytes;
	const unsigned char *data = bytes->data + cargo->position;
	size_t left = bytes->size - cargo->position;
	struct batch_header header;
	int result;

	if (left < BATCH_HEADER_SIZE)
		return 0;
	result = batch_decode_header(data, left, &header);
	if (result < 0 || batch_size(&header) > left) {
		cargo->position = bytes->size;
		if (result < 0)
			tell_damage(reading);
		else
			cargo->cut = header.base_offset;
		return 0;
	}
	cargo->position += batch_size(&header);
	cargo->next = header.base_offset;
	if (header.record_count == 0 || header.attributes & BATCH_CONTROL)
		return 1;
	result = is_batch_intact(data, &header) ?
	    batch_reader_open(&cargo->records, data, batch_size(&header),
	    &cargo->scratch) : fail(FAIL_CORRUPT, "%s:%d: offsets %lld to "
	    "%lld are damaged: bad checksum", name, cargo->grant.partition,
	    (long long)header.base_offset, (long long)header.base_offset +
	    header.last_offset_delta);
	cargo->has_batch = result == 0;
	if (result == -FAIL_CORRUPT)
		tell_damage(reading);
	return result < 0 && result != -FAIL_CORRUPT ? result : 1;
}

/* 1 and the next record in order, 0 behind the grant or the crate. */
static int
next_record(struct cargo *cargo, const struct supply_reading *reading,
    const char *name, struct record *record)
{
	int result;

	while (cargo->next <= cargo->grant.last) {
		if (!cargo->has_batch) {
			result = load_batch(cargo, reading, name);
			if (result <= 0)
				return result;
			continue;
		}
		result = batch_reader_next(&cargo->records, record);
		if (result == 1) {
			cargo->next = record->offset + 1;
			return record->offset <= cargo->grant.last;
		}
		if (result < 0)
			tell_damage(reading);
		cargo->has_batch = false;
	}
	return 0;
}

int
cargo_next(struct cargo *cargo, const struct supply_reading *reading,
    const char *name, struct message *message)
{
	struct record *record = &message->record;
	int result;

	*message = (struct message){
		.topic = name,
		.partition = cargo->grant.partition,
		.attempt = cargo->grant.attempt,
		.has_timestamp = true,
	};
	while ((result = next_record(cargo, reading, name, record)) == 1) {
		if (record->offset < cargo->from)
			continue;
		if (reading->filter == NULL ||
		    is_filter_match(reading->filter, record))
			return 1;
	}
	if (result == 0)
		cargo->end = cargo->cut <= cargo->grant.last ? cargo->cut :
		    cargo->grant.last + 1;
	if (result == 0 && cargo->end < cargo->from)
		cargo->end = cargo->from;
	return result;
}
