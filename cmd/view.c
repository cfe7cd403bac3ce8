/* The views of mq-stat: tables, or JSON Lines, into a buffer. */
#include "view.h"

#include "base/fail.h"
#include "base/json.h"
#include "base/table.h"
#include "tool.h"

/* Visits topics that were listed: one deleted since then is no error. */
struct visit {
	const struct view *view;
	int (*each)(const char *topic, void *context);
	void *context;
};

static int
visit_topic(const char *name, void *context)
{
	struct visit *visit = context;
	int result = visit->each(name, visit->context);

	if (result == -FAIL_CONFIG || result == -FAIL_DATA) {
		tool_tell("%s", fail_message());
		*visit->view->left_out = fail_status(result);
		result = 0;
	}
	return result == -FAIL_MISSING ? 0 : result;
}

int
view_topics(const struct view *view,
    int (*each)(const char *topic, void *context), void *context)
{
	struct visit visit = {view, each, context};
	int result = 0;

	if (!*view->topics)
		return keeper_topics(view->keeper, visit_topic, &visit);
	for (char **name = view->topics; *name && result >= 0; name++)
		result = each(*name, context);
	return result;
}

/* What the callbacks of one view share. */
struct page {
	const struct view *view;
	struct table table;
	struct buf *out;
	const char *topic; /* whose partitions come in now */
	int (*each)(const struct summary *row, void *context);
	void *context;
};

/* Runs a view: titles, its topics, and the table if it is one. */
static int
run_view(const struct view *view, const char *titles,
    int (*each)(const char *name, void *context), struct buf *out)
{
	struct page page = {.view = view, .out = out};
	int result;

	table_init(&page.table, titles);
	result = view_topics(view, each, &page);
	if (result >= 0 && !view->is_json)
		table_format(&page.table, out);
	table_release(&page.table);
	return result;
}

static int
summarise_topic(const char *name, void *context)
{
	struct page *page = context;

	return summary_list(page->view->keeper, name, page->view->group,
	    page->each, page->context);
}

int
view_summaries(const struct view *view,
    int (*each)(const struct summary *row, void *context), void *context)
{
	struct page page = {.view = view, .each = each, .context = context};

	return view_topics(view, summarise_topic, &page);
}

static void
append_names(struct buf *out, const char *topic, const char *group)
{
	buf_append_byte(out, '{');
	json_add_bytes(out, "topic", slice_of(topic));
	json_add_bytes(out, "group", *group ? slice_of(group) :
	    (struct slice){0});
}

static void
append_summary(struct buf *out, const struct summary *row)
{
	append_names(out, row->topic, row->group);
	json_add_count(out, "messages", row->messages);
	json_add_count(out, "ready", row->ready);
	json_add_count(out, "leased", row->leased);
	json_add_count(out, "delayed", row->delayed);
	json_add_count(out, "dead", row->dead);
	json_add_count(out, "lag", row->lag);
	json_add_count(out, "lag_ms", row->age_ms);
	if (row->oldest_ms < 0)
		json_add_bytes(out, "oldest", (struct slice){0});
	else
		json_add_time(out, "oldest", row->oldest_ms);
	json_add_count(out, "members", row->members);
	json_add_count(out, "segments", row->segments);
	json_add_count(out, "bytes", row->bytes);
	buf_append_text(out, "}\n");
}

static int
add_summary(const struct summary *row, void *context)
{
	struct page *page = context;
	struct table *table = &page->table;

	if (page->view->is_json) {
		append_summary(page->out, row);
		return 0;
	}
	table_add(table, "%s", row->topic);
	table_add_bytes(table, slice_of(*row->group ? row->group : "-"),
	    sizeof row->group);
	table_add_count(table, row->messages);
	table_add_count(table, row->ready);
	table_add_count(table, row->leased);
	table_add_count(table, row->delayed);
	table_add_count(table, row->dead);
	table_add_count(table, row->lag);
	table_add_age(table, row->oldest_ms < 0 ? -1 : row->age_ms);
	table_add_count(table, row->bytes);
	return 0;
}

