/* A member: struct group, and its place in the index. */
#include "spool/member.h"
#include "base/clock.h"
#include "base/fail.h"
#include "spool/positions.h"
#include "spool/roster.h"

#include <stdlib.h>
#include <string.h>

enum { REAP_MS = 100 };

void
member_set_policy(struct source *source, int64_t lease_ms,
    int64_t max_attempts, int64_t backoff_low_ms, int64_t backoff_high_ms)
{
	const struct topic_settings *settings = topic_settings(source->topic);
	const char *name = topic_name(source->topic);
	size_t size = strlen(name);

	source->policy = (struct policy){
		.lease_ms = lease_ms > 0 ? lease_ms : settings->lease_ms,
		.max_attempts = max_attempts > 0 ? max_attempts
		                                 : settings->max_attempts,
		.backoff_low_ms = backoff_low_ms >= 0
		    ? backoff_low_ms : settings->backoff_low_ms,
		.backoff_high_ms = backoff_high_ms >= 0
		    ? backoff_high_ms : settings->backoff_high_ms,
	};
	source->is_dead_letters =
	    (size > 5 && strcmp(name + size - 5, ".dead") == 0) ||
	    strcmp(name, settings->dead_letter_topic) == 0;
}

int
member_read_settings(struct group *group)
{
	struct group_settings old = group->settings;
	int result = index_read(group->index);

	group->settings_ms = clock_boot_ms();
	if (result < 0)
		return result == -FAIL_MISSING ? 0 : result;
	result = group->options.order == ORDER_PARTITION ? 0 :
	    group_settings_read(index_sql(group->index), group->name,
	        &group->settings);
	index_abort(group->index);
	return result < 0 ? result :
	    old.lease_ms != group->settings.lease_ms ||
	    old.max_attempts != group->settings.max_attempts;
}

void
member_follow(const struct group *group, struct source *source)
{
	const struct group_options *options = &group->options;

	member_set_policy(source, options->lease_ms > 0 ? options->lease_ms :
	    group->settings.lease_ms, options->max_attempts > 0 ?
	    options->max_attempts : group->settings.max_attempts,
	    options->backoff_low_ms, options->backoff_high_ms);
}

void
member_grow(struct group *group, struct source *source)
{
	int count = topic_partition_count(source->topic);
	struct sub **subs;

	if (count <= source->count)
		return;
	subs = memory_alloc((size_t)count * sizeof(*subs));
	if (source->count > 0)
		memcpy(subs, source->subs,
		    (size_t)source->count * sizeof(*subs));
	for (int i = source->count; i < count; i++) {
		subs[i] = memory_alloc(sizeof(**subs));
		subs[i]->index = group->index;
		subs[i]->source = source;
		subs[i]->number = i;
		subs[i]->group = group->name;
		subs[i]->order = group->options.order;
	}
	free(source->subs);
	source->subs = subs;
	source->count = count;
	group->generation = 0;
}

void
member_release_source(struct source *source)
{
	for (int i = 0; i < source->count; i++)
		free(source->subs[i]);
	free(source->subs);
	topic_close(source->dead);
	*source = (struct source){0};
}

/* 1 if the group has been on the topic before. */
static int
is_known(struct group *group, struct source *source)
{
	struct sql *sql = index_sql(group->index);
	int64_t row, topic, found;
	int result;

	sql_bind_text(sql, SQL_GROUP_FIND, 1, group->name);
	result = sql_get(sql, SQL_GROUP_FIND, SQL_NO_VALUES, &row, 1);
	if (result != 1)
		return result;
	result = index_topic(group->index, source->topic, &topic);
	if (result < 0)
		return result == -FAIL_MISSING ? 0 : result;
	return sql_get(sql, SQL_SUB_ANY, SQL_VALUES(row, topic), &found, 1);
}

/* Where the group's settings have it begin; -1: where the log does. */
static int
find_start(const struct group *group, struct topic *topic, int number,
    int64_t *start)
{
	int64_t age_ms = group->settings.start_age_ms;
	struct partition_state state;
	struct partition *partition;
	struct position hint;
	int result;

	*start = -1;
	if (age_ms < 0)
		return 0;
	result = topic_partition(topic, number, &partition);
	if (result >= 0)
		result = partition_state(partition, &state);
	if (result < 0)
		return result;
	*start = state.high_watermark;
	if (age_ms == GROUP_START_END)
		return 0;
	age_ms = clock_wall_ms() - age_ms;
	result = positions_find_time(topic, number, age_ms, &hint);
	return result < 0 ? result : partition_find_time(partition, age_ms,
	    result == 1 ? &hint : NULL, start);
}

int
member_ask_starts(struct group *group, int64_t **begin)
{
	const struct group_options *options = &group->options;
	bool *known = memory_alloc(group->source_count + 1);
	int result = index_read(group->index);

	for (size_t i = 0; i < group->source_count && result >= 0; i++) {
		result = is_known(group, &group->sources[i]);
		known[i] = result == 1;
	}
	index_abort(group->index);
	for (size_t i = 0; i < group->source_count && result >= 0; i++) {
		struct source *source = &group->sources[i];

		begin[i] = memory_alloc(((size_t)source->count + 1) *
		    sizeof(int64_t));
		for (int k = 0; k < source->count && result >= 0; k++) {
			int64_t start = -1;

			if (options->start != NULL && !known[i])
				start = options->start(source->topic, k,
				    options->context);
			else if (!known[i])
				result = find_start(group, source->topic, k,
				    &start);
			begin[i][k] = start;
		}
	}
	free(known);
	return result < 0 ? result : 0;
}

