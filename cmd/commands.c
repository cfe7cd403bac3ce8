/* The commands of mq: programs named mq-COMMAND. */
#include "commands.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PREFIX "mq-"

enum { TABLE_MAX = 64 * 1024, NAME_MAX_SHOWN = 64 };

extern char **environ;

void
commands_directory(struct buf *out)
{
	char path[PATH_MAX];
	ssize_t size = readlink("/proc/self/exe", path, sizeof(path) - 1);
	char *slash;

	path[size > 0 ? size : 0] = '\0';
	slash = strrchr(path, '/');
	if (slash)
		*slash = '\0';
	buf_append_text(out, slash ? path : ".");
}

/* Reads what the program prints on its stdout. */
static void
read_output(const char *const argv[], struct buf *out)
{
	posix_spawn_file_actions_t actions;
	int ends[2];
	ssize_t got;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
	posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	if (posix_spawn(&pid, argv[0], &actions, NULL,
	    (char *const *)(uintptr_t)argv, environ) != 0)
		pid = -1;
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	while (out->size < TABLE_MAX && (got = read(ends[0],
	    buf_reserve(out, 4096), 4096)) != 0) {
		if (got > 0)
			out->size += (size_t)got;
		else if (errno != EINTR)
			break;
	}
	close(ends[0]);
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

/* The last field of the first line of the tool's option table. */
static void
append_summary(const char *directory, const char *file, struct buf *out)
{
	struct buf path = {0}, table = {0};
	const char *text, *tab;
	size_t size;

	buf_printf(&path, "%s/%s", directory, file);
	read_output((const char *[]){buf_text(&path), "--option-table", NULL},
	    &table);
	text = buf_text(&table);
	size = strcspn(text, "\n");
	tab = memrchr(text, '\t', size);
	if (tab)
		buf_append(out, tab + 1, (size_t)(text + size - tab - 1));
	buf_release(&path);
	buf_release(&table);
}

/* Names found so far, each with its NUL, and where we are looking. */
struct search {
	struct buf names;
	const char *directory;
	int fd;
	struct buf *out;      /* NULL: names only */
	bool ask;             /* for summaries */
};

static bool
is_found(const struct buf *names, const char *name)
{
	const char *at = (const char *)names->data;
	const char *end = at + names->size;

	for (; at < end; at += strlen(at) + 1)
		if (strcmp(at, name) == 0)
			return true;
	return false;
}

static int
find_one(const char *file, void *context)
{
	struct search *search = context;
	const char *name = file + strlen(PREFIX);

	if (strncmp(file, PREFIX, strlen(PREFIX)) != 0 || !name[0] ||
	    strlen(name) > NAME_MAX_SHOWN || strchr(name, '.') ||
	    faccessat(search->fd, file, X_OK, 0) != 0 ||
	    is_found(&search->names, name))
		return 0;
	buf_append(&search->names, name, strlen(name) + 1);
	if (!search->out)
		return 0;
	buf_printf(search->out, "  %-10s  ", name);
	if (search->ask)
		append_summary(search->directory, file, search->out);
	else
		buf_printf(search->out, "(%s/%s)", search->directory, file);
	buf_append_byte(search->out, '\n');
	return 0;
}

static void
find_in(struct search *search, const char *directory)
{
	search->directory = directory;
	search->fd = file_open_directory(AT_FDCWD, directory);
	if (search->fd < 0)
		return;
	file_list(search->fd, find_one, search);
	close(search->fd);
}

/* Ours first, then those of PATH. */
static void
find_all(struct search *search)
{
	const char *variable = getenv("PATH");
	char *path = memory_copy_text(variable ? variable : "");
	char *rest = path, *directory;
	struct buf ours = {0};

	commands_directory(&ours);
	search->ask = true;
	find_in(search, buf_text(&ours));
	search->ask = false;
	while ((directory = strsep(&rest, ":")))
		find_in(search, directory[0] ? directory : ".");
	buf_release(&ours);
	free(path);
}

void
commands_list(struct buf *out)
{
	struct search search = {.out = out};

	find_all(&search);
	buf_release(&search.names);
}

static int
least(int a, int b, int c)
{
	int low = a < b ? a : b;

	return low < c ? low : c;
}

/* Levenshtein's: single-byte insertions, removals and replacements. */
static int
distance(const char *from, const char *to)
{
	int row[NAME_MAX_SHOWN + 2];
	int width = (int)strlen(to);

	for (int i = 0; i <= width; i++)
		row[i] = i;
	for (int at = 0; from[at]; at++) {
		int corner = row[0];

		row[0] = at + 1;
		for (int i = 1; i <= width; i++) {
			int above = row[i];

			row[i] = least(above + 1, row[i - 1] + 1,
			    corner + (from[at] != to[i - 1]));
			corner = above;
		}
	}
	return row[width];
}

bool
commands_nearest(const char *name, struct buf *out)
{
	struct search search = {0};
	const char *at, *end, *nearest = NULL;
	int best = 3; /* further away it is a guess */

	buf_append(&search.names, "help", sizeof("help"));
	find_all(&search);
	at = (const char *)search.names.data;
	end = at + search.names.size;
	for (; at < end; at += strlen(at) + 1) {
		int away = distance(name, at);

		if (away < best && away < (int)strlen(at)) {
			best = away;
			nearest = at;
		}
	}
	if (nearest)
		buf_append_text(out, nearest);
	buf_release(&search.names);
	return nearest != NULL;
}
