/* Readers of partitions that stay open between fetches: who fetches mostly goes
 * on where the last fetch ended, and nothing has to be found again. */
#ifndef SERVER_READERS_H
#define SERVER_READERS_H

#include "server/storage.h"

struct readers;

/* Of topics that are open in this storage, which must outlive it. */
struct readers *readers_open(struct storage *storage);
void readers_close(struct readers *readers); /* accepts NULL */

/* One that stands at an offset of a partition that is open, or a new one. It is
 * the caller's, to close or to keep. */
int readers_take(struct readers *readers, struct topic *topic, int partition,
    int64_t offset, struct partition_reader **reader);

/* Keeps one that stands at an offset, until somebody takes it. */
void readers_keep(struct readers *readers, struct topic *topic, int partition,
    int64_t offset, struct partition_reader *reader);

/* Closes those that nobody took for a while; to be called once a second. */
void readers_tick(struct readers *readers);

#endif
