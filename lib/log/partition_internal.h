/* A partition from the inside: what its files share. */
#ifndef LOG_PARTITION_INTERNAL_H
#define LOG_PARTITION_INTERNAL_H

#include "log/control.h"
#include "log/epochs.h"
#include "log/partition.h"
#include "log/scan.h"
#include "log/segment.h"

/*
 * Invariants: control is the page as it was last read or written, or, if
 * is_private, what a scan of our own found while there is no page to be had.
 * active, if not -1, is the open segment with base active_base. has_mine: mine
 * is the log record that this process wrote, and it was the last to write it
 * as far as it knows.
 */
struct partition {
	struct partition_options options;
	int number;
	int dir;
	int file;             /* the page, -1 if there is none */
	uint32_t *words;      /* its mapping, for futex calls only; or NULL */
	struct control control;
	struct control_log mine;
	bool has_mine;
	struct control old;   /* if has_old: the page, whole but maybe of an */
	bool has_old;         /* earlier boot, or not true */
	bool is_private;
	struct stale stale;   /* if is_private: passed over by the scan */
	bool is_settled;      /* the page was compared with the log once */
	bool has_start;       /* and its log start, under the lock */
	bool is_longer;       /* batches were found behind the page's log end */
	int64_t private_ms;   /* when a page could not be made */
	int active;
	int64_t active_base;
	int64_t active_size;  /* zeros included; may have changed since */
	int64_t seen_stamp;   /* of the directory when the open files were the
	                         ones in it; 0: not known */
	struct control look;  /* if has_look: the page as a waiter saw it */
	bool has_look;
	bool is_look_new;     /* the words were read with it just now */
	bool is_published;    /* our last sync, with control.durable.count */
	int64_t target;       /* of the commit under way: appended is more than
	                         a page that does not reach it says */
	struct {
		int64_t end;  /* 0: nothing */
		uint64_t generation;
		int32_t epoch;
	} unwaited;           /* what we appended since we last waited */
	struct boot_id boot;
	struct buf notice;       /* what was healed, not told yet */
	struct buf notice_given; /* what was told last */
};

/* Reads the page without a lock, opening it anew if it was replaced: 1 if it
 * is valid and ours, 0 if not, negative if it cannot be read at all. */
int partition_load(struct partition *partition);

/* The same, without a look at the directory if that is known to have stamp. */
int partition_load_at(struct partition *partition, int64_t stamp);

/* As partition_load, and makes what is wrong good: under the lock by a refresh,
 * else (read-only, disk full) by a private scan. 0 or negative. */
int partition_current(struct partition *partition);

/* What is known, without a look. */
void partition_tell(const struct partition *partition,
    struct partition_state *state);

/* Takes the append lock, refreshes, gives it back; syncs what it found.
 * -FAIL_AGAIN if somebody keeps the lock for so long (-1: waits for ever). */
int partition_settle(struct partition *partition, int64_t patience_ms);

/* What the page that was read last, maybe of an earlier boot, says had to
 * survive: offsets below were given out. 0: no page. None is believed that is
 * further ahead of the log than PARTITION_AHEAD_MAX. */
int64_t partition_bound(const struct partition *partition);
#define PARTITION_AHEAD_MAX ((int64_t)1 << 40)

/* Scans the newest segment into partition->control, changing nothing. */
int partition_scan_private(struct partition *partition);

int partition_lock(struct partition *partition);
void partition_unlock(struct partition *partition);

/* These want the lock. Refresh brings page and log together, whatever state
 * they are in; afterwards control is true and the active segment open. */
int partition_refresh(struct partition *partition);
int partition_rebuild(struct partition *partition);
int partition_store(struct partition *partition); /* the log record */
int partition_make_page(struct partition *partition); /* an empty file */

/* True if the page's identity is this partition's. */
bool partition_owns_page(const struct partition *partition,
    const struct control *page);

/* What nobody was promised in the newest segment when the power went. From bound
 * on the highest durable end that is known: holes are filled, and stale batches
 * are part of them. INT64_MAX, and none is stale: there was no power cut, as far
 * as the page tells. */
struct outage {
	int64_t bound;
	struct stale stale;
};
int partition_find_outage(struct partition *partition,
    const struct epochs *epochs, struct outage *outage);

/* With the lock, in a rebuild: fills the holes (struct hole) of the active
 * segment that begin from bound on with empty batches, durably. The bytes are
 * kept aside. Returns how many were filled. */
int partition_heal(struct partition *partition, const struct epochs *epochs,
    int64_t bound, const struct buf *holes);

/* Opens segment base as the active one. -FAIL_MISSING if it is not there. The
 * page's stamp tells whether an open one is still the one of that name. */
int partition_open_active(struct partition *partition, int64_t base,
    int64_t stamp);

/* Makes a new, empty segment the active one; its name is durable. */
int partition_start_segment(struct partition *partition, int64_t base);


/* The directory's stamp, or 0 while an entry could still change without the
 * stamp changing. */
int64_t partition_stamp(const struct partition *partition);

/* Waits until all below end is durable, whatever the mode. */
int partition_commit(struct partition *partition, int64_t end,
    int64_t timeout_ms);

/* Notes that a batch was appended, and will be waited for. */
void partition_promise(struct partition *partition);

/* Whether what we have not waited for is still in the log: -FAIL_IO if a
 * recovery has cut it since, told by the generation that the page has now. */
int partition_check_promise(struct partition *partition, uint64_t generation);

/* Begins the next segment, with the lock and all in the old one durable. */
int partition_roll(struct partition *partition);

/* What the file of the log start says; 0 if it says nothing. */
int partition_read_start(const struct partition *partition, int64_t *written);

/* The log start by that file and the names of the segments. */
int partition_find_start(const struct partition *partition,
    const struct segment_list *list, int64_t log_end, int64_t *start);

/* Compares the page's log start with the disk, and sets control right: 1 if it
 * was wrong. */
int partition_verify_start(struct partition *partition);

/* With the lock: takes it up, and sweeps. FIT_WRONG if the log ends below a
 * start that was durable. */
int partition_take_start(struct partition *partition);

/* With the lock: removes segments that are wholly below the log start. One that
 * cannot be removed stays, with those behind it, for the next sweep. */
void partition_sweep(struct partition *partition,
    const struct segment_list *list);

/* Notes that a sync failed. Returns -FAIL_STOPPED with a message. */
int partition_stop(struct partition *partition, const char *what);
int partition_fail_stopped(const struct partition *partition);

/* Compares the end of the page's active segment with the page. */
enum fit {
	FIT_EXACT,  /* the last batch is where the page says, zeros follow */
	FIT_LONGER, /* something follows it */
	FIT_WRONG,  /* it is not there */
};
int partition_fit(struct partition *partition);

#endif
