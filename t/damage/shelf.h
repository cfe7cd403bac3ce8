/* The files of a directory, kept in memory to be put back after each damage. */
#ifndef DAMAGE_SHELF_H
#define DAMAGE_SHELF_H

#include "base/buf.h"

#include <stdbool.h>

enum { SHELF_MAX = 16 };

struct shelf {
	int dir;
	int count;
	struct {
		char name[64];
		struct buf bytes;
	} list[SHELF_MAX];
};

/* Takes over all plain files of the directory; 0 or negative. */
int shelf_load(struct shelf *shelf, int dir);
void shelf_release(struct shelf *shelf); /* does not close dir */

/* -1: there is none. */
int shelf_find(const struct shelf *shelf, const char *name);

/* Files that are not known are removed. All others are as they were
 * again but the one of this index, if it is not -1. */
int shelf_restore(const struct shelf *shelf, int but);

/* 0 if the file is as it was, 1 if it is not. */
int shelf_check(const struct shelf *shelf, int index);

/* One file: its own bytes, or others. */
int shelf_put(const struct shelf *shelf, int index, struct slice bytes);

#endif
