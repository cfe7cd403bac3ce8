/* A few readers, found by where they stand. */
#include "server/readers.h"

#include "base/clock.h"
#include "spool/positions.h"

#include <stdlib.h>

enum {
	SLOTS = 64,
	KEPT_MS = 2000, /* a topic that is deleted keeps its bytes so long */
};

/* Empty if reader is NULL. The topic is held. */
struct slot {
	struct partition_reader *reader;
	struct topic *topic;
	int partition;
	int64_t offset;
	int64_t since_ms;
};

struct readers {
	struct storage *storage;
	struct slot slots[SLOTS];
};

struct readers *
readers_open(struct storage *storage)
{
	struct readers *readers = memory_alloc(sizeof *readers);

	readers->storage = storage;
	return readers;
}

static void
close_slot(struct readers *readers, struct slot *slot)
{
	if (slot->reader == NULL)
		return;
	partition_reader_close(slot->reader);
	storage_drop(readers->storage, slot->topic);
	slot->reader = NULL;
}

void
readers_close(struct readers *readers)
{
	if (readers == NULL)
		return;
	for (size_t i = 0; i < SLOTS; i++)
		close_slot(readers, &readers->slots[i]);
	free(readers);
}

int
readers_take(struct readers *readers, struct topic *topic, int number,
    int64_t offset, struct partition_reader **reader)
{
	struct partition *partition;
	struct position hint;
	int result;

	for (size_t i = 0; i < SLOTS; i++) {
		struct slot *slot = &readers->slots[i];

		if (slot->reader == NULL || slot->topic != topic ||
		    slot->partition != number || slot->offset != offset)
			continue;
		*reader = slot->reader;
		slot->reader = NULL;
		storage_drop(readers->storage, topic);
		return 0;
	}
	result = topic_partition(topic, number, &partition);
	if (result < 0)
		return result;
	result = positions_find(topic, number, offset, &hint);
	return partition_reader_open(reader, partition, offset,
	    result == 1 ? &hint : NULL);
}

/* A free one, or the one that was kept for the longest time. */
static struct slot *
choose_slot(struct readers *readers)
{
	struct slot *oldest = &readers->slots[0];

	for (size_t i = 0; i < SLOTS; i++) {
		struct slot *slot = &readers->slots[i];

		if (slot->reader == NULL)
			return slot;
		if (slot->since_ms < oldest->since_ms)
			oldest = slot;
	}
	close_slot(readers, oldest);
	return oldest;
}

void
readers_keep(struct readers *readers, struct topic *topic, int number,
    int64_t offset, struct partition_reader *reader)
{
	struct slot *slot = choose_slot(readers);

	partition_reader_rest(reader);
	*slot = (struct slot){reader, topic, number, offset, clock_boot_ms()};
	storage_hold(readers->storage, topic);
}

void
readers_tick(struct readers *readers)
{
	int64_t until_ms = clock_boot_ms() - KEPT_MS;

	for (size_t i = 0; i < SLOTS; i++)
		if (readers->slots[i].since_ms < until_ms)
			close_slot(readers, &readers->slots[i]);
}
