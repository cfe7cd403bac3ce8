/* The last batches of each producer, from the log. */
#include "spool/producers.h"

#include "base/clock.h"
#include "base/fail.h"
#include "spool/positions.h"
#include "spool/producers_file.h"

#include <stdlib.h>
#include <string.h>

enum {
	SAVE_BATCHES = 50000, /* read or noted, until the file is written */
	ENTRIES_MIN = 64,
};

/*
 * Invariants: table has capacity slots, a power of 2, or is NULL; count of them
 * are taken. Everything below next, in the log of this epoch, is in it; next
 * is -1 before the first look.
 */
struct producers {
	struct topic *topic;
	int number;
	int64_t next;
	int32_t epoch;
	int64_t unsaved;
	struct producer_entry *table;
	size_t capacity;
	size_t count;
};

struct producers *
producers_open(struct topic *topic, int partition)
{
	struct producers *producers = memory_alloc(sizeof *producers);

	producers->topic = topic;
	producers->number = partition;
	producers->next = -1;
	return producers;
}

static struct producer_entry *
slot_of(struct producer_entry *table, size_t capacity, int64_t id)
{
	size_t at = (size_t)((uint64_t)id * 0x9e3779b97f4a7c15u >> 20);

	for (;; at++) {
		struct producer_entry *entry = &table[at & (capacity - 1)];

		if (entry->batches == 0 || entry->id == id)
			return entry;
	}
}

static void
grow(struct producers *producers)
{
	size_t capacity = producers->capacity == 0 ? ENTRIES_MIN :
	    producers->capacity * 2;
	struct producer_entry *table = memory_alloc(capacity * sizeof *table);

	for (size_t i = 0; i < producers->capacity; i++)
		if (producers->table[i].batches > 0)
			*slot_of(table, capacity, producers->table[i].id) =
			    producers->table[i];
	free(producers->table);
	producers->table = table;
	producers->capacity = capacity;
}

static struct producer_entry *
entry_of(struct producers *producers, int64_t id)
{
	if (producers->count * 2 >= producers->capacity)
		grow(producers);
	return slot_of(producers->table, producers->capacity, id);
}

static int32_t
last_sequence(const struct batch_header *header)
{
	int64_t last = (int64_t)header->base_sequence +
	    header->last_offset_delta;

	/* It goes on with 0 behind the largest. */
	return (int32_t)(last & INT32_MAX);
}

static void
note(struct producers *producers, const struct batch_header *header,
    int64_t base_offset)
{
	struct producer_entry *entry;

	producers->unsaved++;
	if (header->producer_id < 0 || header->base_sequence < 0)
		return;
	entry = entry_of(producers, header->producer_id);
	if (entry->batches == 0) {
		producers->count++;
		entry->id = header->producer_id;
	} else if (entry->epoch != header->producer_epoch) {
		entry->batches = 0;
	}
	if (entry->batches == PRODUCER_BATCHES) {
		memmove(&entry->last[0], &entry->last[1],
		    (PRODUCER_BATCHES - 1) * sizeof entry->last[0]);
		entry->batches--;
	}
	entry->epoch = header->producer_epoch;
	entry->seen_ms = header->max_timestamp;
	entry->last[entry->batches++] = (struct producer_batch){
		.first = header->base_sequence,
		.last = last_sequence(header),
		.offset = base_offset,
	};
}

static void
forget_all(struct producers *producers)
{
	free(producers->table);
	producers->table = NULL;
	producers->capacity = 0;
	producers->count = 0;
	producers->unsaved = 0;
}

static void
take_entry(const struct producer_entry *entry, void *context)
{
	struct producers *producers = context;
	struct producer_entry *slot = entry_of(producers, entry->id);

	if (slot->batches == 0)
		producers->count++;
	*slot = *entry;
}

/* From the file, if what it says is still in the log. */
static void
load(struct producers *producers, struct partition *log,
    const struct partition_state *state)
{
	struct producers_head head;
	int64_t cut;
	int found;

	forget_all(producers);
	producers->epoch = state->epoch;
	producers->next = state->log_start;
	found = producers_file_read(producers->topic, producers->number,
	    &head, take_entry, producers);
	if (found == 1 && head.next >= state->log_start &&
	    head.next <= state->log_end && head.epoch <= state->epoch &&
	    partition_cut_since(log, head.epoch, &cut) == 0 &&
	    cut >= head.next)
		producers->next = head.next;
	else
		forget_all(producers);
}

