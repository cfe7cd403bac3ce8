/* Sessions: a process's byte of SPOOL/sessions, locked while it lives. */
#include "spool/session.h"
#include "base/fail.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/lock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SESSIONS_FILE "sessions"

enum { ID_BITS = 47, TRIES = 100, DEAD_MAX = 64 };

static int64_t
own_namespace(void)
{
	struct stat status;

	if (stat("/proc/self/ns/pid", &status) != 0)
		return 0;
	return (int64_t)status.st_ino;
}

static int
take_id(struct session *session)
{
	int result = 0;

	for (int i = 0; i < TRIES && result == 0; i++) {
		uint64_t id;

		random_bytes(&id, sizeof(id));
		session->id = (int64_t)(id >> (64 - ID_BITS)) + 1;
		result = lock_byte(session->fd, session->id);
	}
	if (result == 0)
		return fail(FAIL_AGAIN, SESSIONS_FILE ": no free session");
	return result < 0 ? result : 0;
}

int
session_open(struct session *session, int dir)
{
	int result;

	*session = (struct session){.dir = dir, .pid = getpid(),
	    .namespace = own_namespace()};
	session->fd = file_open(dir, SESSIONS_FILE, FILE_CREATE);
	result = session->fd < 0 ? session->fd : take_id(session);
	if (result < 0)
		session_close(session);
	return result;
}

int
session_look(struct session *session, int dir)
{
	*session = (struct session){.dir = dir, .pid = getpid()};
	session->fd = file_open(dir, SESSIONS_FILE, FILE_READ);
	return session->fd < 0 && session->fd != -FAIL_MISSING ? session->fd
							       : 0;
}

void
session_close(struct session *session)
{
	if (session->id != 0 && session->fd >= 0)
		unlock_byte(session->fd, session->id);
	if (session->pid != 0 && session->fd >= 0)
		close(session->fd);
	*session = (struct session){.fd = -1};
}

/* 1 if the file of that name is still the one that is open. */
static int
match_file(const struct session *session)
{
	struct stat named, ours;

	if (fstat(session->fd, &ours) != 0)
		return fail_errno(SESSIONS_FILE ": stat");
	if (fstatat(session->dir, SESSIONS_FILE, &named, 0) != 0)
		return errno == ENOENT
		    ? 0 : fail_errno(SESSIONS_FILE ": stat");
	return named.st_ino == ours.st_ino && named.st_dev == ours.st_dev;
}

int
session_check(struct session *session)
{
	int fd, result = match_file(session);

	/* While the same file is opened anew nobody would hold the byte. */
	if (result != 0)
		return result < 0 ? result : 0;
	fd = file_open(session->dir, SESSIONS_FILE, FILE_CREATE);
	if (fd < 0)
		return fd;
	close(session->fd);
	session->fd = fd;
	result = lock_byte(fd, session->id);
	return result < 0 ? result : 1;
}

bool
is_session_alive(const struct session *session, int64_t id)
{
	return lock_is_held(session->fd, id);
}

void
session_release_peers(struct session_peers *peers)
{
	free(peers->peers);
	*peers = (struct session_peers){0};
}

int
session_add(const struct session *session, struct sql *sql, int64_t grp,
    int64_t now_ms)
{
	int result = sql_run(sql, SQL_SESSION_ADD,
	    SQL_VALUES(session->id, session->pid, grp, now_ms,
	        session->namespace));

	return result < 0 ? result : 0;
}

int
session_end(struct sql *sql, int64_t grp, int64_t id, int given_back)
{
	int result = sql_run(sql, SQL_SESSION_FREE_RANGES,
	    SQL_VALUES(grp, id, given_back));

	if (result >= 0)
		result = sql_run(sql, SQL_SESSION_FREE_SUBS,
		    SQL_VALUES(grp, id));
	if (result >= 0)
		result = sql_run(sql, SQL_SESSION_FREE_MEMBER,
		    SQL_VALUES(id));
	if (result >= 0)
		result = sql_run(sql, SQL_SESSION_DROP, SQL_VALUES(id));
	return result < 0 ? result : 0;
}

static void
add_peer(struct session_peers *peers, const struct session_peer *peer)
{
	size_t count = peers->count;

	/* Grows at 0, 8, 16, 32... */
	if (count == 0 || (count >= 8 && (count & (count - 1)) == 0)) {
		size_t room = count < 8 ? 8 : count * 2;
		struct session_peer *more = memory_alloc(room * sizeof(*more));

		if (count > 0)
			memcpy(more, peers->peers, count * sizeof(*more));
		free(peers->peers);
		peers->peers = more;
	}
	peers->peers[peers->count++] = *peer;
}

/* One row of SESSION_LIST: into peers if it lives. */
static bool
is_dead_row(const struct session *session, struct sql *sql, int64_t silent_ms,
    struct session_peers *peers)
{
	struct session_peer peer = {
		.id = sql_integer(sql, SQL_SESSION_LIST, 0),
		.pid = sql_integer(sql, SQL_SESSION_LIST, 1),
		.heartbeat_ms = sql_integer(sql, SQL_SESSION_LIST, 2),
		.is_visible = sql_integer(sql, SQL_SESSION_LIST, 3) ==
		    session->namespace,
	};

	if (peer.id == session->id)
		return false;
	if (!is_session_alive(session, peer.id) ||
	    (silent_ms != 0 && peer.heartbeat_ms < silent_ms))
		return true;
	add_peer(peers, &peer);
	return false;
}

int
session_reap(const struct session *session, struct sql *sql, int64_t grp,
    int64_t silent_ms, struct session_peers *peers)
{
	int64_t dead[DEAD_MAX];
	int count = 0;
	int result = sql_first(sql, SQL_SESSION_LIST, SQL_VALUES(grp));

	session_release_peers(peers);
	while (result == 1) {
		if (count < DEAD_MAX &&
		    is_dead_row(session, sql, silent_ms, peers))
			dead[count++] = sql_integer(sql, SQL_SESSION_LIST, 0);
		result = sql_next(sql, SQL_SESSION_LIST);
	}
	for (int i = 0; i < count && result >= 0; i++)
		result = session_end(sql, grp, dead[i], 0);
	return result < 0 ? result : count;
}
