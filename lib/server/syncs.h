/* Syncs on a timer, for topics with mq.sync=interval:TIME. All of it is the
 * loop's. */
#ifndef SERVER_SYNCS_H
#define SERVER_SYNCS_H

#include "server/server_internal.h"

struct syncs;
struct syncs *syncs_open(struct server *server);

/* What was appended to a partition (of the topic of this name and id) is synced
 * after that time at the latest. */
void syncs_add(struct syncs *syncs, struct slice topic,
    const unsigned char *id, int partition, int64_t interval_ms);

/* Syncs all that is due, at once: the writers have ended. Accepts NULL. */
void syncs_close(struct syncs *syncs, struct storage *storage);

#endif
