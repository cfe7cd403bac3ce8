/* What mq-group prints: groups, their places, changes of these. */
#include "group_view.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/fail.h"
#include "base/json.h"

enum { METADATA_MAX = 60 }; /* of what members say, in a column */

static const char *const order_names[] = {
    [ORDER_NONE] = "none",
    [ORDER_KEY] = "key",
    [ORDER_PARTITION] = "partition",
};

/* The group whose partitions come in now, summed up. */
struct list {
	struct group_view view;
	char group[256];
	char topic[256];
	enum group_order order;
	int topics;
	int members;
	int64_t lag;
	int64_t dead;
};

static void
finish_group(struct list *list)
{
	struct table *table = &list->view.table;

	if (!*list->group)
		return;
	if (list->view.is_json) {
		buf_printf(list->view.out,
		    "{\"group\":\"%s\",\"order\":\"%s\",\"members\":%d,"
		    "\"topics\":%d,\"lag\":%" PRId64 ",\"dead\":%" PRId64 "}\n",
		    list->group, order_names[list->order], list->members,
		    list->topics, list->lag, list->dead);
		return;
	}
	table_add(table, "%s", list->group);
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

	if (strcmp(list->group, state->group) != 0) {
		finish_group(list);
		snprintf(list->group, sizeof list->group, "%s", state->group);
		*list->topic = '\0';
		list->topics = 0;
		list->lag = list->dead = 0;
	}
	if (strcmp(list->topic, state->topic) != 0) {
		snprintf(list->topic, sizeof list->topic, "%s", state->topic);
		list->topics++;
	}
	list->order = state->order;
	list->members = state->members;
	list->lag += state->lag;
	list->dead += state->dead;
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
	if (strcmp(list->group, member->group) != 0) {
		finish_group(list);
		snprintf(list->group, sizeof list->group, "%s", member->group);
		list->order = ORDER_PARTITION;
		list->topics = list->members = 0;
		list->lag = list->dead = 0;
	}
	list->members++;
}

int
group_view_list(struct spool *spool, bool is_json, struct buf *out)
{
	struct list list = {.view = {.is_json = is_json, .out = out}};
	struct newcomers newcomers = {.list = &list};
	int result;

	table_init(&list.view.table, "GROUP ORDER >MEMBERS >TOPICS >LAG >DEAD");
	result = state_list(spool, NULL, NULL, note_seen, &newcomers);
	if (result >= 0)
		result = state_members(spool, NULL, add_newcomer, &newcomers);
	if (result >= 0)
		finish_group(&list);
	if (result >= 0 && !is_json)
		table_format(&list.view.table, out);
	table_release(&list.view.table);
	buf_release(&newcomers.seen);
	return result;
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
		buf_printf(view->out,
		    "{\"group\":\"%s\",\"topic\":\"%s\",\"partition\":%d,"
		    "\"order\":\"%s\",\"start\":%" PRId64 ",\"end\":%" PRId64
		    ",\"ready\":%" PRId64 ",\"leased\":%" PRId64
		    ",\"delayed\":%" PRId64 ",\"lag\":%" PRId64
		    ",\"lag_ms\":%" PRId64 ",\"dead\":%" PRId64
		    ",\"members\":%d",
		    state->group, state->topic, state->partition,
		    order_names[state->order], state->start, state->end,
		    state->ready, state->leased, state->delayed, state->lag,
		    age_ms < 0 ? 0 : age_ms, state->dead, state->members);
		if (state->metadata != NULL) {
			buf_printf(view->out, ",\"metadata\":");
			json_bytes(view->out, slice_of(state->metadata));
		}
		buf_printf(view->out, "}\n");
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
	buf_printf(view->out, "{\"group\":\"%s\",\"member\":",
	    member->group);
	if (member->id == NULL) {
		buf_printf(view->out, "null");
	} else {
		json_bytes(view->out, slice_of(member->id));
		buf_printf(view->out, ",\"client\":");
		json_bytes(view->out, slice_of(member->client));
		buf_printf(view->out, ",\"host\":");
		json_bytes(view->out, slice_of(member->host));
	}
	buf_printf(view->out, ",\"pid\":%" PRId64 "}\n", member->pid);
}

static int
show_members(struct group_view *view, struct spool *spool, const char *group)
{
	size_t places = view->rows;
	int result;

	table_init(&view->table, "MEMBER CLIENT HOST >PID");
	result = state_members(spool, group, add_member, view);
	if (result >= 0 && !view->is_json && view->rows > places) {
		buf_printf(view->out, "\n");
		table_format(&view->table, view->out);
	}
	table_release(&view->table);
	return result;
}

int
group_view_show(struct group_view *view, struct spool *spool,
    const char *group, const char *topic, struct buf *out)
{
	int result;

	view->out = out;
	table_init(&view->table, view->is_verbose ?
	    "TOPIC >PARTITION >START >END >READY >LEASED >DELAYED >LAG >DEAD "
	    ">OLDEST METADATA" :
	    "TOPIC >PARTITION >START >END >READY >LEASED >DELAYED >LAG >DEAD "
	    ">OLDEST");
	result = state_list(spool, group, topic, add_place, view);
	if (result >= 0 && !view->is_json && view->rows > 0)
		table_format(&view->table, out);
	table_release(&view->table);
	if (result >= 0 && view->is_verbose)
		result = show_members(view, spool, group);
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

	if (view->is_json) {
		buf_printf(view->out,
		    "{\"group\":\"%s\",\"topic\":\"%s\",\"partition\":%d,"
		    "\"from\":%" PRId64 ",\"to\":%" PRId64 "}\n",
		    view->group, change->topic, change->partition, change->from,
		    change->to);
		return;
	}
	table_add(&view->table, "%s", view->group);
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
