/* All the states a crash may leave, prefix by prefix of a trace. */
#ifndef CRASH_ENUMERATE_H
#define CRASH_ENUMERATE_H

#include "model.h"
#include "promise.h"
#include "trial.h"

struct enumeration {
	const char *scratch;  /* a directory for the traces of recoveries */
	const char *spool;    /* of the spool below the root of the trace */
	unsigned long seed;
	int random_states;    /* of each prefix */
	int single_ops;       /* dropped or kept alone, the youngest first */
	int deep_every;       /* crash in the recovery of each so-manieth
	                         state; 0: never */
	int one_in;           /* try one in so many states; 1: all */
	int depth_max;        /* crashes one after the other, from 1 on */
	bool stops_at_first;
	/* counted: */
	long prefixes;
	long states;          /* different ones, each recovered and checked */
	long repeated;        /* made, but checked before */
	long offered;
	long left_out;
	long deep[DEPTH_MAX]; /* of the states: after so many crashes before */
	long recordings;      /* recoveries whose crashes were tried */
	long failures;
};

/* model is at the beginning of its trace. depth: how many crashes were before
 * it. */
int enumerate(struct enumeration *all, struct model *model,
    struct promises *promises, int depth);

#endif
