/* What mq-dead prints, and the names of letters: PARTITION:OFFSET. */
#ifndef CMD_DEAD_VIEW_H
#define CMD_DEAD_VIEW_H

#include "base/table.h"
#include "spool/dead.h"

/* What to print: a table, or with is_whole everything there is. */
struct dead_view {
	const char *group; /* only of this one, or NULL */
	char **ids;	   /* only these, NULL-ended; empty: all */
	bool is_json;
	bool is_whole;
	struct buf *out;
	struct table table;
	size_t count;
};

/* Appends the letters of a topic to view->out (and writes that to stdout when
 * it is large), whose other members from table on are zero. 1, or 0 if there
 * are none; -FAIL_MISSING if one is named that is not there. */
int dead_view_list(struct spool *spool, const char *topic,
    struct dead_view *view);

/* -FAIL_USAGE says what is wrong, with one name, or with any of many. */
int dead_view_parse_id(const char *text, int *partition, int64_t *id);
int dead_view_check_ids(char **ids);

#endif
