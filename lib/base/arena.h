/* Arenas: many small pieces of memory that are freed together. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

/*
 * Invariant: taken <= limit. Whoever decodes what others sent sets the limit to
 * what one message may cost.
 */
struct arena {
	struct arena_block *blocks; /* the newest first */
	size_t taken;
	size_t limit;
	size_t held; /* what the blocks take, with what is free in them */
};

struct arena arena_limited(size_t limit);

/* Zeroed memory, aligned for any type; NULL if it would exceed the limit. */
void *arena_take(struct arena *arena, size_t count, size_t size);

/* Frees all but one block, which serves the next pieces. */
void arena_clear(struct arena *arena);
void arena_release(struct arena *arena);

#endif
