/* Changes of topics while the power goes. */
#ifndef FS_CHANGES_H
#define FS_CHANGES_H

#include "actor.h"
#include "ledger.h"

enum { VALUES_MAX = 64, DOUBTS_MAX = 8 };

/* Topics that are made, altered and deleted: how each has to be, or may be
 * since a change was under way. */
struct changes {
	struct actor *actor;    /* who does it */
	int next;               /* the number of the next one */
	int values[VALUES_MAX]; /* its retention.ms; 0: it is not there */
	int doubt_count;
	struct {
		int number, value;
	} doubts[DOUBTS_MAX];
};

/* An actor's loop over struct changes: topics of their own are made, altered
 * and deleted. */
void changes_make(void *changes);

/* What it said; of the first `certain` bytes, OK is a promise. */
void changes_note(struct changes *changes, struct buf *said, size_t certain);

/* The topics are as they have to be. */
void changes_check(struct changes *changes, struct ledger *ledger,
    const char *topics);

#endif
