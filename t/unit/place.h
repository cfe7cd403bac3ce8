/* A spool of a unit test's own, in a directory removed at its end. */
#ifndef PLACE_H
#define PLACE_H

#include "base/fail.h"
#include "spool/spool.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char place_path[300];
static pid_t place_owner;

static inline int
place_remove_entry(const char *path, const struct stat *status, int type,
    struct FTW *walk)
{
	(void)status, (void)type, (void)walk;
	return remove(path);
}

static inline void
place_remove(void)
{
	char *end = strrchr(place_path, '/');

	if (getpid() != place_owner || end == NULL)
		return;
	*end = 0;
	nftw(place_path, place_remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

/* Where the spool is to be. */
static inline const char *
place_make(void)
{
	const char *parent = getenv("TMPDIR");

	snprintf(place_path, sizeof(place_path) - 8, "%s/unit.XXXXXX",
	    parent != NULL ? parent : "/tmp");
	if (mkdtemp(place_path) == NULL)
		abort();
	strcat(place_path, "/spool");
	place_owner = getpid();
	atexit(place_remove);
	return place_path;
}

/* Ends the test where what it stands on has failed. */
static inline void
place_must(int result)
{
	if (result >= 0)
		return;
	printf("not ok - %s\n", fail_message());
	exit(1);
}

static inline struct spool *
place_open(enum spool_mode mode)
{
	struct spool *spool;

	place_must(spool_open(&spool, place_path, mode, true));
	return spool;
}

#endif
