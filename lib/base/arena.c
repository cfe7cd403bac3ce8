/* Blocks of memory, handed out from front to back. */
#include "base/arena.h"

#include "base/buf.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

/* Blocks grow: most requests of a client need little. With its head the first
 * one is of a size that the C library keeps at hand (1,032 bytes). */
enum { FIRST_BYTES = 960, BLOCK_BYTES = 8192 };

struct arena_block {
	struct arena_block *next;
	size_t used;
	size_t size;
	alignas(max_align_t) unsigned char bytes[];
};

struct arena
arena_limited(size_t limit)
{
	return (struct arena){NULL, 0, limit, 0};
}

static struct arena_block *
add_block(struct arena *arena, size_t size)
{
	size_t least = arena->held < FIRST_BYTES ? FIRST_BYTES : arena->held;
	struct arena_block *block;

	if (least > BLOCK_BYTES)
		least = BLOCK_BYTES;
	if (size < least)
		size = least;
	block = memory_alloc(sizeof *block + size);
	arena->held += sizeof *block + size;
	block->size = size;
	block->next = arena->blocks;
	arena->blocks = block;
	return block;
}

void *
arena_take(struct arena *arena, size_t count, size_t size)
{
	struct arena_block *block = arena->blocks;
	size_t bytes;
	void *piece;

	if (__builtin_mul_overflow(count, size, &bytes) ||
	    bytes > arena->limit - arena->taken)
		return NULL;
	bytes = (bytes + alignof(max_align_t) - 1) & -alignof(max_align_t);
	if (block == NULL || bytes > block->size - block->used)
		block = add_block(arena, bytes);
	piece = block->bytes + block->used;
	block->used += bytes;
	arena->taken += bytes < arena->limit - arena->taken ?
	    bytes : arena->limit - arena->taken;
	return piece;
}

/* The first block stays: it is of the common size. */
void
arena_clear(struct arena *arena)
{
	struct arena_block *block = arena->blocks;

	while (block != NULL && block->next != NULL) {
		struct arena_block *next = block->next;

		arena->held -= sizeof *block + block->size;
		free(block);
		block = next;
	}
	if (block != NULL) {
		memset(block->bytes, 0, block->used);
		block->used = 0;
	}
	arena->blocks = block;
	arena->taken = 0;
}

void
arena_release(struct arena *arena)
{
	arena_clear(arena);
	free(arena->blocks);
	arena->blocks = NULL;
	arena->held = 0;
}
