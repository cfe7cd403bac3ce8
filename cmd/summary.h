/* One row of mq-stat: a topic, or a group on a topic, over its partitions. */
#ifndef CMD_SUMMARY_H
#define CMD_SUMMARY_H

#include "queue/keeper.h"

/* Counts that do not apply (a topic that no group reads), or that nobody tells,
 * are -1. */
struct summary {
	char topic[256];
	char group[256]; /* "": no group */
	int64_t messages;
	int64_t bytes;
	int64_t segments;
	int64_t ready;
	int64_t leased;
	int64_t delayed;
	int64_t dead;
	int64_t lag;
	int64_t oldest_ms; /* the oldest unsettled message's timestamp, or -1 */
	int64_t age_ms; /* how long ago that was: the lag in time; 0: no lag */
	int64_t members;
};

/* Makes the rows of one topic, ordered by group, and calls each for them;
 * group NULL is all, and then a topic without groups has a row too. */
int summary_list(struct keeper *keeper, const char *topic, const char *group,
    int (*each)(const struct summary *row, void *context), void *context);

#endif
