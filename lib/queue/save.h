/* --save FILE: the payloads of what is delivered, in a file. */
#ifndef QUEUE_SAVE_H
#define QUEUE_SAVE_H

#include "base/buf.h"

struct save {
	const char *path; /* NULL: nothing is saved */
	int fd;           /* -1 until the first payload */
};

void save_init(struct save *save, const char *path);

/* Writes a payload; the file is made, or emptied, for the first one. Two
 * have a newline between them. */
int save_payload(struct save *save, struct slice payload);
void save_release(struct save *save);

#endif
