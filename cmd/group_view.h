/* What mq-group prints: groups, their places, changes of these. */
#ifndef CMD_GROUP_VIEW_H
#define CMD_GROUP_VIEW_H

#include "base/table.h"
#include "queue/keeper.h"

/* One row a group: its order, members, number of topics, lag. */
int group_view_list(struct keeper *keeper, bool is_json, struct buf *out);

/* Output that grows. Collects the changes of a reset: start, then add as the
 * callback of keeper_reset, then end, which releases the view. */
struct group_view {
	bool is_json;
	bool is_verbose;
	const char *group;
	size_t rows;
	struct table table;
	struct buf *out;
};

/* One row a partition; topic NULL is all. Verbose: a row for each living
 * member and for each setting, too. -FAIL_MISSING if there is no such group. */
int group_view_show(struct group_view *view, struct keeper *keeper,
    const char *group, const char *topic, struct buf *out);

void group_view_start_changes(
    struct group_view *view, const char *group, struct buf *out);
void group_view_add_change(const struct reset_change *change, void *context);
void group_view_end_changes(struct group_view *view, bool is_done);

#endif
