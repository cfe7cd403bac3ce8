/* Sets of hashes, which processes may share. */
#include "known.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

void
known_share(struct known *known, size_t size)
{
	void *at = mmap(NULL, (size + 1) * sizeof(*known->slots),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED) {
		perror("crash: no memory");
		exit(71);
	}
	known->count = at;
	known->slots = (uint64_t *)at + 1;
	known->size = size;
}

static size_t
find(const struct known *known, uint64_t hash)
{
	size_t at = hash % known->size;

	while (known->slots[at] != 0 && known->slots[at] != hash)
		at = (at + 1) % known->size;
	return at;
}

bool
is_known(const struct known *known, uint64_t hash)
{
	return known->slots[find(known, hash)] == hash;
}

bool
known_add(struct known *known, uint64_t hash)
{
	size_t at = find(known, hash);

	if (known->slots[at] == hash)
		return true;
	if (*known->count >= known->size / 4 * 3)
		return false;
	known->slots[at] = hash;
	++*known->count;
	return true;
}