/* Another order than before: fine while nobody relies on the old one. */
static int
change_order(struct group *group, int64_t old)
{
	static const char *const names[] = {"none", "key", "partition"};
	struct sql *sql = index_sql(group->index);
	int64_t found;
	int result = member_reap(group, 0, true);

	if (result < 0)
		return result;
	if (group->peers.count > 0)
		return fail(FAIL_USAGE,
		    "group %s: its members use another --order", group->name);
	result = sql_get(sql, SQL_GROUP_IS_BUSY, SQL_VALUES(group->row),
	    &found, 1);
	if (result == 1)
		return fail(FAIL_USAGE, "group %s: has begun with messages in "
		    "--order=%s; go on with that, or reset the group",
		    group->name, names[old < 0 || old > 2 ? 0 : old]);
	if (result == 0)
		result = sql_run(sql, SQL_GROUP_SET_MODE,
		    SQL_VALUES(group->row, group->options.order));
	return result < 0 ? result : 0;
}

static int
attach_group(struct group *group)
{
	struct sql *sql = index_sql(group->index);
	const struct group_options *options = &group->options;
	int64_t row[7] = {0, options->order, 0, 0, 0, -1, -1};
	int result;

	sql_bind_text(sql, SQL_GROUP_FIND, 1, group->name);
	result = sql_get(sql, SQL_GROUP_FIND, SQL_NO_VALUES, row, 7);
	if (result == 0) {
		sql_bind_text(sql, SQL_GROUP_ADD, 3, group->name);
		result = sql_run(sql, SQL_GROUP_ADD,
		    SQL_VALUES(options->order, clock_wall_ms()));
		row[0] = sql_last_id(sql);
	}
	group->row = row[0];
	if (result >= 0)
		result = roster_refuse(sql, &group->session, row[0],
		    group->name);
	if (result >= 0)
		result = roster_void(sql, row[0]);
	if (result >= 0 && row[1] != (int64_t)options->order)
		result = change_order(group, row[1]);
	if (result >= 0 &&
	    (row[3] != options->lease_ms || row[4] != options->max_attempts ||
	        row[5] != options->backoff_low_ms ||
	        row[6] != options->backoff_high_ms))
		result = sql_run(sql, SQL_GROUP_SET_POLICY,
		    SQL_VALUES(group->row, options->lease_ms,
		        options->max_attempts, options->backoff_low_ms,
		        options->backoff_high_ms));
	return result < 0 ? result : 0;
}

static int
attach_source(struct group *group, struct source *source,
    const int64_t *begin)
{
	struct sql *sql = index_sql(group->index);
	int result = index_topic(group->index, source->topic, &source->row);

	if (result >= 0)
		result = sql_run(sql, SQL_MEMBER_ADD,
		    SQL_VALUES(source->row, group->session.id));
	for (int i = 0; i < source->count && result >= 0; i++) {
		struct sub *sub = source->subs[i];

		sub->grp = group->row;
		sub->is_loaded = false;
		result = sub_attach(sub, begin != NULL ? begin[i] : -1);
	}
	return result < 0 ? result : 0;
}

int
member_attach(struct group *group, int64_t **begin)
{
	struct sql *sql = index_sql(group->index);
	int result = attach_group(group);

	if (result >= 0)
		result = session_add(&group->session, sql, group->row,
		    clock_boot_ms());
	for (size_t i = 0; i < group->source_count && result >= 0; i++)
		result = attach_source(group, &group->sources[i],
		    begin != NULL ? begin[i] : NULL);
	if (result >= 0 && group->options.order == ORDER_PARTITION)
		result = sql_run(sql, SQL_GROUP_CHANGED,
		    SQL_VALUES(group->row));
	group->membership = -1;
	if (result >= 0)
		group->generation = index_generation(group->index);
	return result < 0 ? result : 0;
}

int
member_flush(struct group *group)
{
	int result = 0;

	for (size_t i = 0; i < group->source_count; i++) {
		struct source *source = &group->sources[i];

		for (int k = 0; k < source->count && result >= 0; k++) {
			result = sub_store(source->subs[k]);
			source->subs[k]->is_loaded = false;
		}
	}
	return result;
}

int64_t
member_heartbeat_ms(const struct group *group)
{
	return group->options.heartbeat_ms > 0 ? group->options.heartbeat_ms
	                                       : GROUP_HEARTBEAT_MS;
}

int
member_reap(struct group *group, int64_t now_ms, bool is_forced)
{
	struct sql *sql = index_sql(group->index);
	int64_t silent_ms = 0;
	int result;

	if (!is_forced && now_ms - group->reaped_ms < REAP_MS)
		return 0;
	group->reaped_ms = now_ms;
	if (group->options.order == ORDER_PARTITION && now_ms > 0)
		silent_ms = now_ms - member_heartbeat_ms(group);
	result = member_flush(group);
	if (result >= 0)
		result = session_reap(&group->session, sql, group->row,
		    silent_ms, &group->peers);
	if (result > 0 && group->options.order == ORDER_PARTITION) {
		int changed = sql_run(sql, SQL_GROUP_CHANGED,
		    SQL_VALUES(group->row));

		if (changed < 0)
			return changed;
	}
	return result;
}
