/* Acknowledgements by receipt: of leases that no session has. */
#ifndef SERVER_SHARE_RECEIPTS_H
#define SERVER_SHARE_RECEIPTS_H

#include "kafka/share.h"
#include "server/request.h"

/* True if the first acknowledgement names a lease; then all must: is_good. */
bool is_share_by_receipt(const struct share_acknowledge_request *message);
bool is_share_receipts_good(const struct share_acknowledge_request *message);

/* In the index's thread: settles them in one transaction, into the answer. */
void share_settle_receipts(struct request *request, struct storage *storage);

#endif
