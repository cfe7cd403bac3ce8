/* Rosters: who is in a consumer group, and its rebalances.
 *
 * The classic protocol (JoinGroup, SyncGroup, Heartbeat, LeaveGroup) as Apache
 * Kafka 4.2 coordinates it. All of this is the loop's. */
#ifndef SERVER_ROSTER_H
#define SERVER_ROSTER_H

#include "server/request.h"

enum roster_state {
	ROSTER_EMPTY,      /* no members; offsets may be there */
	ROSTER_PREPARING,  /* waiting for the members to join (again) */
	ROSTER_COMPLETING, /* waiting for the leader's assignment */
	ROSTER_STABLE,
};

/* What a member says it can, in order of preference. */
struct roster_protocol {
	char *name;
	struct buf metadata;
};

/*
 * Invariants: join is set only while the roster is PREPARING, sync only while
 * it is COMPLETING. A request that is set here is answered or given up before
 * the member goes.
 */
struct roster_member {
	struct roster *roster;
	char *id;
	char *instance;        /* of a static member, or NULL */
	char *client_id;
	char *client_host;
	int32_t session_ms;
	int32_t rebalance_ms;
	struct roster_protocol *protocols;
	int32_t protocol_count;
	struct buf assignment;
	size_t memory;         /* as it is counted */
	bool has_joined;       /* the rebalance that is going on */
	struct request *join;
	struct request *sync;
	struct event *session; /* ends it, unless a request comes before */
	struct roster_member *next;
};

/* An id that was given out (KIP-394), and not used yet. */
struct roster_pending {
	struct roster *roster;
	char *id;
	struct event *timer;
	struct roster_pending *next;
};

struct roster {
	struct rosters *rosters;
	char *id;
	enum roster_state state;
	int32_t generation;
	char *protocol_type;            /* NULL: none yet */
	char *protocol;                 /* of this generation, NULL: none */
	struct roster_member *leader;   /* NULL: none */
	struct roster_member *members;  /* in the order of joining */
	int32_t member_count;
	struct roster_pending *pending;
	int32_t pending_count;
	struct event *timer;            /* ends the state */
	bool is_delayed;                /* the first wait for more members */
	int64_t delayed_ms;             /* how long that is, up to now */
	int32_t delayed_count;          /* members when it began, or went on */
	struct roster *next;
};

/* All rosters of a server. Until they are loaded from the index, requests are
 * answered COORDINATOR_LOAD_IN_PROGRESS. */
struct rosters;
struct rosters *rosters_open(struct server *server);
void rosters_close(struct rosters *rosters); /* accepts NULL */
bool is_rosters_loaded(const struct rosters *rosters);
struct server *rosters_server(const struct rosters *rosters);

/* NULL if there is none, unless it may be made; then, if there are too many. */
struct roster *rosters_find(struct rosters *rosters, struct slice id,
    bool may_make);

/* Calls each until it returns false. */
void rosters_each(struct rosters *rosters,
    bool (*each)(struct roster *roster, void *context), void *context);

/* The memory that members of all groups cost; full: nothing more is taken. */
bool is_rosters_full(const struct rosters *rosters);
void rosters_count_memory(struct rosters *rosters, size_t before, size_t now);

/* The server ends: who waits for others is told. */
void rosters_end(struct rosters *rosters);

/* Forgets it if nobody was ever in it, and nobody is about to be. */
void rosters_forget_unused(struct roster *roster);

/* Forgets an empty one. */
void rosters_forget(struct roster *roster);

/* "Empty", "PreparingRebalance", ... */
const char *roster_state_name(const struct roster *roster);

/* The member of an id, or of an instance; NULL. */
struct roster_member *roster_member(const struct roster *roster,
    struct slice id);
struct roster_member *roster_static_member(const struct roster *roster,
    struct slice instance);

/* Who says that it has this id, and if it is static this instance:
 * ERROR_FENCED_INSTANCE_ID if another one has that by now,
 * ERROR_UNKNOWN_MEMBER_ID. */
enum error_code roster_identify(const struct roster *roster, struct slice id,
    struct slice instance, struct roster_member **member);

/* Ids that are given out, and hold for a session's time: to be taken once. */
void roster_hand_out(struct roster *roster, const char *id,
    int64_t session_ms);
bool roster_take_pending(struct roster *roster, struct slice id);
bool is_roster_pending(const struct roster *roster, struct slice id);
void roster_forget_pending(struct roster *roster); /* all */

/* One that is not going to be used; rebalances wait for it no longer. False if
 * there is none. */
bool roster_drop_pending(struct roster *roster, struct slice id);

/* A new member, not yet joined. Texts are copied. */
struct roster_member *roster_add(struct roster *roster, struct slice id,
    struct slice instance);

/* Takes a member out; its requests are answered with code. The others
 * rebalance, or the rebalance goes on without it. */
void roster_remove(struct roster_member *member, enum error_code code);

/* Its requests that wait for others are answered with code. */
void roster_end_waits(struct roster_member *member, enum error_code code);

/* Counts what it costs by now. */
void roster_count_memory(struct roster_member *member);

/* A static member is back under another id: its old requests are answered
 * FENCED_INSTANCE_ID. */
void roster_rename(struct roster_member *member, struct slice id);

/* A sign of life: the session starts again. */
void roster_touch(struct roster_member *member);

/* Everybody has to join again. */
void roster_rebalance(struct roster *roster);

/* Ends PREPARING if there is nobody to wait for. */
void roster_try_complete(struct roster *roster);

/* The time of a state is over: who did not join, or ask for its part, is out. */
void roster_expire(struct roster *roster);

/* Everybody is out; what is in the index stays there. */
void roster_dissolve(struct roster *roster, enum error_code code);

/* The leader's word was kept: all get their parts. */
void roster_settle(struct roster *roster);

/* Answers a JoinGroup with the generation that is. */
void roster_answer_join(struct roster_member *member, struct request *request);
void roster_answer_sync(struct roster_member *member, struct request *request,
    enum error_code code);

/* Keeps the roster in the index; stored, if not NULL, is told when it survives
 * a restart (or could not be kept: failed < 0). It may be gone by then: it is
 * named. */
void roster_store(struct roster *roster,
    void (*stored)(struct roster *roster, int failed));

#endif
