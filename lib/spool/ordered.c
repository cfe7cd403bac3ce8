/* ORDER_PARTITION: sharing out partitions among the members. */
#include "spool/ordered.h"

#include <stdlib.h>

enum { MEMBERS_MAX = 10000 };

/* One topic's members while partitions are shared out. */
struct share {
	struct group *group;
	struct source *source;
	int members;
	int rank;       /* our place among them */
	int quota;
	int owned;
	bool is_changed;
};

/* Renews the heartbeat; a member that was taken for dead joins again. */
static int
beat(struct group *group, int64_t now_ms)
{
	struct sql *sql = index_sql(group->index);
	int64_t last_ms = 0;
	int result = sql_get(sql, SQL_SESSION_IS_THERE,
	    SQL_VALUES(group->session.id), &last_ms, 1);

	if (result == 0)
		return member_attach(group, NULL);
	if (result < 0 || now_ms - last_ms < member_heartbeat_ms(group) / 10)
		return result < 0 ? result : 0;
	result = sql_run(sql, SQL_SESSION_BEAT,
	    SQL_VALUES(group->session.id, now_ms));
	return result < 0 ? result : 0;
}

static int
count_members(struct share *share)
{
	struct group *group = share->group;
	struct sql *sql = index_sql(group->index);
	int result = sql_first(sql, SQL_MEMBER_LIST,
	    SQL_VALUES(share->source->row, group->row));

	while (result == 1 && share->members < MEMBERS_MAX) {
		if (sql_integer(sql, SQL_MEMBER_LIST, 0) < group->session.id)
			share->rank++;
		share->members++;
		result = sql_next(sql, SQL_MEMBER_LIST);
	}
	sql_done(sql, SQL_MEMBER_LIST);
	if (share->members == 0)
		share->members = 1;
	share->quota = share->source->count / share->members +
	    (share->rank < share->source->count % share->members);
	return result < 0 ? result : 0;
}

/* 1 if a lease that dies with a session is on it: ours, as we own it. */
static int
is_held(struct sub *sub)
{
	int64_t found;

	return sql_get(index_sql(sub->index), SQL_HELD_ANY,
	    SQL_VALUES(sub->id), &found, 1);
}

static void
set_owner(struct share *share, struct sub *sub, int64_t owner)
{
	sub->owner = owner;
	sub->is_changed = true;
	sub->is_ring |= owner == 0;
	share->owned += owner == 0 ? -1 : 1;
	share->is_changed = true;
}

static bool
is_member(const struct group *group, int64_t session)
{
	for (size_t i = 0; i < group->peers.count; i++) {
		if (group->peers.peers[i].id == session)
			return true;
	}
	return session == group->session.id;
}

static int
count_owned(struct share *share)
{
	for (int i = 0; i < share->source->count; i++) {
		struct sub *sub = share->source->subs[i];
		int result = sub_load(sub);

		if (result < 0)
			return result;
		if (sub->owner != 0 && !is_member(share->group, sub->owner)) {
			sub->owner = 0;
			sub->is_changed = true;
		}
		share->owned += sub->owner == share->group->session.id;
	}
	return 0;
}

static int
adjust(struct share *share)
{
	int64_t ours = share->group->session.id;

	for (int i = 0; i < share->source->count; i++) {
		struct sub *sub = share->source->subs[i];
		int result;

		if (sub->owner == 0 && share->owned < share->quota) {
			set_owner(share, sub, ours);
			continue;
		}
		if (sub->owner != ours || share->owned <= share->quota)
			continue;
		result = is_held(sub);
		if (result < 0)
			return result;
		if (result == 0)
			set_owner(share, sub, 0);
		else
			share->group->has_surplus = true;
	}
	return 0;
}

static int
balance_source(struct group *group, struct source *source)
{
	struct share share = {.group = group, .source = source};
	int result = count_members(&share);

	if (result >= 0)
		result = count_owned(&share);
	if (result >= 0)
		result = adjust(&share);
	if (result >= 0 && share.is_changed)
		result = sql_run(index_sql(group->index), SQL_GROUP_CHANGED,
		    SQL_VALUES(group->row));
	return result < 0 ? result : 0;
}

static int
read_membership(struct group *group, int64_t *membership)
{
	*membership = 0;
	return sql_get(index_sql(group->index), SQL_GROUP_GENERATION,
	    SQL_VALUES(group->row), membership, 1);
}

int
ordered_balance(struct group *group, int64_t now_ms, bool is_forced)
{
	int64_t membership;
	int result = beat(group, now_ms);

	if (result >= 0)
		result = read_membership(group, &membership);
	if (result < 0)
		return result;
	if (!is_forced && !group->has_surplus &&
	    membership == group->membership &&
	    now_ms - group->balanced_ms < member_heartbeat_ms(group) / 10)
		return 0;
	group->balanced_ms = now_ms;
	group->has_surplus = false;
	result = member_reap(group, now_ms, true);
	for (size_t i = 0; i < group->source_count && result >= 0; i++)
		result = balance_source(group, &group->sources[i]);
	if (result >= 0)
		result = read_membership(group, &group->membership);
	return result < 0 ? result : 0;
}

int64_t
ordered_next_silence(const struct group *group)
{
	int64_t next_ms = INT64_MAX;

	for (size_t i = 0; i < group->peers.count; i++) {
		int64_t gone_ms = group->peers.peers[i].heartbeat_ms +
		    member_heartbeat_ms(group) + 1;

		if (gone_ms < next_ms)
			next_ms = gone_ms;
	}
	return next_ms;
}
