/* Memory: there is some, or the process ends. */
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

static void (*end_process)(size_t size);

void
memory_end(size_t size)
{
	if (end_process != NULL)
		end_process(size);
	abort();
}

void
memory_set_end(void (*how)(size_t size))
{
	end_process = how;
}

void *
memory_alloc(size_t size)
{
	void *memory = calloc(1, size ? size : 1);

	if (memory == NULL)
		memory_end(size);
	return memory;
}

void *
memory_resize(void *old, size_t size)
{
	void *memory = realloc(old, size ? size : 1);

	if (memory == NULL)
		memory_end(size);
	return memory;
}

char *
memory_copy_text(const char *text)
{
	char *copy = strdup(text);

	if (copy == NULL)
		memory_end(strlen(text) + 1);
	return copy;
}
