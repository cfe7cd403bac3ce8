/* Parcels: batches on their way to a broker, in the order of their appends. */
#ifndef QUEUE_PARCEL_H
#define QUEUE_PARCEL_H

#include "log/batch.h"

struct client;

enum parcel_state { PARCEL_WAITING, PARCEL_SENT, PARCEL_STORED };

struct parcel {
	enum parcel_state state;
	int partition;
	int64_t count;         /* messages */
	int64_t first;         /* offset, once stored */
	struct buf bytes;
	int32_t sequence;      /* of its first message; -1: not stamped */
	bool is_doubtful;      /* may be stored, though no answer said so */
	struct client *client; /* while sent, with the request that has it */
	int32_t correlation;
};

/* Invariant: parcels [head, end) of items are in use. */
struct parcels {
	struct parcel *items;
	size_t head;
	size_t end;
	size_t capacity;
	size_t bytes; /* of those in use */
};

/* Takes the bytes over, and leaves the buffer empty. */
void parcels_add(struct parcels *parcels, int partition, int64_t count,
    struct buf *bytes);

/* Drops the first. */
void parcels_shift(struct parcels *parcels);
void parcels_release(struct parcels *parcels);

/* Takes gaps out of a batch's offsets: brokers want none in what is produced. */
int parcel_close_gaps(struct buf *bytes);

/* Makes two of the one at an index, each with half of the messages: for
 * brokers that find it too large. Sequences continue from one to the other. */
int parcels_split(struct parcels *parcels, size_t at);

/* Writes identity and sequence into the batch (-1: none) and seals it. */
int parcel_stamp(struct parcel *parcel, int64_t producer_id,
    int16_t producer_epoch, int32_t sequence);

#endif
