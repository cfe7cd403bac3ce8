/* The views of mq-stat: tables, or JSON Lines, into a buffer. */
#ifndef CMD_VIEW_H
#define CMD_VIEW_H

#include "summary.h"

struct view {
	struct keeper *keeper;
	const char *group; /* only this one, or NULL */
	char **topics;	   /* only these, NULL-ended; empty: all */
	bool is_json;
	int *left_out;	   /* the exit status, if a topic that was listed has a
			    * bad configuration: it is named and left out */
};

/* Calls each with the name of every topic of the view. */
int view_topics(const struct view *view,
    int (*each)(const char *topic, void *context), void *context);

/* Calls each with the rows of all topics of the view. */
int view_summaries(const struct view *view,
    int (*each)(const struct summary *row, void *context), void *context);

/* Each appends its table to out, or one JSON object a row. */
int view_table(const struct view *view, struct buf *out);
int view_segments(const struct view *view, struct buf *out);

/* Only a spool has these. */
int view_leases(const struct view *view, struct buf *out);
int view_dead(const struct view *view, struct buf *out);

#endif
