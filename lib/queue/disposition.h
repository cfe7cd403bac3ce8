/* What a worker's exit does to its message: the table, as data. */
#ifndef QUEUE_DISPOSITION_H
#define QUEUE_DISPOSITION_H

#include "spool/group.h"

enum action {
	ACTION_RETRY,  /* release with back-off; dead after max attempts */
	ACTION_ACK,    /* acknowledge */
	ACTION_DROP,   /* acknowledge although it failed */
	ACTION_DEAD,   /* dead letter now */
	ACTION_FINISH, /* acknowledge, then stop with 0 */
	ACTION_BROKEN, /* release, not an attempt, stop with its code */
};

struct disposition {
	unsigned char of_exit[256]; /* enum action */
};

/* The table of mq-get(1). */
void disposition_init(struct disposition *disposition);

/* Lays "3=drop,4=dead" over it: drop, dead, retry or ack. -FAIL_USAGE. */
int disposition_parse(struct disposition *disposition, const char *text);

/* The action for a status of waitpid(2). */
enum action disposition_of(const struct disposition *disposition, int status,
    bool timed_out);

/* What the group is told. */
enum outcome disposition_outcome(enum action action);

#endif