static void
save(struct producers *producers)
{
	struct producers_head head = {producers->epoch, producers->next};

	/* Without it, more of the log is read the next time. */
	(void)producers_file_write(producers->topic, producers->number, &head,
	    producers->table, producers->capacity);
	producers->unsaved = 0;
}

static int
read_log(struct producers *producers, struct partition *log)
{
	struct partition_reader *reader;
	struct batch_header header;
	struct position position;
	int known = positions_find(producers->topic, producers->number,
	    producers->next, &position);
	int found = partition_reader_open(&reader, log, producers->next,
	    known == 1 ? &position : NULL);

	if (found < 0)
		return found;
	while ((found = partition_reader_skip(reader, &header, &position)) ==
	    1 || found == -FAIL_CORRUPT) {
		if (found == 1) {
			note(producers, &header, header.base_offset);
			producers->next = header.base_offset +
			    header.last_offset_delta + 1;
		}
	}
	partition_reader_close(reader);
	return found;
}

/* Up to the log's end. What a killed server appended is not visible before it
 * is synced, but may come again: so it is synced first. */
static int
catch_up(struct producers *producers)
{
	struct partition *log;
	struct partition_state state;
	int failed = topic_partition(producers->topic, producers->number,
	    &log);

	if (failed == 0)
		failed = partition_state(log, &state);
	if (failed < 0)
		return failed;
	if (producers->next < 0 || state.epoch != producers->epoch)
		load(producers, log, &state);
	if (producers->next >= state.log_end)
		return 0;
	failed = partition_sync(log);
	if (failed == 0)
		failed = read_log(producers, log);
	if (failed == 0 && producers->unsaved >= SAVE_BATCHES)
		save(producers);
	return failed;
}

static int
find_duplicate(const struct producer_entry *entry,
    const struct batch_header *header, int64_t *base_offset)
{
	for (int i = 0; i < entry->batches; i++) {
		const struct producer_batch *batch = &entry->last[i];

		if (batch->first == header->base_sequence &&
		    batch->last == last_sequence(header)) {
			*base_offset = batch->offset;
			return 1;
		}
	}
	return 0;
}

static int
judge(struct producers *producers, const struct batch_header *header,
    int64_t *base_offset)
{
	const struct producer_entry *entry =
	    entry_of(producers, header->producer_id);

	if (entry->batches == 0)
		return PRODUCERS_NEW;
	if (header->producer_epoch < entry->epoch)
		return PRODUCERS_FENCED;
	if (header->producer_epoch > entry->epoch)
		return header->base_sequence == 0 ? PRODUCERS_NEW :
		    PRODUCERS_OUT_OF_ORDER;
	if (find_duplicate(entry, header, base_offset))
		return PRODUCERS_DUPLICATE;
	if (header->base_sequence ==
	    (int32_t)(((int64_t)entry->last[entry->batches - 1].last + 1) &
	    INT32_MAX))
		return PRODUCERS_NEW;
	return PRODUCERS_OUT_OF_ORDER;
}

int
producers_recall(struct producers *producers,
    const struct batch_header *header, int64_t *base_offset,
    struct partition_state *place)
{
	*place = (struct partition_state){.log_end = -1};
	if (header->producer_id < 0)
		return PRODUCERS_NEW;
	if (header->base_sequence < 0 || header->producer_epoch < 0)
		return PRODUCERS_INVALID;
	if (producers->next < 0)
		return PRODUCERS_UNREAD;
	place->log_end = producers->next;
	place->epoch = producers->epoch;
	return judge(producers, header, base_offset);
}

int
producers_check(struct producers *producers, const struct batch_header *header,
    int64_t *base_offset, struct partition_state *place)
{
	bool has_sequence = header->base_sequence >= 0 &&
	    header->producer_epoch >= 0;
	int failed = 0;

	if (header->producer_id >= 0 && has_sequence)
		failed = catch_up(producers);
	return failed < 0 ? failed :
	    producers_recall(producers, header, base_offset, place);
}

void
producers_note(struct producers *producers, const struct batch_header *header,
    int64_t base_offset)
{
	if (producers->next != base_offset)
		return; /* others have appended: it is read with theirs */
	note(producers, header, base_offset);
	producers->next = base_offset + header->last_offset_delta + 1;
}

void
producers_close(struct producers *producers)
{
	if (producers == NULL)
		return;
	if (producers->count > 0 && producers->unsaved > 0)
		save(producers);
	free(producers->table);
	free(producers);
}
