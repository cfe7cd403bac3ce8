/* What producers have stored in the partitions that a storage has open. */
#ifndef SERVER_KNOWN_PRODUCERS_H
#define SERVER_KNOWN_PRODUCERS_H

#include "spool/producers.h"

struct known_producers;

/* Opened on first use. *first is NULL while there are none. */
struct producers *known_producers_find(struct known_producers **first,
    struct topic *topic, int partition);

/* Those of one topic, or of all (NULL). */
void known_producers_close(struct known_producers **first,
    const struct topic *topic);

#endif
