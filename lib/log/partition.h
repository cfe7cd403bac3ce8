/* A partition: an append-only log of batches that many processes share. */
#ifndef LOG_PARTITION_H
#define LOG_PARTITION_H

#include "log/batch.h"

enum sync_mode { SYNC_ALWAYS, SYNC_INTERVAL, SYNC_NEVER };

struct partition_options {
	unsigned char topic_id[16];
	enum sync_mode sync;
	int64_t segment_bytes; /* roll before a segment grows beyond this */
	int64_t max_bytes;     /* largest batch taken by append */
	uint32_t *doorbell;    /* the topic's, or NULL: rung when readers may
	                          see more */
	bool read_only;        /* nothing on disk is changed, not even by
	                          recovery */
};

struct partition;

/* Opens directory number of topic_dir. The control page is read, or built by a
 * scan of the log when it is missing, foreign, damaged or of an earlier boot;
 * where it cannot be built (a full disk, read_only) reading works without it.
 * Offsets survive all of that. -FAIL_MISSING if there is no such directory. The
 * caller closes it. A handle is used by one thread at a time, and not beyond a
 * fork: the append lock belongs to it. */
int partition_open(struct partition **partition, int topic_dir, int number,
    const struct partition_options *options);
void partition_close(struct partition *partition); /* accepts NULL */

/* Takes sync, segment_bytes and max_bytes anew, as topic.yaml changed. */
void partition_configure(struct partition *partition,
    const struct partition_options *options);

/* Makes the directory of a partition and its first segment, durably except
 * for the sync of topic_dir. Nothing happens if it is there. */
int partition_create(int topic_dir, int number);

/* That directory, for who looks at what lies in it. The caller closes it.
 * -FAIL_MISSING. */
int partition_open_directory(int topic_dir, int number);

/* What every process agrees on. Invariants: log_start <= high_watermark <=
 * log_end and durable_end <= log_end. */
struct partition_state {
	int64_t log_start;      /* first offset that is kept */
	int64_t log_end;        /* the next offset */
	int64_t durable_end;    /* all below survives power loss */
	int64_t high_watermark; /* readers see what is below */
	int32_t epoch;          /* rises when a recovery may have cut the log */
	bool is_stopped;        /* an fsync failed: nothing more is taken */
};
int partition_state(struct partition *partition, struct partition_state *state);

/* The epoch of directory number of topic_dir, as its control page tells, or -1
 * if that is not there, another topic's or of an earlier boot: whoever opens the
 * partition will know. Nothing is opened for longer, changed or waited for.
 * -FAIL_MISSING if there is no such directory. */
int partition_look_up_epoch(int topic_dir, int number,
    const unsigned char topic_id[16], int32_t *epoch);

/* As partition_state, but compares the page with the log first, and syncs what
 * is appended: an old copy of the page may have come back, or whoever was to
 * sync may have been killed. For whoever is about to cut what he knows, or
 * waits for a long time. -FAIL_AGAIN while somebody keeps the lock that it
 * takes. */
int partition_state_checked(struct partition *partition,
    struct partition_state *state);

/* Appends whole batches (one or more, back to back; CRC checked by whoever
 * took them from outside) in one step, to one segment, and sets their base
 * offsets and epoch in place. Returns 0 and the first and last offset given
 * out. Not yet durable: see partition_wait. -FAIL_AGAIN if the disk is full
 * (nothing is stored; half batches are cut), -FAIL_DATA if a batch is above
 * max_bytes, -FAIL_STOPPED. */
int partition_append(struct partition *partition, void *batches, size_t size,
    int64_t *first_offset, int64_t *last_offset);

/* Moves the log start up to offset, durably: readers begin there, and segments
 * wholly below are removed, also the newest if nothing of it stays. Sets
 * *log_start to where it is then: at or below it, nothing is done. -FAIL_DATA
 * if offset is beyond the log's end, -FAIL_STOPPED. */
int partition_trim(struct partition *partition, int64_t offset,
    int64_t *log_start);

/* As partition_append, but only if the log ends at state->log_end in
 * state->epoch, unless log_end is -1: else 1, and nothing is appended. Sets
 * *state to what it is then: the batches end at its log_end. */
int partition_append_at(struct partition *partition, void *batches,
    size_t size, struct partition_state *state);

/* As that, but waits neither for a lock nor for a new segment, nor has anything
 * to be synced: then -FAIL_AGAIN, and nothing is appended. The caller rings the
 * doorbell. */
int partition_append_now(struct partition *partition, void *batches,
    size_t size, struct partition_state *state);

/* What a recovery gave up since the last call, one line, for stderr;
 * NULL: nothing. Valid until the next call. */
const char *partition_notice(struct partition *partition);

/* Waits until all below end is stored as the sync mode promises: for
 * SYNC_ALWAYS by group commit; in the other modes it returns at once. */
int partition_wait(struct partition *partition, int64_t end,
    int64_t timeout_ms);

