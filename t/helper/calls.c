/* Makes calls and tells what each returned: what libfi.so is tested with.
 *
 *   calls STEP...
 *
 * A step is a name, or NAME=VALUE: open=PATH, write=SIZE, pwritev=SIZE,
 * read=SIZE, sync, fsync, truncate=SIZE, size, mkdir=PATH, rename=PATH (of the
 * file that was opened), unlink=PATH, lock, unlock, poll=MS, alloc=SIZE, copy
 * (of a text), clock=wall|boot|monotonic (in seconds), list=DIRECTORY, pid.
 * Each prints "NAME RESULT", or the name of errno. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { ROOM = 100000 };

static int fd = -1;
static char path[4096];
static char bytes[ROOM];

static long
open_file(const char *value)
{
	snprintf(path, sizeof(path), "%s", value);
	fd = open(path, O_RDWR | O_CREAT | O_APPEND, 0600);
	return fd < 0 ? -1 : 0;
}

static long
write_two(size_t size)
{
	struct iovec pieces[] = {{bytes, size / 2}, {bytes, size - size / 2}};

	return pwritev(fd, pieces, 2, 0);
}

static long
file_size(void)
{
	struct stat status;

	return fstat(fd, &status) == 0 ? (long)status.st_size : -1;
}

static long
rename_to(const char *to)
{
	return rename(path, to);
}

static long
allocate(size_t size)
{
	void *volatile memory = size % 2 ? calloc(1, size) : malloc(size);

	free(memory);
	return memory == NULL ? -1 : 0;
}

static long
copy_text(void)
{
	char *volatile copy = strdup(path);
	bool is_there = copy != NULL;

	free(copy);
	return is_there ? 0 : -1;
}

static long
seconds_of(const char *name)
{
	clockid_t id = *name == 'w' ? CLOCK_REALTIME
	    : *name == 'b'          ? CLOCK_BOOTTIME
	                            : CLOCK_MONOTONIC;
	struct timespec now;

	return clock_gettime(id, &now) == 0 ? (long)now.tv_sec : -1;
}

static long
count_entries(const char *name)
{
	DIR *dir = opendir(name);
	long count = 0;

	if (dir == NULL)
		return -1;
	while (errno = 0, readdir(dir) != NULL)
		count++;
	closedir(dir);
	return errno ? -1 : count;
}

static long
do_on_file(const char *name, long number)
{
	if (strcmp(name, "write") == 0)
		return write(fd, bytes, (size_t)number);
	if (strcmp(name, "pwritev") == 0)
		return write_two((size_t)number);
	if (strcmp(name, "read") == 0)
		return pread(fd, bytes, (size_t)number, 0);
	if (strcmp(name, "sync") == 0)
		return fdatasync(fd);
	if (strcmp(name, "fsync") == 0)
		return fsync(fd);
	if (strcmp(name, "truncate") == 0)
		return ftruncate(fd, number);
	if (strcmp(name, "size") == 0)
		return file_size();
	if (strcmp(name, "lock") == 0)
		return flock(fd, LOCK_EX);
	if (strcmp(name, "unlock") == 0)
		return flock(fd, LOCK_UN);
	fprintf(stderr, "calls: what is %s?\n", name);
	exit(64);
}

static long
do_step(const char *name, const char *value)
{
	long number = strtol(value, NULL, 10);

	if (strcmp(name, "open") == 0)
		return open_file(value);
	if (strcmp(name, "mkdir") == 0)
		return mkdir(value, 0700);
	if (strcmp(name, "rename") == 0)
		return rename_to(value);
	if (strcmp(name, "unlink") == 0)
		return unlink(value);
	if (strcmp(name, "poll") == 0)
		return poll(NULL, 0, (int)number);
	if (strcmp(name, "alloc") == 0)
		return allocate((size_t)number);
	if (strcmp(name, "copy") == 0)
		return copy_text();
	if (strcmp(name, "clock") == 0)
		return seconds_of(value);
	if (strcmp(name, "list") == 0)
		return count_entries(value);
	if (strcmp(name, "pid") == 0)
		return getpid();
	return do_on_file(name, number);
}

/* Nothing of our own telling is buffered, or counted with the calls. */
static void
tell(const char *name, long result, int error)
{
	const char *text = result < 0 ? strerrorname_np(error) : NULL;
	char line[100];
	int size;

	if (text != NULL)
		size = snprintf(line, sizeof(line), "%s %s\n", name, text);
	else
		size = snprintf(line, sizeof(line), "%s %ld\n", name,
		    result);
	syscall(SYS_write, STDOUT_FILENO, line, (size_t)size);
}

int
main(int argc, char **argv)
{
	memset(bytes, 'x', sizeof(bytes));
	for (int i = 1; i < argc; i++) {
		char *name = strsep(&argv[i], "=");
		long result;

		errno = 0;
		result = do_step(name, argv[i] == NULL ? "" : argv[i]);
		tell(name, result, errno);
	}
	return 0;
}
