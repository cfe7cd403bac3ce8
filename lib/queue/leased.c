/* Leased messages: reading what a lease covers through the log. */
#include "queue/leased.h"
#include "base/fail.h"
#include "queue/range.h"

#include <stdlib.h>

enum {
	STRANDS = 8,   /* partitions that are kept open */
	NEAR = 100000, /* offsets that are rather read over than searched */
};

/*
 * The reader of one partition. Invariants: next is the offset behind the last
 * record handed out or passed over; if has_batch, records stands at the first
 * record of the loaded batch that is not below next, or before it.
 */
struct strand {
	struct topic *topic; /* NULL: not in use */
	int partition;
	struct partition_reader *reader;
	struct batch_header header;
	struct slice bytes;
	struct buf scratch;
	struct batch_reader records;
	bool has_batch;
	int64_t next;
};

struct leased {
	const struct filter *filter;
	void (*notice)(const char *text, bool is_damage, void *context);
	void *context;
	struct strand strands[STRANDS];
	size_t victim;
	struct strand *strand; /* of the lease */
	struct lease lease;
	int64_t from;
	int64_t end;
};

void
leased_open(struct leased **leased, const struct filter *filter,
    void (*notice)(const char *text, bool is_damage, void *context),
    void *context)
{
	*leased = memory_alloc(sizeof(**leased));
	(*leased)->filter = filter;
	(*leased)->notice = notice;
	(*leased)->context = context;
}

static void
strand_close(struct strand *strand)
{
	if (strand->topic != NULL)
		partition_reader_close(strand->reader);
	buf_release(&strand->scratch);
	*strand = (struct strand){0};
}

void
leased_close(struct leased *leased)
{
	if (leased == NULL)
		return;
	for (size_t i = 0; i < STRANDS; i++)
		strand_close(&leased->strands[i]);
	free(leased);
}

static int
strand_open(struct strand *strand, const struct lease *lease, int64_t from)
{
	struct position hint;
	struct partition *partition;
	int found;
	int result;

	strand_close(strand);
	result = topic_partition(lease->topic, lease->partition, &partition);
	if (result < 0)
		return result;
	found = range_hint(lease->topic, lease->partition, from, &hint);
	result = partition_reader_open(&strand->reader, partition, from,
	    found == 1 ? &hint : NULL);
	if (result < 0)
		return result;
	strand->topic = lease->topic;
	strand->partition = lease->partition;
	strand->next = from;
	return 0;
}

static struct strand *
find_strand(struct leased *leased, const struct lease *lease)
{
	struct strand *victim;

	for (size_t i = 0; i < STRANDS; i++) {
		struct strand *strand = &leased->strands[i];

		if (strand->topic == lease->topic &&
		    strand->partition == lease->partition)
			return strand;
	}
	victim = &leased->strands[leased->victim++ % STRANDS];
	strand_close(victim);
	return victim;
}

/* Back to the first record of the batch that is loaded. */
static int
rewind_batch(struct strand *strand)
{
	int result = batch_reader_open(&strand->records, strand->bytes.data,
	    strand->bytes.size, &strand->scratch);

	strand->has_batch = false;
	if (result < 0)
		return result;
	strand->has_batch = true;
	strand->next = strand->header.base_offset;
	return 0;
}

int
leased_begin(struct leased *leased, const struct lease *lease, int64_t from)
{
	struct strand *strand = find_strand(leased, lease);

	leased->strand = strand;
	leased->lease = *lease;
	leased->from = from;
	leased->end = from;
	if (strand->topic == NULL)
		return strand_open(strand, lease, from);
	if (strand->next <= from && from - strand->next <= NEAR)
		return 0;
	if (strand->bytes.data != NULL &&
	    from >= strand->header.base_offset && from < strand->next &&
	    rewind_batch(strand) == 0)
		return 0;
	return strand_open(strand, lease, from);
}

static void
tell_damage(struct leased *leased)
{
	if (leased->notice != NULL)
		leased->notice(fail_message(), true, leased->context);
}

static int64_t
behind_batch(const struct batch_header *header)
{
	return header->base_offset + header->last_offset_delta + 1;
}

/* 1 if a batch was loaded or passed over, 0 if the log has no more. */
static int
load_batch(struct leased *leased, struct strand *strand)
{
	struct position position;
	int result = partition_reader_next(strand->reader, &strand->bytes,
	    &strand->header, &position);

	strand->has_batch = false;
	if (result != 1)
		strand->bytes = (struct slice){NULL, 0};
	if (result == -FAIL_CORRUPT) {
		tell_damage(leased);
		strand->next = position.offset;
		return 1;
	}
	if (result != 1)
		return result;
	if (strand->header.record_count == 0 ||
	    strand->header.attributes & BATCH_CONTROL) {
		strand->next = behind_batch(&strand->header);
		return 1;
	}
	result = rewind_batch(strand);
	if (result == -FAIL_CORRUPT) {
		tell_damage(leased);
		strand->next = behind_batch(&strand->header);
	} else if (result < 0) {
		/* Not its fault (no library for its codec): it is not passed
		 * over, neither now nor by the next lease. */
		strand_close(strand);
		return result;
	}
	return 1;
}

/* 1 and the next record in order, 0 behind the lease or the log. */
static int
next_record(struct leased *leased, struct record *record)
{
	struct strand *strand = leased->strand;
	int result;

	while (strand->next <= leased->lease.last) {
		if (!strand->has_batch) {
			result = load_batch(leased, strand);
			if (result <= 0)
				return result;
			continue;
		}
		result = batch_reader_next(&strand->records, record);
		if (result == 1) {
			strand->next = record->offset + 1;
			return record->offset <= leased->lease.last;
		}
		if (result < 0)
			tell_damage(leased);
		strand->has_batch = false;
		strand->next = behind_batch(&strand->header);
	}
	return 0;
}

int
leased_next(struct leased *leased, struct message *message)
{
	struct record *record = &message->record;
	int result;

	*message = (struct message){
		.topic = topic_name(leased->lease.topic),
		.partition = leased->lease.partition,
		.attempt = leased->lease.attempt,
		.has_timestamp = true,
	};
	while ((result = next_record(leased, record)) == 1) {
		if (record->offset < leased->from)
			continue;
		if (leased->filter == NULL ||
		    is_filter_match(leased->filter, record))
			return 1;
	}
	if (result == 0)
		leased->end = leased->strand->next <= leased->lease.last
		    ? leased->strand->next
		    : leased->lease.last + 1;
	return result;
}

int64_t
leased_end(const struct leased *leased)
{
	return leased->end;
}
