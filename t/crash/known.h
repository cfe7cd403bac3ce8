/* Sets of hashes, which processes may share. */
#ifndef CRASH_KNOWN_H
#define CRASH_KNOWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All zero is one without room. */
struct known {
	uint64_t *slots;
	size_t size;
	size_t *count; /* in the same memory */
};

/* Makes it for size hashes, shared with processes that are forked later. */
void known_share(struct known *known, size_t size);

/* hash is not 0. Adding is refused when the set is full. */
bool is_known(const struct known *known, uint64_t hash);
bool known_add(struct known *known, uint64_t hash);

#endif
