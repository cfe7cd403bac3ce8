/* Where a reset leads to. */
#ifndef SPOOL_STATE_TARGET_H
#define SPOOL_STATE_TARGET_H

#include "spool/state_rows.h"

/* The offset, not before the log's start nor behind its end, to which a row goes
 * whose log is open. */
int state_target_find(const struct state_log *log, const struct state_row *row,
    enum reset kind, int64_t value, int64_t *target);

#endif