/* Makes all that is appended durable, whatever the mode. */
int partition_sync(struct partition *partition);

/* First offset cut with each epoch above `since`: the lowest start among the
 * recoveries that raised the epoch beyond it; INT64_MAX if none. Whoever keeps
 * state by offset cuts it there (DESIGN 5.10). */
int partition_cut_since(struct partition *partition, int32_t since,
    int64_t *offset);

/* Where the offsets end that were given out in an epoch, or, if it gave out
 * none, in the one before: the start of the next epoch, or the log's end. *epoch
 * is which; both are -1 if asked is none of ours. */
int partition_epoch_end(struct partition *partition, int32_t asked,
    int32_t *epoch, int64_t *end);

/* A place in the log: where the batch that holds offset begins. */
struct position {
	int64_t offset;     /* base offset of the batch */
	int64_t segment;    /* base offset of its segment file */
	int64_t byte;       /* where it begins in that file */
	int64_t timestamp;  /* highest max_timestamp before it, -1: unknown */
};

struct partition_reader;

/* Reads from the batch that holds offset (or the first behind it) on. hint, if
 * not NULL, is a known position at or before it, checked before use; without
 * one the segment is walked by headers. Offsets below log_start begin at
 * log_start. */
int partition_reader_open(struct partition_reader **reader,
    struct partition *partition, int64_t offset, const struct position *hint);

/* The next whole batch below the high watermark, CRC and continuity checked.
 * Returns 1, with *bytes valid until the next call, and *position its place;
 * 0 if there is none yet; -FAIL_CORRUPT once per bad range, after which the
 * next call goes on behind it: fail_message() names file and byte,
 * position->offset is where the next readable record is. */
int partition_reader_next(struct partition_reader *reader, struct slice *bytes,
    struct batch_header *header, struct position *position);

/* As next, but reads headers only (no CRC, no payload; *bytes is not set):
 * for walking towards an offset, a time or the end. */
int partition_reader_skip(struct partition_reader *reader,
    struct batch_header *header, struct position *position);

/* From now on what cannot be read (EIO) of a sealed segment is passed as what
 * is damaged: -FAIL_CORRUPT once per range. Without it, -FAIL_IO again and
 * again. */
void partition_reader_pass_errors(struct partition_reader *reader);

/* Whole batches that lie one after the other in a segment. */
struct partition_extent {
	int file;        /* the reader's, valid until its next call */
	int64_t segment; /* the base offset of its file */
	int64_t byte;
	int64_t size;
	int64_t offset;  /* the first, */
	int64_t next;    /* and the one behind the last */
	const void *bytes; /* NULL if they were not read; valid as file */
};

/* As next, but for sending them as they lie in the log: reads what it likes. At
 * least one batch, then as many as max_bytes allow. Only their headers are
 * checked: whoever receives them checks the rest. */
int partition_reader_extent(struct partition_reader *reader, int64_t max_bytes,
    struct partition_extent *extent);

/* Takes over what partition_state told of its partition just now: else it looks
 * itself once it has read all that it knows of. */
int partition_reader_refresh(struct partition_reader *reader);

/* Records below it are not to be shown: it was opened there, or the log begins
 * there now. */
int64_t partition_reader_start(const struct partition_reader *reader);

/* Frees what it has read ahead, until it reads on. */
void partition_reader_rest(struct partition_reader *reader);
void partition_reader_close(struct partition_reader *reader);

/* The offset of the first record at or after a time (by batches' max
 * timestamps, then records), or the high watermark if there is none. */
int partition_find_time(struct partition *partition, int64_t wall_ms,
    const struct position *hint, int64_t *offset);

/* The highest timestamp of what hint knows to be before it (which may be
 * trimmed by now), and of all behind it; -1 if there is nothing. */
int partition_find_newest(struct partition *partition,
    const struct position *hint, int64_t *wall_ms);

/* Recovery on demand (mq-fsck): drops the page cache, copies the tail of a
 * stopped partition to a new segment, scans the newest segment, cuts a torn
 * tail, rebuilds the control page, clears the stop. */
int partition_recover(struct partition *partition);

/* One finding of a check: what, where, and whether recovery mends it. */
struct partition_finding {
	const char *file;     /* NULL: the segment, or the page if that is -1 */
	int64_t segment;
	int64_t byte;
	int64_t first_offset; /* records lost or unreadable, -1 if unknown */
	int64_t last_offset;
	bool is_mendable;
	const char *text;
};

/* Reads every batch of every segment, checks CRC, continuity, names, control
 * page. Calls report for each finding. Needs no idle spool: where the log ends
 * is settled under the lock, and nothing behind is looked at. Returns the
 * number of findings. */
int partition_check(struct partition *partition,
    void (*report)(const struct partition_finding *finding, void *context),
    void *context);

/* Bytes on disk and number of segments. */
int partition_usage(struct partition *partition, int64_t *bytes,
    int64_t *segments);

#endif
