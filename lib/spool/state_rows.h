/* The rows of groups in the index, beside the logs that they speak of. */
#ifndef SPOOL_STATE_ROWS_H
#define SPOOL_STATE_ROWS_H

#include "spool/index.h"
#include "spool/session.h"
#include "spool/state.h"

/* A group on a partition, as the index has it. */
struct state_row {
	int64_t sub;
	int64_t group_id;
	int64_t topic_id;
	char *group;
	char *topic;
	unsigned char uuid[16]; /* of the topic */
	int partition;
	enum group_order order;
	int64_t start;
	int64_t next;
	int64_t epoch;
	int64_t dead;
};

struct state_rows {
	struct state_row *items;
	size_t count;
};

/* Rows of one group and one topic (NULL is any), by names and partition; groups
 * of the toolkit itself are left out unless they are named. The first within
 * a snapshot or transaction, the second in a snapshot of its own. */
int state_rows_read(struct state_rows *rows, struct index *index,
    const char *group, const char *topic);
int state_rows_load(struct state_rows *rows, struct index *index,
    const char *group, const char *topic);
void state_rows_release(struct state_rows *rows);

/*
 * The partition of a row. Invariants: start <= next <= end; both are moved to
 * where the log has been trimmed or cut to, what the index says above `next` is
 * void.
 */
struct state_log {
	struct spool *spool;
	struct topic *topic; /* that of the last row, kept */
	struct partition *partition;
	struct partition_state state;
	int64_t start;
	int64_t next;
	int64_t end; /* the high watermark */
};

/* 1 if it is there, 0 if the topic or partition is gone. */
int state_log_open(struct state_log *log, const struct state_row *row);
void state_log_close(struct state_log *log);

/* How many members of a group live; in a snapshot or transaction. */
int state_rows_members(struct index *index, const struct session *sessions,
    int64_t group_id);

/* Forgets topics that are gone, unless one is there that cannot be opened. */
int state_sweep(struct spool *spool, struct index *index);

#endif
