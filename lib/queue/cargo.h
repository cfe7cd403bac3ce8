/* Cargo: batches that came from brokers, and the grants on their messages. */
#ifndef QUEUE_CARGO_H
#define QUEUE_CARGO_H

#include "queue/supply.h"

/* The batches of one partition of one answer. Serials of the grants on it are
 * first_serial..last_serial. */
struct crate {
	struct crate *next;
	size_t topic;
	int partition;
	struct buf bytes;
	uint64_t first_serial;
	uint64_t last_serial;
};

/*
 * Invariants: crates and grants are in the order in which they came; grants[at..]
 * were not handed out yet. What is read is of the first crate, from next on;
 * all zero is a valid empty one.
 */
struct cargo {
	struct crate *first;
	struct buf grants;  /* of struct grant */
	size_t at;
	uint64_t serial;    /* of the newest grant */
	struct grant grant; /* the one that is read */
	int64_t from;
	size_t position;    /* in the crate, of the next batch */
	struct batch_reader records;
	struct buf scratch;
	bool has_batch;
	bool is_open;
	int64_t next;
	int64_t cut;        /* the first offset that did not come whole */
	int64_t end;
};

void cargo_release(struct cargo *cargo);

/* Copies batches that came; grants that follow are on them. */
void cargo_add(struct cargo *cargo, size_t topic, int partition,
    struct slice bytes);

/* A grant on what came last: its serial is set here. */
void cargo_grant(struct cargo *cargo, const struct grant *grant);

/* The next grant, up to count messages of it: false if there is none. */
bool cargo_take(struct cargo *cargo, int64_t count, struct grant *grant);

/* True if cargo_take would give one. */
static inline bool
has_cargo(const struct cargo *cargo)
{
	return cargo->at < cargo->grants.size / sizeof(struct grant);
}

/* The first offset of that grant. */
static inline int64_t
cargo_first(const struct cargo *cargo)
{
	return ((const struct grant *)(const void *)cargo->grants.data)
	    [cargo->at].first;
}

/* The batches that a grant is on: all there until the next one is read. */
struct slice cargo_bytes(const struct cargo *cargo, uint64_t serial);

/* Forgets grants that were not handed out. */
void cargo_forget(struct cargo *cargo);

/* As in struct supply_kind; name is the topic's. */
int cargo_begin(struct cargo *cargo, const struct grant *grant, int64_t from);
int cargo_next(struct cargo *cargo, const struct supply_reading *reading,
    const char *name, struct message *message);

#endif
