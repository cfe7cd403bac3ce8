/* What of the log goes into an answer: pieces of its files, or copies. */
#ifndef SERVER_EXTENTS_H
#define SERVER_EXTENTS_H

#include "server/request.h"

/* Of one answer. Starts as zeros. */
struct extents {
	struct buf files; /* of int: to be closed */
	int64_t copied;   /* bytes */
};

/* Appends what was found to list, of struct extent: as a file of its own; or,
 * where may_copy is set, they were read and are few, as bytes in the request's
 * arena. False if the answer has enough files, or there is no other. */
bool extents_add(struct extents *extents, struct request *request,
    const struct partition_extent *found, bool may_copy, struct buf *list);

/* Closes the files; the bytes stay as long as the request. */
void extents_close(struct extents *extents);

#endif
