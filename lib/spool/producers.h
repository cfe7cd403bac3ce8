/* Producers: what idempotent producers have stored in a partition, so that a
 * batch that comes again is not stored again (KIP-98, KIP-360).
 *
 * Derived from the log: the headers of batches name the producer, its epoch and
 * the sequence of their first record. A file `producers` beside the segments
 * says what was known up to some offset; from there on the log is read. It may
 * be deleted at any time. */
#ifndef SPOOL_PRODUCERS_H
#define SPOOL_PRODUCERS_H

#include "spool/topic.h"

struct producers;

/* Of one partition, for the process that appends to it. The topic must outlive
 * it. Nothing is read until it is asked. */
struct producers *producers_open(struct topic *topic, int partition);

/* Keeps what is known in the file, if there is much that it does not have. */
void producers_close(struct producers *producers); /* accepts NULL */

enum producers_verdict {
	PRODUCERS_NEW,          /* to be appended */
	PRODUCERS_DUPLICATE,    /* stored: *base_offset is where */
	PRODUCERS_OUT_OF_ORDER, /* something before it is missing */
	PRODUCERS_FENCED,       /* the producer has a newer epoch */
	PRODUCERS_INVALID,      /* without a sequence */
	PRODUCERS_UNREAD,
};

/* Looks at a batch that is about to be appended; one without a producer is
 * new. Brings what is known up to the log's end first. A verdict, or a failure.
 * Of a new one, *place is where the log ends, for partition_append_at: the
 * verdict holds there only. */
int producers_check(struct producers *producers,
    const struct batch_header *header, int64_t *base_offset,
    struct partition_state *place);

/* The same without a look at the log: PRODUCERS_UNREAD if nothing was read
 * yet. */
int producers_recall(struct producers *producers,
    const struct batch_header *header, int64_t *base_offset,
    struct partition_state *place);

/* The batch was appended there. */
void producers_note(struct producers *producers,
    const struct batch_header *header, int64_t base_offset);

#endif
