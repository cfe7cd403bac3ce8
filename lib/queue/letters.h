/* Letters: payloads of dead messages, kept for the command of --on-dead. */
#ifndef QUEUE_LETTERS_H
#define QUEUE_LETTERS_H

#include "queue/job.h"

struct letter {
	struct letter *next;
	struct buf payload;
	struct buf variables; /* as an environment's text */
	bool is_ready;        /* the group has made it a dead letter */
};

struct letters {
	struct letter *first;
};

/* Takes the payload of a job that will not need it any more. */
struct letter *letters_add(struct letters *letters, struct job *job);

/* What became of it: ready, or dropped if the lease was lost. */
void letters_tell(struct letters *letters, struct letter *letter, bool lost);

/* Moves a ready letter into a job: true if there was one. */
bool letters_take(struct letters *letters, struct job *job);
bool has_letters_ready(const struct letters *letters);
void letters_release(struct letters *letters);

#endif
