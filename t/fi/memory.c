/* Allocations: they fail, or they are made by whoever comes next. */
#include "plain.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

enum { EARLY_BYTES = 1024 * 1024, EARLY_STEP = 16 };

/* What is asked for before every library has begun: a sanitizer cannot be
 * given back what it was asked for while it was beginning itself. */
static char early[EARLY_BYTES] __attribute__((aligned(EARLY_STEP)));
static size_t early_size;

static struct {
	void *(*malloc)(size_t);
	void *(*calloc)(size_t, size_t);
	void *(*realloc)(void *, size_t);
	void *(*memalign)(size_t, size_t);
	void (*free)(void *);
} next;

/* Ours is the first library, and so the last to begin. */
__attribute__((constructor)) static void
begin(void)
{
	plain_next(&next.malloc, "malloc");
	plain_next(&next.calloc, "calloc");
	plain_next(&next.realloc, "realloc");
	plain_next(&next.memalign, "memalign");
	plain_next(&next.free, "free");
}

static bool
has_next(void)
{
	return next.free != NULL;
}

/* Zeros, as nobody gives anything back. The size stands before them. */
static void *
take_early(size_t size)
{
	char *at = early + early_size;

	if (size > EARLY_BYTES - early_size - 2 * EARLY_STEP)
		abort();
	memcpy(at, &size, sizeof(size));
	early_size += (size + 2 * EARLY_STEP - 1) & ~(size_t)(EARLY_STEP - 1);
	return at + EARLY_STEP;
}

static bool
is_early(const void *at)
{
	return (const char *)at >= early &&
	    (const char *)at < early + EARLY_BYTES;
}

static bool
is_refused(enum call call)
{
	struct verdict verdict = rule_judge(call, -1, NULL);

	if (verdict.error != 0)
		errno = verdict.error;
	rule_after(verdict);
	return verdict.error != 0;
}

void *
malloc(size_t size)
{
	if (!has_next())
		return take_early(size);
	return is_refused(CALL_malloc) ? NULL : next.malloc(size);
}

void *
calloc(size_t count, size_t size)
{
	if (!has_next())
		return take_early(count * size);
	return is_refused(CALL_calloc) ? NULL : next.calloc(count, size);
}

static void *
move_early(const char *old, size_t size)
{
	size_t old_size;
	void *at = malloc(size);

	memcpy(&old_size, old - EARLY_STEP, sizeof(old_size));
	if (at != NULL)
		memcpy(at, old, old_size < size ? old_size : size);
	return at;
}

void *
realloc(void *old, size_t size)
{
	if (is_early(old))
		return move_early(old, size);
	if (!has_next())
		return take_early(size);
	return is_refused(CALL_realloc) ? NULL : next.realloc(old, size);
}

void *
memalign(size_t alignment, size_t size)
{
	if (!has_next())
		abort();
	return is_refused(CALL_memalign) ? NULL
	                                 : next.memalign(alignment, size);
}

void *
aligned_alloc(size_t alignment, size_t size)
{
	return memalign(alignment, size);
}

int
posix_memalign(void **at, size_t alignment, size_t size)
{
	*at = memalign(alignment, size);
	return *at == NULL ? ENOMEM : 0;
}

/* The sanitizer has its own, which would not ask us. */
char *
strndup(const char *text, size_t max)
{
	size_t size = strnlen(text, max);
	char *copy = malloc(size + 1);

	if (copy == NULL)
		return NULL;
	copy[size] = 0;
	return memcpy(copy, text, size);
}

char *
strdup(const char *text)
{
	return strndup(text, strlen(text));
}

void
free(void *at)
{
	if (at != NULL && !is_early(at) && has_next())
		next.free(at);
}
