/* How many topics clients may make: each takes directories and files. */
#ifndef SERVER_TOPIC_ROOM_H
#define SERVER_TOPIC_ROOM_H

#include "server/server_internal.h"

/* Takes room for a topic that is about to be made. In the thread for errands,
 * which makes them all. -FAIL_PERMISSION: there are too many. */
int topic_room_take(struct server *server, struct storage *storage);

#endif
