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
};

/* Looks at a batch that is about to be appended; one without a producer is
 * new. Brings what is known up to the log's end first. A verdict, or a
 * failure. */
int producers_check(struct producers *producers,
    const struct batch_header *header, int64_t *base_offset);

/* True if producers_check need not read for a log in this state. */
bool is_producers_current(const struct producers *producers,
    const struct partition_state *state);

/* The batch was appended there. */
void producers_note(struct producers *producers,
    const struct batch_header *header, int64_t base_offset);

#endif
