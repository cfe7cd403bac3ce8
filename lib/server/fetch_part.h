/* A partition that a Fetch asks for, and what its answer says of it. */
#ifndef SERVER_FETCH_PART_H
#define SERVER_FETCH_PART_H

#include "kafka/fetch.h"
#include "server/extents.h"
#include "server/parked.h"

/* The caller sets what comes first. Invariant: topic is NULL after an error;
 * answer->records has no extents but those of the last attempt. */
struct fetch_part {
	struct request *request;
	const struct fetch_request_partition *wanted;
	struct fetch_response_partition *answer;
	struct slice name;
	const unsigned char *topic_id;
	struct topic *topic;
	struct partition *partition;
	struct extent *kept; /* room of them, in the request's arena */
	size_t room;
};

/* Sets its topic: from version 13 by id. */
int fetch_part_find(struct fetch_part *part);

/* Fills what the answer says of the partition. 1 if there is something to
 * read, 0 if not yet; else an error is in the answer. */
int fetch_part_look(struct fetch_part *part);

/* Behind that: puts whole batches into the answer, up to max_bytes, at least
 * one if is_first. How many bytes. */
int64_t fetch_part_collect(struct fetch_part *part, struct extents *extents,
    int64_t max_bytes, bool is_first);

bool is_fetch_part_of(const struct fetch_part *part, const struct news *news);

/* Puts just these news into the answer, without a look: false if that is not
 * what such a look would find. */
bool fetch_part_hear(struct fetch_part *part, const struct news *news);

#endif
