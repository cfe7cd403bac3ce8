/* What mq-group prints: groups, their places, changes of these. */
#include "group_view.h"

#include <string.h>

#include "base/clock.h"
#include "base/fail.h"
#include "base/json.h"

enum {
	METADATA_MAX = 60, /* of what members say, in a column */
	NAME_MAX_SHOWN = 256,
};

static const char *const order_names[] = {
    [ORDER_NONE] = "none",
    [ORDER_KEY] = "key",
    [ORDER_PARTITION] = "partition",
};

/* The group whose partitions come in now, summed up. */
struct list {
	struct group_view view;
	struct buf group; /* text; empty: none yet */
	struct buf topic;
	enum group_order order;
	int topics;
	int members;
	int64_t lag;
	int64_t dead;
};

static bool
is_text(struct buf *buf, const char *text)
{
	return strcmp(buf_text(buf), text) == 0;
}

static void
set_text(struct buf *buf, const char *text)
{
	buf_clear(buf);
	buf_append_text(buf, text);
}

static void
finish_group(struct list *list)
{
	struct table *table = &list->view.table;
	struct buf *out = list->view.out;

	if (list->group.size == 0)
		return;
	if (list->view.is_json) {
		buf_append_byte(out, '{');
		json_add_bytes(out, "group", buf_slice(&list->group));
		json_add_bytes(out, "order",
		    slice_of(order_names[list->order]));
		json_add_count(out, "members", list->members);
		json_add_count(out, "topics", list->topics);
		json_add_count(out, "lag", list->lag);
		json_add_count(out, "dead", list->dead);
		buf_append_text(out, "}\n");
		return;
	}
	table_add_bytes(table, buf_slice(&list->group), NAME_MAX_SHOWN);
	table_add(table, "%s", order_names[list->order]);
	table_add_count(table, list->members);
	table_add_count(table, list->topics);
	table_add_count(table, list->lag);
	table_add_count(table, list->dead);
}

static int
sum_group(const struct group_state *state, void *context)
{
	struct list *list = context;

	if (!is_text(&list->group, state->group)) {
		finish_group(list);
		set_text(&list->group, state->group);
		buf_clear(&list->topic);
		list->topics = 0;
		list->lag = list->dead = 0;
	}
	if (!is_text(&list->topic, state->topic)) {
		set_text(&list->topic, state->topic);
		list->topics++;
	}
	list->order = state->order;
	list->members = state->members;
	keeper_add_count(&list->lag, state->lag);
	keeper_add_count(&list->dead, state->dead);
	return 0;
}

/* Members of groups that have no place on any topic yet. */
struct newcomers {
	struct list *list;
	struct buf seen; /* names of groups that are in the list */
};

static bool
is_seen(const struct newcomers *newcomers, const char *group)
{
	const char *name = (const char *)newcomers->seen.data;
	const char *end = name + newcomers->seen.size;

	for (; name < end; name += strlen(name) + 1)
		if (strcmp(name, group) == 0)
			return true;
	return false;
}

static int
note_seen(const struct group_state *state, void *context)
{
	struct newcomers *newcomers = context;

	if (!is_seen(newcomers, state->group))
		buf_append(&newcomers->seen, state->group,
		    strlen(state->group) + 1);
	return sum_group(state, newcomers->list);
}

static void
add_newcomer(const struct member_state *member, void *context)
{
	struct newcomers *newcomers = context;
	struct list *list = newcomers->list;

	if (member->id == NULL || is_seen(newcomers, member->group))
		return;
	if (!is_text(&list->group, member->group)) {
		finish_group(list);
		set_text(&list->group, member->group);
		list->order = ORDER_PARTITION;
		list->topics = list->members = 0;
		list->lag = list->dead = 0;
	}
	list->members++;
}

int
group_view_list(struct keeper *keeper, bool is_json, struct buf *out)
{
	struct list list = {.view = {.is_json = is_json, .out = out}};
	struct newcomers newcomers = {.list = &list};
	int result;

	table_init(&list.view.table, "GROUP ORDER >MEMBERS >TOPICS >LAG >DEAD");
	result = keeper_groups(keeper, NULL, NULL, note_seen, &newcomers);
	if (result >= 0)
		result = keeper_members(keeper, NULL, add_newcomer, &newcomers);
	if (result >= 0)
		finish_group(&list);
	if (result >= 0 && !is_json)
		table_format(&list.view.table, out);
	table_release(&list.view.table);
	buf_release(&list.group);
	buf_release(&list.topic);
	buf_release(&newcomers.seen);
	return result;
}

static void
add_place_json(struct buf *out, const struct group_state *state,
    int64_t age_ms)
{
	buf_append_byte(out, '{');
	json_add_bytes(out, "group", slice_of(state->group));
	json_add_bytes(out, "topic", slice_of(state->topic));
	json_add_count(out, "partition", state->partition);
	json_add_bytes(out, "order", slice_of(order_names[state->order]));
	json_add_count(out, "start", state->start);
	json_add_count(out, "end", state->end);
	json_add_count(out, "ready", state->ready);
	json_add_count(out, "leased", state->leased);
	json_add_count(out, "delayed", state->delayed);
	json_add_count(out, "lag", state->lag);
	json_add_count(out, "lag_ms", age_ms);
	json_add_count(out, "dead", state->dead);
	json_add_count(out, "members", state->members);
	if (state->metadata != NULL)
		json_add_bytes(out, "metadata", slice_of(state->metadata));
	buf_append_text(out, "}\n");
}

