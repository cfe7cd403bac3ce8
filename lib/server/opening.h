/* Opening partitions outside of the loop: whoever opens one first may have to
 * recover it, or to make names durable, and waits for a disk then. */
#ifndef SERVER_OPENING_H
#define SERVER_OPENING_H

#include "server/server_internal.h"

struct opening_part {
	struct slice name;       /* of the topic; NULL: by id */
	const unsigned char *id;
	int32_t number;
};

/* Embedded in whatever it is about. */
struct opening {
	struct task task;
	struct buf parts;                      /* of opening_part */
	void (*done)(struct opening *opening); /* in the loop */
};

/* Adds a part, if the loop has not got it open. Names and ids stay the
 * caller's, until done. */
void opening_want(struct server *server, struct opening *opening,
    const struct opening_part *part);

/* False if nothing was added. Else has the parts opened where that may wait, and
 * then done is called; what could not be opened the loop finds out for itself. */
bool opening_send(struct server *server, struct opening *opening);

#endif
