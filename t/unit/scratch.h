/* A directory of a unit test's own, removed at its end. */
#ifndef SCRATCH_H
#define SCRATCH_H

#include "base/file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char scratch_path[256];

static inline int
scratch_remove_entry(const char *name, void *context)
{
	file_unlink(*(int *)context, name);
	return 0;
}

static inline void
scratch_remove(void)
{
	int dir = file_open_directory(AT_FDCWD, scratch_path);

	file_list(dir, scratch_remove_entry, &dir);
	close(dir);
	rmdir(scratch_path);
}

/* Makes it and returns its descriptor. */
static inline int
scratch_make(void)
{
	const char *parent = getenv("TMPDIR");

	snprintf(scratch_path, sizeof(scratch_path), "%s/unit.XXXXXX",
	    parent ? parent : "/tmp");
	if (mkdtemp(scratch_path) == NULL)
		abort();
	atexit(scratch_remove);
	return file_open_directory(AT_FDCWD, scratch_path);
}

#endif
