/* Keeping rosters in the index, and getting them back. */
#ifndef SERVER_ROSTER_STORE_H
#define SERVER_ROSTER_STORE_H

#include "server/roster.h"

/* Loads all that were kept; loaded is called in the loop when they are
 * there. Their members have a session's time to show themselves. */
void roster_load_all(struct rosters *rosters,
    void (*loaded)(struct rosters *rosters));

#endif
