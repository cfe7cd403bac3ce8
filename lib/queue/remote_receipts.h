/* Receipts settled at brokers. */
#ifndef QUEUE_REMOTE_RECEIPTS_H
#define QUEUE_REMOTE_RECEIPTS_H

#include "kafka/share.h"
#include "queue/brokers.h"
#include "spool/group.h"

/* As group_settle_receipts: all of one group and one leader in one transaction.
 * Only mq-serve settles what no session has: -FAIL_PROTOCOL. */
int remote_settle_receipts(struct brokers *brokers,
    struct receipt_settlement *settlements, size_t count);

/* What an outcome is to brokers, for a range: the acknowledge_types of all of
 * it. Never to be freed. */
struct list remote_receipts_types(enum outcome outcome);

#endif
