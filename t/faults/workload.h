/* What is done under faults: one tool once, on a spool made for it. */
#ifndef FAULTS_WORKLOAD_H
#define FAULTS_WORKLOAD_H

#include <stdbool.h>

/* What may have become of topic t and its group g; see check.h. */
enum kind {
	KIND_READ,    /* nothing has changed */
	KIND_PUT,     /* messages were added to t: the lines of `adds` */
	KIND_TAKE,    /* what was delivered is settled */
	KIND_LEASE,   /* leased, and settled by nobody */
	KIND_SETTLE,  /* what the receipt stands for is settled */
	KIND_KEEP,    /* it is released or renewed */
	KIND_REJECT,  /* it is a dead letter now */
	KIND_DIE,     /* what was delivered is a dead letter now, or soon */
	KIND_RESET,   /* all is ready again */
	KIND_CREATE,  /* there is a topic u */
	KIND_ALTER,   /* t has three partitions */
	KIND_DELETE,  /* there is no t */
	KIND_REDRIVE, /* the dead letters are in t once more */
	KIND_DROP,    /* there are no dead letters */
	KIND_MEND,    /* the spool is whole */
};

struct workload {
	const char *name;
	const char *snapshot;    /* of t/faults/prepare */
	enum kind kind;
	const char *argv[16];    /* "@receipt" is the word of that file */
	const char *input;
	const char *adds;        /* lines that a put adds */
	const char *beside[6];   /* run while it sleeps */
	const char *order;       /* option that goes with group g */
	int status;              /* without faults */
	bool is_other_boot;      /* all runs in another boot than before */
	bool recovers;           /* what was left by a crash, first */
	bool has_varying_output; /* ages, tokens */
	bool is_warm;            /* the spool is used where it lies before */
};

/* Each in turn; NULL at the end. */
const struct workload *workload_at(int number);
const struct workload *workload_find(const char *name);

#endif
