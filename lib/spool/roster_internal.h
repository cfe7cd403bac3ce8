/* What the two files of rosters share (internal to them). */
#ifndef SPOOL_ROSTER_INTERNAL_H
#define SPOOL_ROSTER_INTERNAL_H

#include "spool/roster.h"

struct roster_book {
	struct spool *spool;
	struct index *index;
	struct session session;
};

/* One of two uses a group at a time: processes in the directory, or a server.
 * -FAIL_AGAIN says who has it; in a transaction. */
int roster_book_check_free(struct roster_book *book, int64_t group_id,
    const char *name);

#endif
