/* What of the log goes into an answer: pieces of its files, or copies. */
#ifndef SERVER_EXTENTS_H
#define SERVER_EXTENTS_H

#include "server/request.h"

/* Of one answer. Starts as zeros. */
struct extents {
	struct buf files; /* of int: to be closed */
	int64_t copied;   /* bytes */
	int file;         /* the reader's that the last file is of */
};

/* Appends what was found to list, of struct extent, which is of one reader: as
 * more of the last piece, if it lies behind that; where may_copy is set, it was
 * read and is little, as bytes in the request's arena; else as a piece with a
 * file of its own. False if the answer has enough files, or there is no other. */
bool extents_add(struct extents *extents, struct request *request,
    const struct partition_extent *found, bool may_copy, struct buf *list);

/* Closes the files; the bytes stay as long as the request. */
void extents_close(struct extents *extents);

#endif
