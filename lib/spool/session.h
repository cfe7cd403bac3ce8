/* Sessions: a process's byte of SPOOL/sessions, locked while it lives (internal
 * to groups). */
#ifndef SPOOL_SESSION_H
#define SPOOL_SESSION_H

#include "spool/index.h"

/* Invariant: id is locked by us in the file that fd is. */
struct session {
	int dir;
	int fd;
	int64_t id;        /* random: means the same in every index */
	int64_t pid;
	int64_t namespace; /* of the pid: others may not see it */
};

int session_open(struct session *session, int dir);

/* For looking only, at which others live; in a spool without sessions none
 * do. */
int session_look(struct session *session, int dir);
void session_close(struct session *session); /* accepts a zeroed one */

/* Locks the byte again if the file was deleted or replaced. 1 if it had to. */
int session_check(struct session *session);

/* True while the process of another session lives. */
bool is_session_alive(const struct session *session, int64_t id);

/* A living session of the group, seen from this process. */
struct session_peer {
	int64_t id;
	int64_t pid;
	int64_t heartbeat_ms;
	bool is_visible;   /* pid is one of our namespace */
};

struct session_peers {
	struct session_peer *peers;
	size_t count;
};
void session_release_peers(struct session_peers *peers);

/* Adds our row, or renews its heartbeat. */
int session_add(const struct session *session, struct sql *sql, int64_t grp,
    int64_t now_ms);

/* Removes the row of a session. What it held is free: `given_back` attempts of
 * each are not counted. */
int session_end(struct sql *sql, int64_t grp, int64_t id, int given_back);

/* Ends all sessions of the group that are dead, or (unless 0) silent since
 * silent_ms, and collects the others but ours. Returns the number ended. */
int session_reap(const struct session *session, struct sql *sql, int64_t grp,
    int64_t silent_ms, struct session_peers *peers);

#endif
