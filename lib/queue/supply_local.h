/* A supply of messages of a group of a spool. */
#ifndef QUEUE_SUPPLY_LOCAL_H
#define QUEUE_SUPPLY_LOCAL_H

#include "queue/supply.h"

/* Joins; options as for group_join. The topics and their list are the supply's
 * from now on, also if this fails; the spool must outlive it. */
int supply_local_open(struct supply **supply, struct spool *spool,
    const char *group, struct topic **topics, size_t count,
    const struct group_options *options);

#endif
