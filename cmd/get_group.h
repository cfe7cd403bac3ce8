/* mq-get -g: the options that only a group has. */
#ifndef CMD_GET_GROUP_H
#define CMD_GET_GROUP_H

#include "tool.h"

struct get_group_options {
	const char *name;         /* -g, NULL: a pure read */
	const char *ack;          /* after, before, manual; NULL: after */
	const char *order;        /* none, key, partition; NULL: none */
	int64_t lease_ms;         /* -1: the topic's */
	int64_t max_attempts;     /* -1: the topic's */
	const char *backoff;
	const char *save;
	int64_t batch;            /* -1: default */
	int64_t workers;          /* -P, -1: one */
	int64_t kill_after_ms;    /* -1: never */
	struct option_list on_exit;
	const char *on_dead;
};

#define GET_GROUP_DEFAULTS \
	{.lease_ms = -1, .max_attempts = -1, .batch = -1, .workers = -1, \
	    .kill_after_ms = -1}

/* Rows for the option table of a tool whose values have a member `group` of
 * this type. */
#define GET_GROUP_OPTION(values, letter, name, type, member, argument, \
    complete, help) \
	{letter, name, type, offsetof(values, group.member), argument, \
	    complete, help}
#define GET_GROUP_OPTIONS(values) \
	GET_GROUP_OPTION(values, 'g', "group", OPTION_TEXT, name, "GROUP", \
	    COMPLETE_GROUP, "lease messages as a member of GROUP"), \
	GET_GROUP_OPTION(values, 0, "ack", OPTION_TEXT, ack, "WHEN", \
	    "after|before|manual", \
	    "when a message is acknowledged (default: after its delivery)"), \
	GET_GROUP_OPTION(values, 0, "lease", OPTION_DURATION, lease_ms, "DUR", \
	    NULL, "hold a message for DUR, then somebody else may have it"), \
	GET_GROUP_OPTION(values, 0, "order", OPTION_TEXT, order, "ORDER", \
	    "none|key|partition", \
	    "what of a group stays in order (default: none)"), \
	GET_GROUP_OPTION(values, 0, "max-attempts", OPTION_INTEGER, \
	    max_attempts, "N", NULL, \
	    "make a message a dead letter after N failed deliveries"), \
	GET_GROUP_OPTION(values, 0, "backoff", OPTION_TEXT, backoff, \
	    "DUR..DUR", NULL, \
	    "wait so long before a failed message is tried again"), \
	GET_GROUP_OPTION(values, 0, "save", OPTION_TEXT, save, "FILE", \
	    COMPLETE_FILE, "write the payload to FILE, too"), \
	GET_GROUP_OPTION(values, 0, "batch", OPTION_INTEGER, batch, "N", NULL, \
	    "lease N messages at once, give a worker N"), \
	GET_GROUP_OPTION(values, 'P', "parallel", OPTION_INTEGER, workers, \
	    "N", NULL, "run N workers at once"), \
	GET_GROUP_OPTION(values, 0, "kill-after", OPTION_DURATION, \
	    kill_after_ms, "DUR", NULL, "end a worker that takes longer"), \
	GET_GROUP_OPTION(values, 0, "on-exit", OPTION_LIST, on_exit, \
	    "CODE=WHAT,..", NULL, \
	    "what a worker's exit does: ack, drop, dead or retry"), \
	GET_GROUP_OPTION(values, 0, "on-dead", OPTION_TEXT, on_dead, "CMD", \
	    NULL, "run CMD by sh on a message that becomes a dead letter")

struct get_options;

/* Leases messages to stdout, or to workers if worker[0] is not NULL. Returns
 * the exit status, or dies of the signal that ended it. */
int get_group(const struct get_options *options, char **names, int count,
    char *const *worker);

/* Refuses what only a group understands; for a read without one. */
void get_group_refuse(const struct get_group_options *options);

#endif
