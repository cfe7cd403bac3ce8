/* What our tools ask of a group beyond Kafka's words: see kafka/group_tags.h. */
#ifndef SERVER_GROUP_COUNTS_H
#define SERVER_GROUP_COUNTS_H

#include "kafka/offsets.h"
#include "server/request.h"
#include "server/storage.h"
#include "spool/state.h"

/* As long as the request lives. */
struct group_counts *group_counts_of(struct request *request,
    const struct group_state *state);

/* Fills in those of a group in the answer. */
void group_counts_fill(struct request *request, struct storage *storage,
    struct offset_fetch_response_group *answer);

#endif