static int
add_place(const struct group_state *state, void *context)
{
	struct group_view *view = context;
	struct table *table = &view->table;
	int64_t age_ms = clock_wall_ms() - state->oldest_ms;

	if (state->oldest_ms < 0)
		age_ms = -1;
	else if (age_ms < 0)
		age_ms = 0;
	view->rows++;
	if (view->is_json) {
		add_place_json(view->out, state, state->lag == 0 ? 0 : age_ms);
		return 0;
	}
	table_add(table, "%s", state->topic);
	table_add_count(table, state->partition);
	table_add_count(table, state->start);
	table_add_count(table, state->end);
	table_add_count(table, state->ready);
	table_add_count(table, state->leased);
	table_add_count(table, state->delayed);
	table_add_count(table, state->lag);
	table_add_count(table, state->dead);
	table_add_age(table, age_ms);
	if (view->is_verbose)
		table_add_bytes(table, slice_of(state->metadata == NULL ? "-" :
		    state->metadata), METADATA_MAX);
	return 0;
}

static void
add_member(const struct member_state *member, void *context)
{
	struct group_view *view = context;
	struct table *table = &view->table;
	struct buf *out = view->out;

	view->rows++;
	if (!view->is_json) {
		table_add_bytes(table, slice_of(member->id == NULL ? "-" :
		    member->id), METADATA_MAX);
		table_add_bytes(table, slice_of(member->id == NULL ? "-" :
		    member->client), METADATA_MAX);
		table_add_bytes(table, slice_of(member->id == NULL ? "-" :
		    member->host), METADATA_MAX);
		table_add_count(table, member->pid);
		return;
	}
	buf_append_byte(out, '{');
	json_add_bytes(out, "group", slice_of(member->group));
	if (member->id == NULL) {
		json_add_bytes(out, "member", (struct slice){0});
	} else {
		json_add_bytes(out, "member", slice_of(member->id));
		json_add_bytes(out, "client", slice_of(member->client));
		json_add_bytes(out, "host", slice_of(member->host));
	}
	json_add_count(out, "pid", member->pid);
	buf_append_text(out, "}\n");
}

static int
show_members(struct group_view *view, struct keeper *keeper, const char *group)
{
	size_t places = view->rows;
	int result;

	table_init(&view->table, "MEMBER CLIENT HOST >PID");
	result = keeper_members(keeper, group, add_member, view);
	if (result >= 0 && !view->is_json && view->rows > places) {
		buf_printf(view->out, "\n");
		table_format(&view->table, view->out);
	}
	table_release(&view->table);
	return result;
}

static void
add_setting(const char *key, const char *value, void *context)
{
	struct group_view *view = context;

	view->rows++;
	if (!view->is_json) {
		table_add_bytes(&view->table, slice_of(key), NAME_MAX_SHOWN);
		table_add_bytes(&view->table, slice_of(value), METADATA_MAX);
		return;
	}
	buf_append_byte(view->out, '{');
	json_add_bytes(view->out, "group", slice_of(view->group));
	json_add_bytes(view->out, "setting", slice_of(key));
	json_add_bytes(view->out, "value", slice_of(value));
	buf_append_text(view->out, "}\n");
}

/* A group may have settings before it has anything else. */
static int
show_settings(struct group_view *view, struct keeper *keeper,
    const char *group)
{
	size_t before = view->rows;
	int result;

	view->group = group;
	table_init(&view->table, "SETTING VALUE");
	result = keeper_group_settings(keeper, group, add_setting, view);
	if (result >= 0 && !view->is_json && view->rows > before) {
		buf_append_text(view->out, before > 0 ? "\n" : "");
		table_format(&view->table, view->out);
	}
	table_release(&view->table);
	return result;
}

int
group_view_show(struct group_view *view, struct keeper *keeper,
    const char *group, const char *topic, struct buf *out)
{
	int result;

	view->out = out;
	table_init(&view->table, view->is_verbose ?
	    "TOPIC >PARTITION >START >END >READY >LEASED >DELAYED >LAG >DEAD "
	    ">OLDEST METADATA" :
	    "TOPIC >PARTITION >START >END >READY >LEASED >DELAYED >LAG >DEAD "
	    ">OLDEST");
	result = keeper_groups(keeper, group, topic, add_place, view);
	if (result >= 0 && !view->is_json && view->rows > 0)
		table_format(&view->table, out);
	table_release(&view->table);
	if (result >= 0 && view->is_verbose)
		result = show_members(view, keeper, group);
	if (result >= 0 && view->is_verbose)
		result = show_settings(view, keeper, group);
	if (result >= 0 && view->rows == 0)
		result = fail(FAIL_MISSING, "no group %s%s%s", group,
		    topic ? " on topic " : "", topic ? topic : "");
	return result;
}

void
group_view_start_changes(
    struct group_view *view, const char *group, struct buf *out)
{
	view->group = group;
	view->out = out;
	table_init(&view->table, "GROUP TOPIC >PARTITION >FROM >TO");
}

void
group_view_add_change(const struct reset_change *change, void *context)
{
	struct group_view *view = context;
	struct buf *out = view->out;

	if (view->is_json) {
		buf_append_byte(out, '{');
		json_add_bytes(out, "group", slice_of(view->group));
		json_add_bytes(out, "topic", slice_of(change->topic));
		json_add_count(out, "partition", change->partition);
		json_add_count(out, "from", change->from);
		json_add_count(out, "to", change->to);
		buf_append_text(out, "}\n");
		return;
	}
	table_add_bytes(&view->table, slice_of(view->group), NAME_MAX_SHOWN);
	table_add(&view->table, "%s", change->topic);
	table_add_count(&view->table, change->partition);
	table_add_count(&view->table, change->from);
	table_add_count(&view->table, change->to);
}

void
group_view_end_changes(struct group_view *view, bool is_done)
{
	if (is_done && !view->is_json)
		table_format(&view->table, view->out);
	table_release(&view->table);
}
