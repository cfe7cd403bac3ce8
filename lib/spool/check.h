/* Checking a spool: every batch, every name, the index against the log. */
#ifndef SPOOL_CHECK_H
#define SPOOL_CHECK_H

#include "spool/spool.h"

/* Something that is wrong. Strings are valid during the call. */
struct check_finding {
	const char *path;     /* of the file, below the spool */
	int64_t byte;	      /* where in it, -1: all of it */
	int64_t first_offset; /* records that cannot be read, -1: none, or
				 unknown */
	int64_t last_offset;
	const char *text;
	bool is_mendable;
};

/* Checks a topic; it changes nothing in a spool opened SPOOL_READ and needs no
 * idle one. A topic that cannot be opened is a finding. Returns
 * the number of findings; -FAIL_MISSING for no such topic. */
int check_topic(struct spool *spool, const char *name,
    void (*report)(const struct check_finding *finding, void *context),
    void *context);

/* Checks what does not belong to one topic: names in the spool, the index. */
int check_spool(struct spool *spool,
    void (*report)(const struct check_finding *finding, void *context),
    void *context);

/* Mends of the same what can be mended without losing anything readable. What
 * cannot be mended is no failure: check again. */
int check_mend_topic(struct spool *spool, const char *name);
int check_mend_spool(struct spool *spool);

#endif
