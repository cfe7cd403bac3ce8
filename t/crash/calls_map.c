/* Calls on shared mappings of files: they are the bytes of the file itself. */
#include "calls.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>

enum { PAGE = 4096, MAPS_MAX = 64 };

static void *maps[MAPS_MAX];

void
calls_reset_maps(void)
{
	memset(maps, 0, sizeof(maps));
}

/* The shared memory of SQLite is made anew after a crash. */
static bool
is_worth_watching(int number)
{
	char path[4096];
	int size = disk_path(number, path, sizeof(path));

	return size < 4 || strcmp(path + size - 4, "-shm") != 0;
}

static void
remember_map(void *at)
{
	for (int i = 0; i < MAPS_MAX; i++) {
		if (maps[i] != NULL)
			continue;
		maps[i] = at;
		return;
	}
	disk_stop("too many mappings");
}

/* The bytes of the file are moved to where an older mapping is. */
static void
map_over(void *at, struct disk_file *file)
{
	for (int i = 0; i < disk_count(); i++) {
		struct disk_file *old = disk_file(i);
		unsigned char *data = file->data;

		if (old->data != at || old->capacity == 0)
			continue;
		memcpy(data, old->data, old->size < PAGE ? old->size : PAGE);
		file->data = at;
		old->data = data;
		memset(at, 0, PAGE);
		return;
	}
	disk_stop("maps over what is no mapping");
}

static void *
map_disk(void *at, size_t size, int flags, int number, off_t from)
{
	struct disk_file *file = disk_file(number);
	size_t end = ((size_t)from + size + PAGE - 1) / PAGE * PAGE;

	if (file->is_directory || !(flags & MAP_SHARED) ||
	    end > (file->size + PAGE - 1) / PAGE * PAGE)
		disk_stop("a mapping that would be a SIGBUS when touched");
	/* The shared memory of SQLite grows. */
	if (!file->is_mapped)
		memset(disk_own(file, 4 * end) + file->size, 0,
		    4 * end - file->size);
	file->is_mapped = true;
	if (flags & MAP_FIXED) {
		unsigned char page[PAGE];

		memcpy(page, file->data, PAGE);
		map_over(at, file);
		memcpy(file->data, page, PAGE);
	}
	return file->data + from;
}

void *
mmap(void *at, size_t size, int protection, int flags, int fd, off_t from)
{
	bool is_traced;
	int number;

	if (!is_disk_fd(fd))
		return (void *)plain(SYS_mmap, at, size, (long)protection,
		    (long)flags, (long)fd, from);
	number = disk_fd_file(fd);
	if (number < 0)
		return MAP_FAILED;
	is_traced = protection & PROT_WRITE && is_worth_watching(number) &&
	    calls_begin();
	at = map_disk(at, size, flags, number, from);
	if (!(flags & MAP_FIXED))
		remember_map(at);
	if (is_traced)
		trace_map(at, size, (uint64_t)number + 1, from);
	calls_end(is_traced);
	return at;
}

void *
mmap64(void *at, size_t size, int protection, int flags, int fd, off64_t from)
{
	return mmap(at, size, protection, flags, fd, from);
}

/* How often a place is mapped: one file is at one place, always. */
static int
count_maps(const void *at)
{
	int count = 0;

	for (int i = 0; i < MAPS_MAX; i++)
		count += maps[i] == at;
	return count;
}

static void
forget_map(const void *at)
{
	for (int i = 0; i < MAPS_MAX; i++) {
		if (maps[i] != at)
			continue;
		maps[i] = NULL;
		return;
	}
}

int
munmap(void *at, size_t size)
{
	int count = count_maps(at);
	bool is_traced;

	if (count == 0)
		return (int)plain(SYS_munmap, at, size);
	is_traced = calls_begin();
	forget_map(at);
	if (is_traced && count == 1)
		trace_unmap(at, size);
	calls_end(is_traced);
	return 0;
}
