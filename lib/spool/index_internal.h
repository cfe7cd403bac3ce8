/* An index from the inside: what its files share. */
#ifndef SPOOL_INDEX_INTERNAL_H
#define SPOOL_INDEX_INTERNAL_H

#include "spool/index.h"
#include "spool/indexfile.h"
#include "spool/walcommit.h"

/* Invariants: sql is open on the files of identity, or NULL. has_lock only in
 * a transaction, which then writes. */
struct index {
	struct spool *spool;
	int dir;
	char *path;                     /* of the directory */
	struct sql *sql;
	struct index_identity identity;
	struct walcommit *commit;       /* NULL if is_read_only */
	uint64_t generation;
	int64_t committed_us;           /* when our last transaction was */
	bool is_read_only;
	bool in_transaction;
	bool has_lock;
	bool has_notice;
	char notice[512];
};

/* Opens what has the name now, and puts aside what is damaged. A writer holds
 * the index lock. The generation rises. */
int index_open_files(struct index *index);
void index_close_files(struct index *index);

/* Puts the damaged files aside; fail_message() says what is wrong. */
int index_quarantine(struct index *index);

/* 1 if the files are those that are open, and nobody but a checkpoint has
 * written to index.db (asked of a writer only, under the index lock); 0 if they
 * have to be opened anew. */
int index_look(const struct index *index, bool is_writer);

#endif
