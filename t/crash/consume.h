/* Goes on with a recovered spool: deliveries, dead letters, new messages. */
#ifndef CRASH_CONSUME_H
#define CRASH_CONSUME_H

#include "verify.h"
#include "view.h"

/* 0, or -1 and a sentence in why; view is what was seen, and is read anew. New
 * messages are put before the groups go on, or after. */
int consume_check(struct spool *spool, const struct promises *promises,
    struct view *view, bool is_put_first, char why[WHY_SIZE]);

/* What was leased before a kill is so now: 0, or -1 as above. */
int consume_check_held(struct spool *spool, const struct promises *promises,
    char why[WHY_SIZE]);

#endif
