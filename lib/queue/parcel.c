/* Batches on their way: a queue of them, stamping and splitting. */
#include "queue/parcel.h"

#include <stdlib.h>
#include <string.h>

static struct parcel *
make_room(struct parcels *parcels)
{
	size_t used = parcels->end - parcels->head;

	if (parcels->head > used) {
		memcpy(parcels->items, parcels->items + parcels->head,
		    used * sizeof(*parcels->items));
		parcels->head = 0;
		parcels->end = used;
	}
	if (parcels->end == parcels->capacity) {
		parcels->capacity = parcels->capacity * 2 + 16;
		parcels->items = memory_resize(parcels->items,
		    parcels->capacity * sizeof(*parcels->items));
	}
	return &parcels->items[parcels->end++];
}

void
parcels_add(struct parcels *parcels, int partition, int64_t count,
    struct buf *bytes)
{
	*make_room(parcels) = (struct parcel){
		.state = PARCEL_WAITING,
		.partition = partition,
		.count = count,
		.first = -1,
		.bytes = *bytes,
		.sequence = -1,
	};
	parcels->bytes += bytes->size;
	*bytes = (struct buf){0};
}

void
parcels_shift(struct parcels *parcels)
{
	struct parcel *parcel = &parcels->items[parcels->head++];

	parcels->bytes -= parcel->bytes.size;
	buf_release(&parcel->bytes);
}

void
parcels_release(struct parcels *parcels)
{
	while (parcels->head < parcels->end)
		parcels_shift(parcels);
	free(parcels->items);
}

int
parcel_stamp(struct parcel *parcel, int64_t producer_id,
    int16_t producer_epoch, int32_t sequence)
{
	struct batch_header header;
	int failed = batch_decode_header(parcel->bytes.data,
	    parcel->bytes.size, &header);

	if (failed < 0)
		return failed;
	parcel->sequence = sequence;
	if (header.producer_id == producer_id && header.base_offset == 0 &&
	    header.producer_epoch == producer_epoch &&
	    header.base_sequence == sequence)
		return 0;
	header.base_offset = 0;
	header.producer_id = producer_id;
	header.producer_epoch = producer_epoch;
	header.base_sequence = sequence;
	batch_encode_header(parcel->bytes.data, &header);
	batch_seal(parcel->bytes.data, parcel->bytes.size);
	return 0;
}

/* The next count records as a batch of their own. */
static int
build_part(struct batch_reader *reader, int64_t count, struct buf *out)
{
	struct batch_builder builder;
	struct record record;
	int result = 1;

	batch_builder_init(&builder, reader->header.attributes & 7);
	while (count-- > 0 && (result = batch_reader_next(reader,
	    &record)) == 1)
		batch_builder_append(&builder, &record);
	if (result == 1)
		result = batch_builder_finish(&builder, out);
	batch_builder_release(&builder);
	return result;
}

int
parcel_close_gaps(struct buf *bytes)
{
	struct batch_reader reader;
	struct buf scratch = {0}, rebuilt = {0};
	int failed = batch_reader_open(&reader, bytes->data, bytes->size,
	    &scratch);

	if (failed == 0 && reader.header.last_offset_delta !=
	    reader.header.record_count - 1) {
		failed = build_part(&reader, reader.header.record_count,
		    &rebuilt);
		if (failed == 0) {
			buf_release(bytes);
			*bytes = rebuilt;
			rebuilt = (struct buf){0};
		}
	}
	buf_release(&rebuilt);
	buf_release(&scratch);
	return failed;
}

/* Puts a second one behind the one at an index. */
static void
insert_behind(struct parcels *parcels, size_t at, int64_t count,
    struct buf *bytes)
{
	struct parcel added;
	size_t from_head = at - parcels->head;

	parcels_add(parcels, parcels->items[at].partition, count, bytes);
	at = parcels->head + from_head;
	added = parcels->items[parcels->end - 1];
	memmove(parcels->items + at + 2, parcels->items + at + 1,
	    (parcels->end - at - 2) * sizeof(added));
	parcels->items[at + 1] = added;
}

static int
stamp_again(struct parcel *parcel, const struct batch_header *header,
    int64_t ahead)
{
	if (parcel->sequence < 0 && header->producer_id < 0)
		return 0;
	return parcel_stamp(parcel, header->producer_id,
	    header->producer_epoch, (int32_t)((header->base_sequence + ahead) &
	    INT32_MAX));
}

int
parcels_split(struct parcels *parcels, size_t at)
{
	struct parcel *parcel = &parcels->items[at];
	struct batch_reader reader;
	struct buf scratch = {0}, halves[2] = {{0}, {0}};
	int64_t count = parcel->count / 2, rest = parcel->count - count;
	size_t from_head = at - parcels->head;
	int failed = batch_reader_open(&reader, parcel->bytes.data,
	    parcel->bytes.size, &scratch);

	if (failed == 0)
		failed = build_part(&reader, count, &halves[0]);
	if (failed == 0)
		failed = build_part(&reader, rest, &halves[1]);
	if (failed < 0)
		goto out;
	parcels->bytes += halves[0].size - parcel->bytes.size;
	buf_release(&parcel->bytes);
	parcel->bytes = halves[0];
	parcel->count = count;
	halves[0] = (struct buf){0};
	insert_behind(parcels, at, rest, &halves[1]);
	parcel = &parcels->items[parcels->head + from_head];
	failed = stamp_again(parcel, &reader.header, 0);
	parcel[1].sequence = parcel->sequence;
	if (failed == 0)
		failed = stamp_again(&parcel[1], &reader.header, count);
out:
	buf_release(&halves[0]);
	buf_release(&halves[1]);
	buf_release(&scratch);
	return failed;
}
