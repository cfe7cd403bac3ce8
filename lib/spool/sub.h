/* A subscription: what one group knows of one partition (internal to
 * groups). */
#ifndef SPOOL_SUB_H
#define SPOOL_SUB_H

#include "spool/group.h"
#include "spool/index.h"
#include "spool/schema.h"

struct policy {
	int64_t lease_ms;
	int64_t max_attempts;
	int64_t backoff_low_ms;
	int64_t backoff_high_ms;
};

/* One topic of a group, and where its dead letters go. */
struct source {
	struct topic *topic;
	int64_t row;             /* of the topic in the index */
	struct policy policy;    /* the group's where given, else the topic's */
	bool is_dead_letters;    /* its own failures make no dead letters */
	struct topic *dead;      /* its dead-letter topic, or NULL yet */
	int64_t dead_row;
	struct sub **subs;       /* one a partition */
	int count;
};

/*
 * Invariants: start <= next; the ranges of a sub lie in [start, next) and do
 * not overlap; what is in [start, next) and in no range does not exist, but
 * start itself is not settled. Settled neighbours are one range.
 */
struct sub {
	struct index *index;
	struct source *source;
	struct partition *partition;
	int number;
	int64_t grp;             /* row of the group */
	const char *group;       /* its name */
	enum group_order order;
	int64_t id;              /* row in the index; 0: not attached */

	int64_t start;           /* all below is settled */
	int64_t next;            /* never handed out from here on */
	int64_t epoch;
	int64_t owner;           /* ORDER_PARTITION: session, 0: nobody */
	int64_t generation;      /* rises with each reset */
	int64_t dead_count;
	bool is_loaded;          /* in this transaction */
	bool is_changed;
	bool is_ring;            /* somebody else may have work now */
	bool is_buried;          /* messages ended as dead letters */
	struct partition_state state;
	struct position hint;    /* a place in the log that we have read */
	bool has_hint;
	int64_t checked_ms;      /* when the page was last compared with the log */
};

/* Finds the row, or makes it, beginning at `start` (-1: the log's start). */
int sub_attach(struct sub *sub, int64_t start);

/* Reads the row once a transaction, and brings it in line with the log: cut
 * where a recovery cut (DESIGN 5.10), moved up where the log was trimmed.
 * -FAIL_MISSING if the row is gone: the group must attach again. */
int sub_load(struct sub *sub);
int sub_store(struct sub *sub); /* writes the row if it changed */

/* Starts anew at offset of the log's epoch: ranges go, the generation rises.
 * id is the row. */
int sub_reset(struct sql *sql, int64_t id, int64_t offset, int64_t epoch);

/* A sum that stays far from overflow, however long the duration. */
int64_t sub_deadline(int64_t now_ms, int64_t duration_ms);

#endif
