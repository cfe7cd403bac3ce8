/* What the index knows, for people: groups, counts, lag, leases; and changing
 * it. */
#ifndef SPOOL_STATE_H
#define SPOOL_STATE_H

#include "spool/group.h"

/* One group on one partition. */
struct group_state {
	const char *group;
	const char *topic;
	enum group_order order;
	int partition;
	int64_t start;        /* all below is settled */
	int64_t end;          /* the high watermark */
	int64_t ready;        /* messages available now */
	int64_t leased;
	int64_t delayed;      /* released, waiting for their time */
	int64_t lag;          /* not settled: ready + leased + delayed */
	int64_t dead;         /* sent to the dead-letter topic so far */
	int64_t oldest_ms;    /* timestamp of the oldest unsettled, -1: none */
	int members;          /* living ones, on the whole group: processes,
	                         and those that a server has */
	const char *metadata; /* what the last commit left; NULL: no commit */
};

/* Calls each for every (group, topic, partition), ordered; group or topic
 * NULL is any. Strings are valid during the call. Stops at non-zero. */
int state_list(struct spool *spool, const char *group, const char *topic,
    int (*each)(const struct group_state *state, void *context), void *context);

/* One leased or delayed range. */
struct lease_state {
	const char *group;
	const char *topic;
	int partition;
	int64_t first;
	int64_t last;
	int attempt;
	bool is_leased;      /* else delayed */
	int64_t remaining_ms;
	int64_t pid;         /* of a session, 0: none */
};
int state_leases(struct spool *spool, const char *group, const char *topic,
    int (*each)(const struct lease_state *lease, void *context), void *context);

/* A living member: a process of the directory, or a client of a server. */
struct member_state {
	const char *group;
	const char *id;       /* of a client, NULL: a process */
	const char *client;
	const char *host;
	int64_t pid;          /* the process, or the server's */
};

/* Calls each for the members of one group, or of all (NULL), by group. Nothing
 * else may be asked of the index during the call. */
int state_members(struct spool *spool, const char *group,
    void (*each)(const struct member_state *member, void *context),
    void *context);

enum reset { RESET_START, RESET_END, RESET_OFFSET, RESET_TIME, RESET_SHIFT };

struct reset_change {
	const char *topic;
	int partition;
	int64_t from;
	int64_t to;
};
/* Moves a group's position: leases and settled ranges above go. Changes
 * nothing if dry_run. -FAIL_MISSING for no such group; -FAIL_AGAIN while it has
 * living members. Reports each partition's change. */
int state_reset(struct spool *spool, const char *group, const char *topic,
    enum reset kind, int64_t value, bool dry_run,
    void (*each)(const struct reset_change *change, void *context),
    void *context);

/* The same of one partition, to an offset, or to that end of the log that is
 * next to it. -FAIL_MISSING also if the group does not read it. */
int state_move(struct spool *spool, const char *group, const char *topic,
    int partition, int64_t offset);

int state_delete_group(struct spool *spool, const char *group,
    const char *topic, bool dry_run);

/* Index maintenance for mq-fsck: SQLite's own check, offsets beyond the log,
 * ranges that overlap or lie outside of their group's. Returns the number of
 * findings. Mending repeats messages rather than to lose one; it also forgets
 * topics that are gone, which is no finding. rebuild: keeps groups, drops and
 * derives again the rest. */
int state_check(struct spool *spool, bool mend,
    void (*report)(const char *text, bool is_mended, void *context),
    void *context);
int state_rebuild(struct spool *spool);

#endif
