/* Which of the states that a crash at one place may leave are tried. */
#ifndef CRASH_CHOOSE_H
#define CRASH_CHOOSE_H

#include "model.h"

struct choices {
	uint64_t seed;
	int random_states;
	int single_ops;
};

/* Calls try with each: all kept (killed, and cut), none; each young operation
 * dropped or kept alone; the last write torn; one file's or all names lost;
 * random ones. Some come twice. */
void choose(const struct model *model, const struct choices *choices,
    void (*try)(void *context, struct state *state, bool is_killed),
    void *context);

#endif
