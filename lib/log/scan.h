/* Walking over the batches of one segment, whatever its bytes are. */
#ifndef LOG_SCAN_H
#define LOG_SCAN_H

#include "base/buf.h"
#include "log/batch.h"
#include "log/window.h"

/* Batches at these offsets that carry a lower epoch are of a tail that was cut:
 * of the bytes behind the end of a file, say, that a power cut brought back. All
 * zero refuses none. */
struct stale {
	int64_t from;
	int32_t epoch;
};

/* window.fd and window.end (no byte behind it is looked at) are set by the
 * caller, as are stale and limit: no batch has that offset or a later one, as
 * they are the next segment's. 0: there is none. */
struct scan {
	struct window window;
	struct stale stale;
	int64_t limit;
};

/* No batch carries a later one. Any other that is not stale is taken, also one
 * that the page and the file of epochs do not know: both may be lost or old, and
 * it is no part of a message. partition_check compares. */
enum { SCAN_EPOCH_MAX = INT32_MAX - 2 };

/* Looks at the batch at `byte`, whose base offset has to be `expected`.
 * 1 and the header; 0 if zeros or nothing are there; -FAIL_CORRUPT. The first
 * reads the header only, the second checks the whole batch, whose bytes are
 * valid until the next call. */
int scan_header(struct scan *scan, int64_t byte, int64_t expected,
    struct batch_header *header);
int scan_batch(struct scan *scan, int64_t byte, int64_t expected,
    struct batch_header *header, const unsigned char **bytes);

/* Searches the next intact batch behind a bad one that begins at `byte` and
 * was to have the offset `expected`. A payload may hold batches too: first the
 * place counts where the checksum of the bad one says that it ends, with one bit
 * of its length changed or with another length; then its length, where an
 * intact batch follows; else the candidate with the longest chain of followers,
 * or the first whose chain is longer than 1 MiB.
 * is_torn: the bad one may be half written; only a candidate that begins where
 * its checksum says it ends counts. 1 and its place, 0 if there is none. */
int scan_resync(struct scan *scan, int64_t byte, int64_t expected,
    bool is_torn, int64_t *found, struct batch_header *header);

/* The place behind the last byte from `byte` on that is not zero; `byte` if
 * there is none; negative if that cannot be read. */
int64_t scan_data_end(struct scan *scan, int64_t byte);

/* A bad range with an intact batch behind it. */
struct hole {
	int64_t byte;
	int64_t end;    /* where the intact batch begins */
	int64_t offset; /* expected at byte */
	int64_t next;   /* base offset of the intact batch */
	int32_t epoch;  /* of that */
};

/* What is behind the last known batch of an active segment. */
struct tail {
	int64_t byte;       /* in: where to begin; out: behind the last batch */
	int64_t offset;     /* in: expected there; out: the next offset */
	int64_t last_batch; /* out: where the last batch begins */
	int32_t epoch;      /* out: the highest seen, -1 if none */
	int bad_ranges;     /* out: with intact batches behind them */
	bool is_torn;       /* out: bytes that are no batch follow, */
	int64_t data_end;   /* up to here */
	bool is_partial;    /* and they are fewer than the batch was to have */
	struct buf *holes;  /* in: struct hole are appended, or NULL */
};

int scan_tail(struct scan *scan, struct tail *tail);

#endif
