/* The doorbell of a topic: a shared word that wakes whoever waits for it.
 *
 * The file `doorbell` has 4096 bytes, of which the first four are the futex
 * word and bytes 8 to 15 say which topic.yaml is known to be durable: see
 * mq-spool(5). It is a hint: deleted, damaged or older, nothing is lost. */
#ifndef SPOOL_DOORBELL_H
#define SPOOL_DOORBELL_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Invariants: word is NULL only if there was no file and we may not make one;
 * once set it keeps its address, even when the file behind it is replaced.
 */
struct doorbell {
	int file;
	bool is_writable;
	uint32_t *word;
};

/* Maps the doorbell of a topic's directory; makes it, if writable. */
int doorbell_open(struct doorbell *doorbell, int topic_dir, bool writable);

/* Whoever holds a doorbell that was deleted would neither hear nor be heard:
 * maps the file that has its name now, at the same address. */
int doorbell_refresh(struct doorbell *doorbell, int topic_dir);
void doorbell_ring(struct doorbell *doorbell);

/* The word's value, 0 if there is none; read from the file, as a look at a
 * mapping of a file that was cut kills the process. */
uint32_t doorbell_value(const struct doorbell *doorbell);
void doorbell_close(struct doorbell *doorbell);

/* A rename is seen by others before it is durable. The stamp of a topic.yaml
 * (its inode, time and size) stands here once somebody has made its name, and
 * those above it, durable; until then everybody who writes does so. */
int doorbell_stamp(int topic_dir, uint64_t *stamp);
bool is_doorbell_settled(const struct doorbell *doorbell, uint64_t stamp);
void doorbell_settle(struct doorbell *doorbell, uint64_t stamp);

#endif
