/* Names that a request has already named. */
#ifndef SERVER_NAMES_H
#define SERVER_NAMES_H

#include "server/request.h"

/* Invariant: at least half of the slots are free. */
struct names {
	struct slice *slots; /* data NULL: free */
	size_t count;        /* of slots: a power of two */
};

/* For so many names at most, in the request's arena. */
void names_init(struct names *names, struct request *request, int32_t most);

/* False if it was there before. The name has bytes, and stays. */
bool names_add(struct names *names, struct slice name);

#endif
