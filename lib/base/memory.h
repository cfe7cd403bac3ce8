/* Memory: there is some, or the process ends. */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include <stddef.h>

/* Never NULL: without memory the process ends, as after kill -9, which every
 * other one is prepared for. */
void *memory_alloc(size_t size); /* zeroed */
void *memory_resize(void *old, size_t size);
char *memory_copy_text(const char *text);

/* Sets how it ends: told how much was asked for, `end` must not return, nor
 * allocate. Without one it aborts. */
void memory_set_end(void (*end)(size_t size));

/* Ends it so: for what asks for memory in another way, in vain. */
_Noreturn void memory_end(size_t size);

#endif
