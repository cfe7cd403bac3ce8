/* The files of the index in a spool: making, telling apart, putting aside. */
#include "spool/indexfile.h"
#include "base/clock.h"
#include "base/fail.h"
#include "base/file.h"
#include "base/file_label.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const companions[] = {"-wal", "-shm"};

/* 1 if there is one, 0 if not. */
static int
find(int dir, const char *name, struct stat *status)
{
	if (fstatat(dir, name, status, AT_SYMLINK_NOFOLLOW) == 0)
		return 1;
	return errno == ENOENT
	    ? 0 : fail_errno("%s/%s", file_label(dir).text, name);
}

static int
look(int dir, const char *name, struct stat *status)
{
	int result = find(dir, name, status);

	if (result != 1)
		return result;
	if (!S_ISREG(status->st_mode) || status->st_nlink != 1)
		return fail(FAIL_PERMISSION,
		    "%s/%s: not a plain file, or one with two names",
		    file_label(dir).text, name);
	return 1;
}

int
indexfile_look(int dir, struct index_identity *identity)
{
	struct stat status;
	int found, wal;

	*identity = (struct index_identity){0};
	wal = look(dir, INDEX_FILE "-shm", &status);
	if (wal < 0)
		return wal;
	wal = look(dir, INDEX_FILE "-wal", &status);
	if (wal < 0)
		return wal;
	if (wal)
		identity->wal = status.st_ino;
	found = look(dir, INDEX_FILE, &status);
	if (found == 1) {
		identity->device = status.st_dev;
		identity->database = status.st_ino;
	}
	return found;
}

int
indexfile_match(int dir, const struct index_identity *identity)
{
	struct stat status;
	int result = find(dir, INDEX_FILE, &status);

	if (result != 1 || status.st_ino != identity->database ||
	    status.st_dev != identity->device)
		return result < 0 ? result : 0;
	result = find(dir, INDEX_FILE "-wal", &status);
	return result == 1 ? status.st_ino == identity->wal : result;
}

int
indexfile_create(int dir)
{
	struct index_identity identity;
	int result = indexfile_look(dir, &identity);

	if (result != 0)
		return result < 0 ? result : 0;
	/* A WAL without its database belongs to one that is gone. */
	for (int i = 0; i < 2; i++) {
		char name[32];

		snprintf(name, sizeof(name), INDEX_FILE "%s", companions[i]);
		result = file_unlink(dir, name);
		if (result < 0)
			return result;
	}
	result = file_open(dir, INDEX_FILE, FILE_EXCLUSIVE);
	if (result < 0)
		return result;
	close(result);
	return 0;
}

int
indexfile_quarantine(int dir)
{
	int64_t now_ms = clock_wall_ms();
	char from[32], to[64];
	int result;

	/* The companions first: a crash in between must not leave an old WAL
	 * beside a new database. */
	for (int i = 0; i < 2; i++) {
		snprintf(from, sizeof(from), INDEX_FILE "%s", companions[i]);
		snprintf(to, sizeof(to), INDEX_FILE ".corrupt-%lld%s",
		    (long long)now_ms, companions[i]);
		result = file_rename(dir, from, to);
		if (result < 0 && result != -FAIL_MISSING)
			return result;
	}
	snprintf(to, sizeof(to), INDEX_FILE ".corrupt-%lld",
	    (long long)now_ms);
	result = file_rename(dir, INDEX_FILE, to);
	if (result < 0 && result != -FAIL_MISSING)
		return result;
	return file_sync_directory(dir);
}

int
indexfile_stamp(int dir, int64_t *stamp)
{
	struct stat status;
	int result = find(dir, INDEX_FILE, &status);

	*stamp = result == 1 ? status.st_mtim.tv_sec * 1000000000LL +
	    status.st_mtim.tv_nsec : -1;
	return result;
}

/* The path SQLite is told: the directory that we have open, wherever the
 * process changed its own to, and without symbolic links in it. */
char *
indexfile_path(int dir, const char *fallback)
{
	char link[64], path[PATH_MAX];
	char *real;
	ssize_t size;

	snprintf(link, sizeof(link), "/proc/self/fd/%d",
	    dir);
	size = readlink(link, path, sizeof(path) - 1);
	if (size > 0) {
		path[size] = 0;
		return memory_copy_text(path);
	}
	real = realpath(fallback, path);
	return memory_copy_text(real != NULL ? real : fallback);
}
