/* Sessions of share groups. */
#include "server/share_fetch.h"
#include "server/share_terms.h"

#include <stdlib.h>
#include <string.h>

enum { SESSIONS_MAX = 2000, PARTS_MAX = 2000 };

struct share_session *
share_session_seek(const struct request *request, struct slice group,
    struct slice member)
{
	struct share_session *session = request->server->share_sessions;

	while (session != NULL &&
	    (session->connection != request->connection ||
	    !slice_equal(group, slice_of(session->group)) ||
	    !slice_equal(member, slice_of(session->member))))
		session = session->next;
	return session;
}

static struct share_session *
open_session(struct request *request, struct slice group, struct slice member)
{
	struct server *server = request->server;
	struct share_session *session = memory_alloc(sizeof *session);

	session->server = server;
	session->connection = request->connection;
	session->group = slice_copy(group);
	session->member = slice_copy(member);
	session->epoch = 1;
	session->next = server->share_sessions;
	server->share_sessions = session;
	return session;
}

static size_t
count_sessions(const struct server *server)
{
	size_t count = 0;

	for (const struct share_session *session = server->share_sessions;
	    session != NULL; session = session->next)
		count++;
	return count;
}

enum error_code
share_session_find(struct request *request, struct slice group,
    struct slice member, int32_t epoch, struct share_session **out)
{
	struct server *server = request->server;
	struct share_session *session = share_session_seek(request, group,
	    member);

	*out = session;
	if (epoch == 0) {
		if (session != NULL && session->waiting != NULL)
			share_fetch_end(session->waiting);
		if (session != NULL)
			share_session_close(session);
		else if (count_sessions(server) >= SESSIONS_MAX)
			return ERROR_SHARE_SESSION_LIMIT_REACHED;
		*out = open_session(request, group, member);
		return ERROR_NONE;
	}
	if (session == NULL)
		return ERROR_SHARE_SESSION_NOT_FOUND;
	if (epoch != -1 && epoch != session->epoch)
		return ERROR_INVALID_SHARE_SESSION_EPOCH;
	if (epoch == -1)
		session->is_ending = true;
	else
		session->epoch = epoch == INT32_MAX ? 1 : epoch + 1;
	if (session->waiting != NULL)
		share_fetch_end(session->waiting);
	return ERROR_NONE;
}

/* The last task of a session: nobody speaks of it after this one. */
struct ending {
	struct task task;
	struct share_session *session;
	bool is_last; /* of its group */
};

static void
begin_ending(struct task *task, struct storage *storage)
{
	struct share_session *session = ((struct ending *)task)->session;
	struct shares *shares = storage_shares(storage);

	shares_release(shares, &session->held);
	if (((struct ending *)task)->is_last)
		shares_leave(shares, session->group);
}

static void
end_ending(struct task *task)
{
	struct share_session *session = ((struct ending *)task)->session;

	buf_release(&session->parts);
	share_terms_free(session->terms);
	free(session->group);
	free(session->member);
	free(session);
	free(task);
}

static bool
has_session(const struct server *server, const char *group)
{
	const struct share_session *session = server->share_sessions;

	while (session != NULL && strcmp(session->group, group) != 0)
		session = session->next;
	return session != NULL;
}

void
share_session_close(struct share_session *session)
{
	struct share_session **place = &session->server->share_sessions;
	struct ending *ending = memory_alloc(sizeof *ending);

	while (*place != session)
		place = &(*place)->next;
	*place = session->next;
	session->is_closed = true;
	ending->session = session;
	ending->is_last = !has_session(session->server, session->group);
	ending->task.begin = begin_ending;
	ending->task.done = end_ending;
	tasks_add(session->server->index, &ending->task);
}

void
share_sessions_drop(struct server *server, const struct connection *connection)
{
	for (struct share_session *session = server->share_sessions, *next;
	    session != NULL; session = next) {
		next = session->next;
		if (session->connection == connection)
			share_session_close(session);
	}
}

void
share_sessions_leave(struct server *server, const char *group,
    const char *member)
{
	for (struct share_session *session = server->share_sessions, *next;
	    session != NULL; session = next) {
		next = session->next;
		if (strcmp(session->group, group) == 0 &&
		    strcmp(session->member, member) == 0)
			share_session_close(session);
	}
}

void
share_sessions_close_all(struct server *server)
{
	while (server->share_sessions != NULL)
		share_session_close(server->share_sessions);
}

static bool
is_same_part(const struct share_part *part, const unsigned char *id,
    int32_t number)
{
	return memcmp(part->topic_id, id, 16) == 0 &&
	    part->partition == number;
}

static void
drop_part(struct share_session *session, const unsigned char *id,
    int32_t number)
{
	struct share_part *parts = (struct share_part *)(void *)
	    session->parts.data;
	size_t count = session->parts.size / sizeof *parts;

	for (size_t i = 0; i < count; i++)
		if (is_same_part(&parts[i], id, number)) {
			memmove(&parts[i], &parts[i + 1],
			    (count - i - 1) * sizeof *parts);
			session->parts.size -= sizeof *parts;
			return;
		}
}

static void
add_part(struct share_session *session, const unsigned char *id,
    int32_t number)
{
	struct share_part part = {.partition = number};

	if (session->parts.size / sizeof part > PARTS_MAX)
		return;
	drop_part(session, id, number);
	memcpy(part.topic_id, id, 16);
	buf_append(&session->parts, &part, sizeof part);
}

bool
share_session_update(struct share_session *session,
    const struct share_fetch_request *message)
{
	const struct share_fetch_request_topic *topics = message->topics.items;
	const struct share_fetch_request_forgotten *forgotten =
	    message->forgotten_topics_data.items;

	for (int32_t i = 0; i < message->topics.count; i++) {
		const struct share_fetch_request_partition *parts =
		    topics[i].partitions.items;

		for (int32_t k = 0; k < topics[i].partitions.count; k++)
			add_part(session, topics[i].topic_id,
			    parts[k].partition_index);
	}
	for (int32_t i = 0; i < message->forgotten_topics_data.count; i++) {
		const int32_t *numbers = forgotten[i].partitions.items;

		for (int32_t k = 0; k < forgotten[i].partitions.count; k++)
			drop_part(session, forgotten[i].topic_id, numbers[k]);
	}
	return session->parts.size / sizeof(struct share_part) <= PARTS_MAX;
}

int32_t
share_lease_ms(const struct share_session *session, struct storage *storage)
{
	const struct share_part *parts = (const struct share_part *)
	    (const void *)session->parts.data;
	struct topic *topic;
	int64_t lease_ms;

	if (session->lease_ms > 0)
		return session->lease_ms;
	if (session->parts.size == 0 || storage_topic_by_id(storage,
	    parts[0].topic_id, &topic) != 0)
		return 30000;
	lease_ms = topic_settings(topic)->lease_ms;
	return lease_ms > INT32_MAX ? INT32_MAX : (int32_t)lease_ms;
}
