/* The dead letters of a topic, and which of them are done with (internal). */
#ifndef SPOOL_LETTERS_H
#define SPOOL_LETTERS_H

#include "spool/dead.h"
#include "spool/index.h"

/*
 * Letters are messages of the dead-letter topic `store`, which other topics may
 * use too. A group of our own, whose name no user can give, has settled those
 * that were redriven or dropped.
 */
struct letters {
	struct spool *spool;
	const char *origin;  /* the topic whose letters these are */
	const char *group;   /* only of this one; NULL: any */
	struct topic *store; /* NULL: there is none, so there are no letters */
};
#define LETTERS_GROUP "@dead"

/* -FAIL_MISSING if there is neither the topic nor its store. */
int letters_open(
    struct letters *letters, struct spool *spool, const char *origin);
void letters_close(struct letters *letters);

/* Keeps others from redriving or dropping letters until letters_close. */
int letters_lock(const struct letters *letters);

/* -FAIL_MISSING: there is no letter of that name. */
int letters_missing(const struct letters *letters,
    const struct dead_choice *choice);

/* The letters of one partition of the store from offset `from` on that are not
 * settled, in order. Stops at non-zero, which is returned. */
int letters_scan(const struct letters *letters, int partition, int64_t from,
    int (*each)(const struct dead_letter *letter, void *context),
    void *context);

/* Settles letters, named by their offsets, in a transaction that writes. */
int letters_settle(const struct letters *letters, struct index *index,
    int partition, const int64_t *ids, size_t count);

#endif
