/* Delivery: the messages of a grant to an output, and what becomes of them. */
#ifndef QUEUE_DELIVERY_H
#define QUEUE_DELIVERY_H

#include "queue/compose.h"
#include "queue/consume.h"
#include "queue/hand.h"
#include "queue/output.h"
#include "queue/save.h"

/*
 * Invariants: settled <= next; all of the grant below `settled` has its
 * verdict, all below `next` was read; marks[head..] are what is in the output
 * and not yet taken; native messages that the composer keeps back begin at
 * batch_first.
 */
struct delivery {
	const struct consumer_options *options;
	enum consume_ack ack;
	struct composer composer;
	struct output output;
	struct hand hand;
	struct save save;
	struct consumer_result *result;
	bool needs_receipt;
	struct buf receipt;
	struct buf marks;
	size_t head;
	int64_t batch_first;
	int64_t batch_count;
	struct grant grant;
	int64_t settled;
	int64_t next;
	int64_t renew_ms;      /* clock_boot_ms of the next renewal */
	bool is_lost;          /* the lease went to somebody else */
};

void delivery_open(struct delivery *delivery,
    const struct consumer_options *options, enum consume_ack ack, int fd,
    const char *save, struct consumer_result *result);
void delivery_close(struct delivery *delivery);

/* Delivers delivery->grant: 1 if all of it is settled (or lost), 0 if it is time
 * to stop. In each case, and at an error, the hand has the verdicts. */
int delivery_run(struct delivery *delivery);

/* Tells the group what is settled; takes nothing. */
int delivery_tell(struct delivery *delivery);

#endif
