/* What the parts of a supply of a consumer group share. */
#ifndef QUEUE_SUPPLY_ORDERED_INTERNAL_H
#define QUEUE_SUPPLY_ORDERED_INTERNAL_H

#include "queue/cargo.h"
#include "queue/hand.h"
#include "queue/links.h"
#include "queue/patience.h"
#include "queue/sink.h"
#include "queue/supply_ordered.h"
#include "spool/settings.h"

enum { ORDERED_RESPONSE_BYTES = 64 * 1024 * 1024 /* decoded */ };

/*
 * A partition that we own. Invariants: what is below settled has its verdict,
 * what is below committed is told of; one grant at a time is out: left of its
 * offsets have no verdict yet, and redo is the lowest that was given back.
 */
struct ordered_part {
	size_t topic;
	int partition;
	struct client *client; /* that was asked for it; NULL: nobody */
	int64_t asked;         /* the offset that was asked for */
	int64_t position;      /* what is fetched next */
	int64_t settled;
	int64_t committed;
	int64_t left;
	int64_t out_last;      /* of the grant that is out */
	int64_t redo;          /* INT64_MAX: nothing */
	int64_t failed_first;  /* what failed together; -1: nothing */
	int64_t failed_last;
	int attempt;           /* how often that was delivered */
	bool is_untold;        /* a failure that is not committed */
	int64_t dead;          /* letters that are not committed */
	int64_t rest_ms;       /* clock_boot_ms: not before */
	struct cargo cargo;
};

/* What is done about failures in a topic, and where its dead letters go. */
struct ordered_policy {
	struct topic_settings settings;
	bool is_dead_letters;  /* its own failures make no dead letters */
	unsigned char id[16];  /* of the topic; zero: not known */
	char name[264];        /* of the dead-letter topic, once it is open */
	struct sink *dead;     /* NULL: not open */
};

enum ordered_state {
	ORDERED_APART,   /* to join */
	ORDERED_JOINING, /* JoinGroup is on its way */
	ORDERED_SYNCING, /* SyncGroup is */
	ORDERED_STABLE,  /* parts are ours */
};

/*
 * Invariants: the coordinator has a connection of its own, so that no Fetch is
 * before its answers; parts and links are empty unless stable. failed is what
 * failed between two exchanges, with its message.
 */
struct supply_ordered {
	struct supply supply;
	struct supply_ordered_options options;
	struct brokers *brokers;
	struct remote_topic *topics;
	struct ordered_policy *policies; /* by topic */
	size_t topic_count;
	int64_t settings_ms;        /* clock_boot_ms: when they were read */
	struct client *coordinator; /* NULL: not connected */
	enum ordered_state state;
	char member[256];           /* "": the coordinator is to name us */
	int32_t generation;
	bool is_beating;            /* a Heartbeat is to be answered */
	int64_t beat_ms;            /* clock_boot_ms of the next one */
	bool must_rejoin;
	int64_t rejoin_ms;          /* clock_boot_ms: whatever is out */
	int64_t looked_ms;          /* at the topics */
	struct ordered_part **parts;
	size_t part_count;
	size_t turn;
	struct buf links;           /* with the leaders of parts */
	struct ordered_part *read;  /* the one that is read; NULL: lost */
	int64_t read_end;           /* where, if it is lost */
	uint64_t serial;
	uint64_t lost_serial;
	int failed;
	char message[512];
	struct patience patience;
	char note[512];             /* for people */
	bool has_note;
};

extern const struct supply_kind supply_ordered_kind;

/* Closes and frees without a word. */
void supply_ordered_release(struct supply_ordered *self);

/* Takes what the coordinator said, and says what is due; waits for nothing. */
int supply_ordered_tend(struct supply_ordered *self);

/* Keeps a failure for the next exchange, which tries again or tells of it. */
int supply_ordered_keep(struct supply_ordered *self, int failed);

/* We own nothing any more: what is out is lost. */
void supply_ordered_drop_parts(struct supply_ordered *self);

/* True if a grant has no verdict yet. */
bool is_supply_ordered_out(const struct supply_ordered *self);

/* One request to the coordinator and its answer, while stable. */
int supply_ordered_call(struct supply_ordered *self, const struct api *api,
    const void *message, struct arena *arena, void *response);
void supply_ordered_leave(struct supply_ordered *self);

/* Who leads the topics now, and how many partitions they have: 1 if some
 * have more. */
int supply_ordered_look(struct supply_ordered *self);

/* Shares out what the members of a JoinGroup's answer subscribe to. Fills
 * assignments with struct sync_group_request_assignment; bytes are theirs. */
struct join_group_response;
int supply_ordered_assign(struct supply_ordered *self,
    const struct join_group_response *response, struct arena *arena,
    struct list *assignments, struct buf *bytes);

/* Takes what was assigned to us, and where it was committed. */
int supply_ordered_take_parts(struct supply_ordered *self,
    struct slice assignment);

/* The part that a grant is of; NULL if it is none of ours. */
struct ordered_part *supply_ordered_part(const struct supply_ordered *self,
    const struct grant *grant);

/* Reads the topics' settings, unless that was just done. */
int supply_ordered_read_settings(struct supply_ordered *self);

int64_t supply_ordered_max_attempts(const struct supply_ordered *self,
    size_t topic);

/* How long a message rests after an attempt. */
int64_t supply_ordered_backoff_ms(const struct supply_ordered *self,
    size_t topic, int attempt);

/* Stores a letter for each message of a part of a grant that came whole: 1; 0
 * if that is not possible now, which is noted. At least once: who is killed
 * between a letter and the commit behind it leaves a second one. */
int supply_ordered_bury(struct supply_ordered *self,
    struct ordered_part *part, const struct grant *grant,
    const struct failure *failure);
void supply_ordered_close_letters(struct supply_ordered *self);

/* Remembers a failure, for the grant after it and for other members; and
 * reads it back from what was committed. */
void supply_ordered_note_failure(struct ordered_part *part, int64_t first,
    int64_t last, int attempt);
void supply_ordered_parse_failure(struct ordered_part *part,
    struct slice text);

/* The next grant of a part that has some: what failed together stays
 * together, and at the last attempt each comes alone. */
void supply_ordered_cut(const struct supply_ordered *self,
    struct ordered_part *part, int64_t count, struct grant *grant);

/* Buries what has had all its attempts and nobody told of the end. */
int supply_ordered_bury_spent(struct supply_ordered *self);

/* Takes verdicts and commits: the number of those that are lost, marked. */
int supply_ordered_settle(struct supply_ordered *self,
    struct verdict *verdicts, size_t count);

/* Tells how far partitions are settled: 1 if the coordinator took it, 0 if we
 * are not who it believes owns them. */
int supply_ordered_commit(struct supply_ordered *self);

/* Asks leaders for what parts have not, for up to wait_ms; takes an answer. */
int supply_ordered_ask(struct supply_ordered *self, int64_t wait_ms);
int supply_ordered_take(struct supply_ordered *self, struct link *link);

/* Takes all answers that are to come: nothing else may be asked before. */
int supply_ordered_drain(struct supply_ordered *self);

/* Begins a partition again at an offset. */
void supply_ordered_rewind(struct ordered_part *part, int64_t offset);

#endif
