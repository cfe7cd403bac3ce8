/* Copies of dead letters on their way back, and the plans of it (internal). */
#ifndef SPOOL_REDRIVE_H
#define SPOOL_REDRIVE_H

#include "spool/letters.h"

/*
 * The order of a round, for a process killed anywhere in it:
 * 1. The index remembers durably which letters are about to go where, and
 *    where the log of that partition ended.
 * 2. The copies are appended, each with the letter's name in a header.
 * 3. One transaction settles the letters and forgets the plans.
 * Whoever finds a plan reads the log from that end on, and sends only what is
 * not there. Rounds of several processes exclude each other by a lock.
 */
enum { ROUND_MAX = 256, ROUND_BYTES = 8 * 1024 * 1024 };

/* A letter on its way back. */
struct copy {
	int64_t id;
	int target;	 /* partition of the topic */
	int64_t from;	 /* the log's end when it was planned */
	struct buf name; /* "STORE:PARTITION:OFFSET" */
	struct buf batch;
	bool is_planned; /* by an earlier process */
	bool is_sent;
};

struct redrive {
	struct letters letters;
	struct index *index;
	struct topic *topic; /* where they go */
	int partition;	     /* of the store */
	int64_t wanted;	     /* -1: all */
	int64_t topic_row, store_row;
	struct copy copies[ROUND_MAX];
	int count;
	size_t bytes;
	int64_t next; /* where the next round begins */
	struct batch_builder builder;
	struct buf scratch;
};

/* The callback of letters_scan, context a struct redrive: takes a letter into
 * the round; 1 when that is full. */
int redrive_take(const struct dead_letter *letter, void *context);

/* Finds the plans of earlier processes for the copies of the round, and makes
 * the others, in a transaction that writes. */
int redrive_plan(struct redrive *redrive);

#endif
