/* The files of the index in a spool: making, telling apart, putting aside. */
#ifndef SPOOL_INDEXFILE_H
#define SPOOL_INDEXFILE_H

#include <stdint.h>

#define INDEX_FILE "index.db"

/* Which files these are: device, inode of index.db, inode of its WAL (0:
 * none). */
struct index_identity {
	uint64_t device;
	uint64_t database;
	uint64_t wal;
};

/* Looks at the files by name. 1 if index.db is there, 0 if not;
 * -FAIL_PERMISSION if one of them is not a plain file of one name. */
int indexfile_look(int dir, struct index_identity *identity);

/* 1 if the files of these names are still those, 0 if not. */
int indexfile_match(int dir, const struct index_identity *identity);

/* Makes an empty index.db if there is none; under the index lock, and never
 * while the process has one open (closing it would drop SQLite's locks). */
int indexfile_create(int dir);

/* Renames index.db and its companions to index.db.corrupt-TIME...; under the
 * index lock. */
int indexfile_quarantine(int dir);

/* Allocates the path that SQLite is told: of the directory that we have open,
 * wherever the process changed its own to, without symbolic links in it. */
char *indexfile_path(int dir, const char *fallback);

/* A stamp of index.db's content: changes when a checkpoint or anybody writes
 * it. 0, and -1 for a stamp, if there is none. */
int indexfile_stamp(int dir, int64_t *stamp);

#endif
