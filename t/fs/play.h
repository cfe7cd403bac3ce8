/* What goes on in a spool while the power goes: producers, consumers, changes
 * of topics. */
#ifndef FS_PLAY_H
#define FS_PLAY_H

#include "actor.h"
#include "changes.h"
#include "ledger.h"

enum { ACTORS = 10, INTERVAL_PRODUCER = 4, PROBE = STREAMS - 1 };

struct play {
	struct actor actors[ACTORS];
	struct changes changes;
	int64_t noted; /* how much the producer of INTERVAL had said */
};

/* The topics of a new spool. */
void play_create(struct ledger *ledger);

/* Topics are changed, too, one time in four: what that leaves takes time. */
void play_start(struct play *play, struct ledger *ledger, unsigned int seed);

/* Notes what is stored in INTERVAL now. */
void play_note(struct play *play);

/* Right before the cut: what is said later is not promised. */
void play_close(struct play *play);

/* Ends it; what was promised goes to the ledger. Returns how many messages of
 * INTERVAL had been stored at play_note. */
int play_end(struct play *play, struct ledger *ledger);

/* One message, from nobody else, put after the restart. */
void play_probe(struct ledger *ledger);

/* Gives `count` messages to a group, all if 0. */
void play_consume(struct ledger *ledger, enum group group, int count);

#endif
