/* Allocations: they fail, or they are made by whoever comes next. */
#include "plain.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

enum { EARLY_BYTES = 64 * 1024 };

/* What is asked for while the next allocator is being looked for. */
static char early[EARLY_BYTES] __attribute__((aligned(16)));
static size_t early_size;
static __thread bool is_looking __attribute__((tls_model("initial-exec")));

static struct {
	void *(*malloc)(size_t);
	void *(*calloc)(size_t, size_t);
	void *(*realloc)(void *, size_t);
	void *(*memalign)(size_t, size_t);
	void (*free)(void *);
} next;

static bool
has_next(void)
{
	if (next.free != NULL)
		return true;
	if (is_looking)
		return false;
	is_looking = true;
	plain_next(&next.malloc, "malloc");
	plain_next(&next.calloc, "calloc");
	plain_next(&next.realloc, "realloc");
	plain_next(&next.memalign, "memalign");
	plain_next(&next.free, "free");
	is_looking = false;
	return true;
}

/* Zeros, as nobody gives anything back. */
static void *
take_early(size_t size)
{
	void *at = early + early_size;

	size = (size + 15) & ~(size_t)15;
	if (size > EARLY_BYTES - early_size)
		abort();
	early_size += size;
	return at;
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

void *
realloc(void *old, size_t size)
{
	if (is_early(old) || !has_next())
		abort();
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

void
free(void *at)
{
	if (at != NULL && !is_early(at) && has_next())
		next.free(at);
}
