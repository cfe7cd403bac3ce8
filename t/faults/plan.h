/* Which calls fail how: what their manual pages say. */
#ifndef FAULTS_PLAN_H
#define FAULTS_PLAN_H

#include <stdbool.h>

/* One way for one call to fail. */
struct plan {
	const char *call;   /* as t/fi/call.h names it */
	const char *action; /* errno(EIO), short(1), with "+forever" */
	int error;          /* the errno, 0 of a short call */
	bool is_hidden;     /* the tool must succeed all the same */
	bool makes;         /* only where a name is made */
};

/* Each in turn, by call; NULL at the end. */
const struct plan *plan_at(int number);

/* The one with this call and action; or NULL. */
const struct plan *plan_find(const char *call, const char *action);

bool plan_is_forever(const struct plan *plan);

/* True if this is what a tool may exit with, if it says so, by mq(7), when the
 * call is one on this path. */
bool plan_allows(const struct plan *plan, const char *path, int status);

/* True if the text tells the reason. */
bool plan_is_told(const struct plan *plan, const char *text);

#endif
