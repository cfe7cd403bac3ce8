/* Names that do not belong in a spool: leftovers of killed processes, foreign
 * files. */
#ifndef SPOOL_CHECK_NAMES_H
#define SPOOL_CHECK_NAMES_H

#include "spool/check.h"
#include "spool/topic.h"

/* Each looks at directories of the spool, and again after a moment at whatever
 * looks left over: a living process removes it soon. Returns the number of
 * findings. */
int check_names_topic(struct topic *topic,
    void (*report)(const struct check_finding *finding, void *context),
    void *context);
int check_names_spool(struct spool *spool,
    void (*report)(const struct check_finding *finding, void *context),
    void *context);

/* Removes what is left over; foreign files stay. */
int check_names_mend_topic(struct topic *topic);
int check_names_mend_spool(struct spool *spool);

#endif
