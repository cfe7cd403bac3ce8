/* The members of share groups. */
#ifndef SERVER_SHARE_GROUPS_H
#define SERVER_SHARE_GROUPS_H

#include "server/server_internal.h"

void share_groups_close(struct server *server);

#endif
