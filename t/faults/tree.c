/* Directories on a memory disk, copied and removed fast. */
#include "tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static _Noreturn void
give_up(const char *what, const char *name)
{
	fprintf(stderr, "faults: %s %s: %s\n", what, name, strerror(errno));
	exit(71);
}

static void
copy_file(int from, int to, const char *name, mode_t mode)
{
	static char bytes[1 << 20];
	int in = openat(from, name, O_RDONLY | O_CLOEXEC);
	int out = openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
	    mode);
	ssize_t got = 0;

	if (in < 0 || out < 0)
		give_up("open", name);
	while ((got = read(in, bytes, sizeof(bytes))) > 0) {
		if (write(out, bytes, (size_t)got) != got)
			give_up("write", name);
	}
	if (got < 0)
		give_up("read", name);
	close(in);
	close(out);
}

static bool
is_dots(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* Takes both descriptors. */
static void
copy_entries(int from, int to)
{
	DIR *stream = fdopendir(from);
	struct dirent *entry;
	struct stat status;

	while (stream != NULL && (entry = readdir(stream)) != NULL) {
		const char *name = entry->d_name;

		if (is_dots(name))
			continue;
		if (fstatat(from, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
			give_up("stat", name);
		if (!S_ISDIR(status.st_mode)) {
			copy_file(from, to, name, status.st_mode & 0777);
			continue;
		}
		if (mkdirat(to, name, status.st_mode & 0777) != 0)
			give_up("make", name);
		copy_entries(openat(from, name, O_RDONLY | O_CLOEXEC),
		    openat(to, name, O_RDONLY | O_CLOEXEC));
	}
	closedir(stream);
	close(to);
}

void
tree_copy(const char *from, const char *to)
{
	int in = open(from, O_RDONLY | O_DIRECTORY | O_CLOEXEC), out;

	if (in < 0 && errno == ENOENT)
		return;
	mkdir(to, 0700);
	out = open(to, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (in < 0 || out < 0)
		give_up("copy", from);
	copy_entries(in, out);
}

/* Takes the descriptor. */
static void
remove_entries(int dir)
{
	DIR *stream = fdopendir(dir);
	struct dirent *entry;

	while (stream != NULL && (entry = readdir(stream)) != NULL) {
		const char *name = entry->d_name;

		if (is_dots(name) || unlinkat(dir, name, 0) == 0)
			continue;
		remove_entries(openat(dir, name, O_RDONLY | O_CLOEXEC));
		if (unlinkat(dir, name, AT_REMOVEDIR) != 0)
			give_up("remove", name);
	}
	closedir(stream);
}

void
tree_empty(const char *path)
{
	int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dir >= 0)
		remove_entries(dir);
	else if (errno != ENOENT)
		give_up("empty", path);
}
