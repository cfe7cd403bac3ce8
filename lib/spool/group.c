/* Groups: joining, leaving, sleeping until there is work. */
#include "spool/group.h"
#include "base/clock.h"
#include "base/fail.h"
#include "base/futex.h"
#include "base/parse.h"
#include "spool/member.h"

#include <stdlib.h>
#include <string.h>

enum { BLIND_MS = 250 }; /* sleep while we cannot see whom to watch */

static void
ring_all(struct group *group)
{
	for (size_t i = 0; i < group->source_count; i++) {
		uint32_t *word = topic_doorbell(group->sources[i].topic);

		if (word != NULL)
			futex_ring(word);
	}
}

static void
add_sources(struct group *group, struct topic **topics, size_t count)
{
	group->sources = memory_alloc((count + 1) * sizeof(*group->sources));
	group->source_count = count;
	for (size_t i = 0; i < count; i++) {
		struct source *source = &group->sources[i];

		source->topic = topics[i];
		member_follow(group, source);
		member_grow(group, source);
	}
}

static int
enter(struct group *group)
{
	int64_t **begin = memory_alloc((group->source_count + 1) *
	    sizeof(*begin));
	int result = member_ask_starts(group, begin);

	if (result >= 0)
		result = index_begin(group->index);
	if (result >= 0)
		result = index_end(group->index, member_attach(group, begin));
	for (size_t i = 0; i < group->source_count; i++)
		free(begin[i]);
	free(begin);
	return result;
}

int
group_join(struct group **out, struct spool *spool, const char *name,
    struct topic **topics, size_t topic_count,
    const struct group_options *options)
{
	struct group *group = memory_alloc(sizeof(*group));
	int result = check_name(name, "group");

	*out = NULL;
	group->spool = spool;
	group->name = memory_copy_text(name);
	group->options = *options;
	group->settings = GROUP_SETTINGS_NONE;
	group->session.fd = -1;
	if (result >= 0)
		result = index_open(&group->index, spool);
	if (result >= 0)
		result = session_open(&group->session,
		    spool_directory(spool));
	if (result >= 0)
		result = member_read_settings(group);
	if (result >= 0) {
		add_sources(group, topics, topic_count);
		result = enter(group);
	}
	if (result < 0) {
		group_leave(group);
		return result;
	}
	if (options->order == ORDER_PARTITION)
		ring_all(group);
	*out = group;
	return 0;
}

int
group_order_of(struct spool *spool, const char *name, enum group_order *order)
{
	int64_t row[2] = {0, ORDER_NONE};
	struct index *index;
	int result = index_open_read(&index, spool);

	if (result <= 0)
		return result;
	sql_bind_text(index_sql(index), SQL_GROUP_FIND, 1, name);
	result = sql_get(index_sql(index), SQL_GROUP_FIND, SQL_NO_VALUES, row,
	    2);
	index_abort(index);
	*order = (enum group_order)row[1];
	return result;
}

/* What we hold is free at once, and as if it had not been tried. Should this
 * fail, the end of our lock on the session's byte says the same. */
static void
end_session(struct group *group)
{
	int result;

	if (group->generation == 0 || index_begin(group->index) < 0)
		return;
	result = group->generation == index_generation(group->index)
	    ? session_end(index_sql(group->index), group->row,
	          group->session.id, 1)
	    : -1;
	if (result >= 0 && group->options.order == ORDER_PARTITION)
		result = sql_run(index_sql(group->index), SQL_GROUP_CHANGED,
		    SQL_VALUES(group->row));
	index_end(group->index, result);
}

static const struct source *
source_of(const struct group *group, const struct topic *topic)
{
	for (size_t i = 0; i < group->source_count; i++) {
		if (group->sources[i].topic == topic)
			return &group->sources[i];
	}
	return NULL;
}

int64_t
group_lease_ms(const struct group *group, const struct topic *topic)
{
	const struct source *source = source_of(group, topic);

	return source != NULL ? source->policy.lease_ms :
	    topic_settings(topic)->lease_ms;
}

