/* One workload on one spool, with a fault or without. */
#ifndef FAULTS_TRIAL_H
#define FAULTS_TRIAL_H

#include "child.h"
#include "lines.h"
#include "plan.h"
#include "workload.h"

enum { CALL_NAME_SIZE = 20, PATH_SIZE = 200, SITE_SIZE = 160, WHY_SIZE = 900 };

/* A system call that the workload makes. */
struct site {
	char name[CALL_NAME_SIZE];
	int number;             /* the how many-th of that name, from 1 */
	bool makes;             /* its path is not there before the workload */
	int repeat;             /* how often this site made it before */
	char path[PATH_SIZE];   /* "-" if it has none */
	char site[SITE_SIZE];   /* which chain of callers */
};

/* What topic t and group g hold. */
struct world {
	struct lines log;       /* "PARTITION OFFSET VALUE" of each message */
	struct lines dead;      /* values of the dead letters */
	struct lines ready;     /* what the group would get, leases over */
};

/* All paths are absolute. */
struct trial {
	const struct workload *workload;
	char snapshot[PATH_SIZE]; /* the directory that prepare made */
	char scratch[PATH_SIZE];  /* where the spool is put, and used */
	char receipt[PATH_SIZE];  /* what that file holds */
	char pad[2000];
	struct world before;
	bool has_group;           /* in the spool, or the workload makes it */
	struct child run;         /* of the workload */
	struct child other;       /* of whatever else */
	struct site *calls;
	int call_count;
	char first_out[OUTPUT_MAX]; /* what it prints without faults */
};

/* Learns what there is before, and which calls are made. Exits with 71 if the
 * workload does not even work without faults. */
void trial_begin(struct trial *trial);
void trial_end(struct trial *trial);

/* Puts the spool there and runs the workload; plan NULL is without faults.
 * Returns how many calls failed. */
int trial_run(struct trial *trial, const struct plan *plan, int number);

/* Runs another tool on the spool, or (again) the workload itself, without
 * faults. Returns its status; its output is in trial->other. */
int trial_tool(struct trial *trial, const char *const *argv);
int trial_again(struct trial *trial);

/* Looks into the log, at dead letters, or takes all that the group can get. */
void trial_look_log(struct trial *trial, struct lines *lines);
void trial_look_dead(struct trial *trial, struct lines *lines);
void trial_drain(struct trial *trial, struct lines *lines);

/* The lines that workers have seen, or that went to stdout. */
void trial_delivered(const struct trial *trial, struct lines *lines);

#endif