static int
add_topic(const char *name, void *context)
{
	struct page *page = context;

	return summary_list(
	    page->view->keeper, name, page->view->group, add_summary, page);
}

int
view_table(const struct view *view, struct buf *out)
{
	return run_view(view,
	    "TOPIC GROUP >MESSAGES >READY >LEASED >DELAYED >DEAD >LAG "
	    ">OLDEST >BYTES",
	    add_topic, out);
}

static int
add_lease(const struct lease_state *lease, void *context)
{
	struct page *page = context;
	struct table *table = &page->table;
	const char *state = lease->is_leased ? "leased" : "delayed";

	if (page->view->is_json) {
		append_names(page->out, lease->topic, lease->group);
		json_add_bytes(page->out, "state", slice_of(state));
		json_add_count(page->out, "partition", lease->partition);
		json_add_count(page->out, "first", lease->first);
		json_add_count(page->out, "last", lease->last);
		json_add_count(page->out, "attempt", lease->attempt);
		json_add_count(page->out, "remaining_ms", lease->remaining_ms);
		json_add_count(page->out, "pid",
		    lease->pid > 0 ? lease->pid : -1);
		buf_append_text(page->out, "}\n");
		return 0;
	}
	table_add(table, "%s", lease->topic);
	table_add(table, "%s", lease->group);
	table_add_count(table, lease->partition);
	table_add_count(table, lease->first);
	table_add_count(table, lease->last);
	table_add(table, "%s", state);
	table_add_count(table, lease->attempt);
	table_add_age(table, lease->remaining_ms);
	table_add_count(table, lease->pid > 0 ? lease->pid : -1);
	return 0;
}

static int
add_topic_leases(const char *name, void *context)
{
	struct page *page = context;

	return state_leases(
	    keeper_spool(page->view->keeper), page->view->group, name,
	    add_lease, page);
}

int
view_leases(const struct view *view, struct buf *out)
{
	return run_view(view,
	    "TOPIC GROUP >PARTITION >FIRST >LAST STATE >ATTEMPT >REMAINING "
	    ">PID",
	    add_topic_leases, out);
}

static void
append_partition(struct buf *out, const char *topic,
    const struct keeper_partition *state)
{
	buf_append_byte(out, '{');
	json_add_bytes(out, "topic", slice_of(topic));
	json_add_count(out, "partition", state->number);
	json_add_count(out, "log_start", state->log_start);
	json_add_count(out, "log_end", state->log_end);
	json_add_count(out, "durable_end", state->durable_end);
	json_add_count(out, "high_watermark", state->high_watermark);
	json_add_count(out, "epoch", state->epoch);
	buf_printf(out, ",\"stopped\":%s", state->is_stopped < 0 ? "null" :
	    state->is_stopped ? "true" : "false");
	json_add_count(out, "segments", state->segments);
	json_add_count(out, "bytes", state->bytes);
	buf_append_text(out, "}\n");
}

static int
add_partition(const struct keeper_partition *state, void *context)
{
	struct page *page = context;
	struct table *table = &page->table;

	if (page->view->is_json) {
		append_partition(page->out, page->topic, state);
		return 0;
	}
	table_add(table, "%s", page->topic);
	table_add_count(table, state->number);
	table_add_count(table, state->segments);
	table_add_count(table, state->bytes);
	table_add_count(table, state->log_start);
	table_add_count(table, state->log_end);
	table_add_count(table, state->high_watermark);
	table_add_count(table, state->epoch);
	table_add(table, "%s", state->is_stopped < 0 ? "-" :
	    state->is_stopped ? "stopped" : "ok");
	return 0;
}

static int
add_topic_segments(const char *name, void *context)
{
	struct page *page = context;

	page->topic = name;
	return keeper_partitions(page->view->keeper, name, add_partition, page);
}

int
view_segments(const struct view *view, struct buf *out)
{
	return run_view(view,
	    "TOPIC >PARTITION >SEGMENTS >BYTES >START >END >WATERMARK >EPOCH "
	    "STATE",
	    add_topic_segments, out);
}