int64_t
group_max_attempts(const struct group *group, const struct topic *topic)
{
	const struct source *source = source_of(group, topic);

	return source != NULL ? source->policy.max_attempts :
	    topic_settings(topic)->max_attempts;
}

const char *
group_notice(struct group *group)
{
	return index_notice(group->index);
}

void
group_leave(struct group *group)
{
	if (group == NULL)
		return;
	process_watch_stop(group->watch);
	end_session(group);
	session_close(&group->session);
	ring_all(group);
	for (size_t i = 0; i < group->source_count; i++)
		member_release_source(&group->sources[i]);
	session_release_peers(&group->peers);
	session_release_peers(&group->watched);
	free(group->sources);
	free(group->name);
	free(group);
}

void
group_listen(struct group *group, uint32_t *seen)
{
	for (size_t i = 0; i < group->source_count; i++)
		seen[i] = topic_doorbell_value(group->sources[i].topic);
}

static bool
is_watching(const struct group *group)
{
	if (group->watched.count != group->peers.count)
		return false;
	for (size_t i = 0; i < group->peers.count; i++) {
		if (group->watched.peers[i].id != group->peers.peers[i].id)
			return false;
	}
	return true;
}

/* Watches the processes of the other members, so that what they hold is
 * taken over the moment they die. */
static int
watch_peers(struct group *group, uint32_t *word)
{
	size_t count = group->peers.count;
	pid_t *pids;
	int result = 0;

	if (is_watching(group))
		return 0;
	process_watch_stop(group->watch);
	group->watch = NULL;
	session_release_peers(&group->watched);
	if (count == 0)
		return 0;
	group->watched.peers = memory_alloc(count *
	    sizeof(*group->watched.peers));
	memcpy(group->watched.peers, group->peers.peers,
	    count * sizeof(*group->watched.peers));
	group->watched.count = count;
	pids = memory_alloc(count * sizeof(*pids));
	for (size_t i = 0; i < count; i++)
		pids[i] = (pid_t)group->peers.peers[i].pid;
	result = process_watch_start(&group->watch, word, pids, (int)count);
	if (result < 0)
		session_release_peers(&group->watched);
	free(pids);
	return result;
}

/* One has ended before the watch could see it; or is in another namespace. */
static bool
is_peer_gone(const struct group *group, bool *is_blind)
{
	for (size_t i = 0; i < group->peers.count; i++) {
		const struct session_peer *peer = &group->peers.peers[i];

		if (!is_session_alive(&group->session, peer->id))
			return true;
		*is_blind |= !peer->is_visible;
	}
	return false;
}

/* Bounded: the next exchange finds out if a doorbell was replaced. */
static int64_t
sleep_ms(const struct group *group, int64_t wake_ms, bool is_blind)
{
	int64_t left_ms = TOPIC_LOOK_MS;
	int64_t now_ms = clock_boot_ms();

	if (wake_ms < now_ms + left_ms)
		left_ms = wake_ms < now_ms ? 0 : wake_ms - now_ms;
	if (is_blind && left_ms > BLIND_MS)
		left_ms = BLIND_MS;
	if (group->options.order == ORDER_PARTITION &&
	    left_ms > member_heartbeat_ms(group) / 3)
		left_ms = member_heartbeat_ms(group) / 3;
	return left_ms;
}

int
group_sleep(struct group *group, const uint32_t *seen, int64_t wake_ms)
{
	struct futex_waiter *waiters = memory_alloc(
	    (group->source_count + 1) * sizeof(*waiters));
	bool is_blind = false;
	size_t count = 0;
	int result = 0;

	for (size_t i = 0; i < group->source_count; i++) {
		uint32_t *word = topic_doorbell(group->sources[i].topic);

		if (word != NULL)
			waiters[count++] = (struct futex_waiter){word, seen[i]};
	}
	if (count == 0 || watch_peers(group, waiters[0].word) < 0)
		is_blind = group->peers.count > 0;
	if (!is_peer_gone(group, &is_blind))
		result = futex_wait_any(waiters, count,
		    sleep_ms(group, wake_ms, is_blind));
	free(waiters);
	return result;
}
