/* The index of a spool: transactions of many processes on one SQLite file. */
#ifndef SPOOL_INDEX_H
#define SPOOL_INDEX_H

#include "spool/sql.h"
#include "spool/topic.h"

/*
 * One connection per spool handle, opened on first use, closed with the spool.
 * Writers of all processes queue on the index lock (flock on the SPOOL
 * directory), so nobody sees SQLITE_BUSY.
 *
 * The file may be deleted, replaced or damaged at any time: a begin then
 * continues on the new file (a damaged one is put aside as index.db.corrupt-
 * TIME), and the generation rises: whoever keeps ids of rows looks them up
 * again when it differs.
 */
struct index;

/* -FAIL_MISSING if the spool is read-only and has no index; -FAIL_CORRUPT if it
 * is read-only and damaged. The index belongs to the spool. */
int index_open(struct index **index, struct spool *spool);

/* Begins a transaction that writes: the index lock is held until its end.
 * -FAIL_PERMISSION in a read-only spool. No transactions inside of others
 * (-FAIL_BUG). */
int index_begin(struct index *index);

/* Begins a snapshot for reading, without any lock. Ends with index_abort. */
int index_read(struct index *index);

/* Opens the index and begins such a snapshot: 1, or 0 if there is no index, and
 * so nothing in it. The index belongs to the spool. */
int index_open_read(struct index **index, struct spool *spool);

/* Ends it. After a failure of anything in between: abort, then begin again if
 * the generation has risen (index_abort puts a damaged file aside), else give
 * up. */
int index_commit(struct index *index);
void index_abort(struct index *index);

/* Ends one that writes: commits it if the result of what was done in it is no
 * failure. 0, or that failure, or the commit's. */
int index_end(struct index *index, int result);

/* Waits until all that this handle has committed survives power loss. */
int index_durable(struct index *index);

/* Outside of transactions: puts the file aside, and the next begin makes a new
 * one. */
int index_put_aside(struct index *index, const char *why);

struct sql *index_sql(struct index *index);
uint64_t index_generation(const struct index *index);

/* The row of a topic, by its id of 128 bits; made if missing, in a transaction
 * that writes. -FAIL_MISSING if missing in a snapshot. */
int index_topic(struct index *index, const struct topic *topic, int64_t *id);

/* What was mended since the last call, one sentence, for stderr; NULL:
 * nothing. */
const char *index_notice(struct index *index);
void index_note(struct index *index, const char *text); /* leaves one */

/* Keys of the table meta. */
enum { META_BOOT = 1 };

#endif
