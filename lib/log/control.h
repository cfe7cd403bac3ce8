/* The control page: what every process that uses a partition agrees on. */
#ifndef LOG_CONTROL_H
#define LOG_CONTROL_H

#include "base/clock.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * The page is drawn in mq-spool(5): two records with a checksum each, and
 * futex words. It is a cache of the log: whoever reads it validates it.
 * Records go through pread and pwrite, never through a mapping, so that a page
 * cut short by somebody else is an invalid page and not a SIGBUS.
 */
enum {
	CONTROL_SIZE = 4096,
	CONTROL_WORDS_AT = 256,
	CONTROL_WORDS = 2,
	CONTROL_BORN_AT = 512,
	CONTROL_USED = CONTROL_WORDS_AT + CONTROL_WORDS * sizeof(uint32_t),
};

/* Written under the append lock. */
struct control_log {
	unsigned char topic_id[16];
	int32_t number;      /* of the partition */
	int32_t epoch;
	struct boot_id boot; /* of the machine when it was written */
	uint64_t generation; /* random, new with each rebuild */
	int64_t log_start;
	int64_t log_end;
	int64_t segment;     /* base offset of the active one */
	int64_t length;      /* bytes of batches in it */
	int64_t last_batch;  /* where its last batch begins, if length > 0 */
	int64_t stamp;       /* of the directory, 0 if not to be relied on */
};

/* Written by whoever has the sync role, or by a rebuild. All below end, which
 * is at byte of segment, survives power loss. */
struct control_durable {
	uint64_t generation; /* that of the log record it belongs to */
	int64_t end;
	int64_t segment;
	int64_t byte;
	int64_t syncing_end; /* what the sync that began last makes durable */
	uint64_t count;      /* of syncs that are over */
	bool is_syncing;     /* a sync began; left over by a killed process */
	bool is_stopped;     /* a sync failed */
};

struct control {
	struct control_log log;
	struct control_durable durable;
	/* Sync number N rings word N modulo 2, where those sleep whom it
	 * serves; those who need the next one sleep on the other. */
	uint32_t words[CONTROL_WORDS];
};

/* The first CONTROL_USED bytes of a page. True if both records are whole and
 * fit each other; identity and boot are not looked at. */
bool control_decode(const unsigned char *page, struct control *control);

/* The first CONTROL_WORDS_AT bytes of a page: all but the words. */
void control_encode(unsigned char *page, const struct control *control);

/* 1 if the page can be decoded, 0 if not, else an error. Retries while a
 * writer is at work. */
int control_read(int fd, struct control *control);

/* Which of the two records is whole, each for itself: a sum. For who finds a
 * page that is not valid, after a power cut. */
enum { CONTROL_HAS_LOG = 1, CONTROL_HAS_DURABLE = 2 };
int control_read_parts(int fd, struct control *control);

int control_write_log(int fd, const struct control_log *log);
int control_write_durable(int fd, const struct control_durable *durable);

/* Both at once; makes the file as long as a page first. */
int control_write(int fd, const struct control *control);

/* Of which partition the page is, and in which boot it was made: topic_id,
 * number and boot of log. It is not written again before the next rebuild, which
 * syncs it, so it is there if a power cut tears both records. Read: 1, 0 if it
 * is not whole. */
int control_write_born(int fd, const struct control_log *log);
int control_read_born(int fd, struct control_log *log);

#endif
