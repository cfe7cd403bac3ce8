/* Removing a directory with all that is in it. */
#include "spool/tree.h"

#include "base/fail.h"
#include "base/file.h"
#include "base/file_label.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LEVELS_MAX = 8, TRIES = 100 };

struct level {
	int dir;
	int depth;
};

/* 1 if it is one; 0 if it is something else, or nothing. */
static int
find_directory(int dir, const char *name)
{
	struct stat status;

	if (fstatat(dir, name, &status, AT_SYMLINK_NOFOLLOW) == 0)
		return S_ISDIR(status.st_mode);
	return errno == ENOENT
	    ? 0 : fail_errno("%s/%s", file_label(dir).text, name);
}

static int remove_entry(const char *name, void *context);

/* Whoever has it open still may make files in it meanwhile: once more. */
static int
remove_directory(const struct level *level, const char *name)
{
	struct level below = {-1, level->depth + 1};
	int code = -FAIL_IO;

	below.dir = file_open_directory(level->dir, name);
	if (below.dir == -FAIL_MISSING)
		return 0;
	if (below.dir < 0)
		return below.dir;
	for (int i = 0; i < TRIES && code < 0; i++) {
		code = file_list(below.dir, remove_entry, &below);
		if (code < 0)
			break;
		code = file_unlink(level->dir, name);
	}
	close(below.dir);
	return code;
}

static int
remove_entry(const char *name, void *context)
{
	const struct level *level = context;
	int found = find_directory(level->dir, name);

	if (found <= 0)
		return found < 0 ? found : file_unlink(level->dir, name);
	if (level->depth >= LEVELS_MAX)
		return fail(FAIL_IO, "%s: directories too deep to remove",
		    name);
	return remove_directory(level, name);
}

int
tree_remove(int dir, const char *name)
{
	struct level top = {dir, 0};

	return remove_entry(name, &top);
}
