/* The trace of durable operations: its bytes, and adding to it. */
#include "trace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { MAPS_MAX = 64, MAP_BYTES_MAX = 64 * 1024 };

struct map {
	char *at;
	size_t size;
	uint64_t file;
	int64_t offset;
	char *known; /* what the trace says is there */
};

static struct trace *shared;
static struct map maps[MAPS_MAX];

/* The plain system calls: our own wrappers must not record these. */
static int
open_plain(const char *path, int flags)
{
	return (int)syscall(SYS_openat, AT_FDCWD, path, flags | O_CLOEXEC,
	    0600);
}

static void *
map_plain(const char *path, int flags, int protection)
{
	int fd = open_plain(path, flags);
	void *at;

	if (fd < 0)
		return NULL;
	at = (void *)syscall(SYS_mmap, NULL, (size_t)TRACE_BYTES, protection,
	    MAP_SHARED | MAP_NORESERVE, fd, 0L);
	syscall(SYS_close, fd);
	return at == MAP_FAILED ? NULL : at;
}

int
trace_make(const char *path)
{
	int fd = open_plain(path, O_RDWR | O_CREAT | O_TRUNC);
	pthread_mutexattr_t kind;
	struct trace *trace;
	int rc;

	if (fd < 0)
		return -1;
	rc = (int)syscall(SYS_ftruncate, fd, (long)TRACE_BYTES);
	syscall(SYS_close, fd);
	trace = rc < 0 ? NULL : map_plain(path, O_RDWR,
	    PROT_READ | PROT_WRITE);
	if (trace == NULL)
		return -1;
	pthread_mutexattr_init(&kind);
	pthread_mutexattr_setpshared(&kind, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&kind, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(&trace->lock, &kind);
	memcpy(trace->magic, "mqtrace2", sizeof(trace->magic));
	return (int)syscall(SYS_munmap, trace, (size_t)TRACE_BYTES);
}

int
trace_start(const char *path)
{
	if (shared != NULL)
		syscall(SYS_munmap, shared, (size_t)TRACE_BYTES);
	shared = path == NULL ? NULL
	                      : map_plain(path, O_RDWR,
	                            PROT_READ | PROT_WRITE);
	return path != NULL && shared == NULL ? -1 : 0;
}

bool
is_trace_on(void)
{
	return shared != NULL;
}

void
trace_lock(void)
{
	if (pthread_mutex_lock(&shared->lock) == EOWNERDEAD)
		pthread_mutex_consistent(&shared->lock);
}

void
trace_unlock(void)
{
	pthread_mutex_unlock(&shared->lock);
}

static int64_t
ask(clockid_t clock)
{
	struct timespec now = {0};

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static char *
put(char *at, const void *data, size_t size)
{
	if (size > 0)
		memcpy(at, data, size);
	return at + size;
}

uint64_t
trace_add(struct trace_record record, const char *name, const char *to_name,
    const void *data)
{
	char *at = (char *)(shared + 1) + shared->size;
	size_t size;

	record.pid = (int32_t)getpid();
	record.clocks = (struct trace_clocks){
		.wall_ns = ask(CLOCK_REALTIME),
		.boot_ns = ask(CLOCK_BOOTTIME),
	};
	record.name_size = (uint16_t)(name ? strlen(name) + 1 : 0);
	record.to_name_size = (uint16_t)(to_name ? strlen(to_name) + 1 : 0);
	size = sizeof(record) + record.name_size + record.to_name_size +
	    record.data_size;
	size = (size + 7) & ~(size_t)7;
	if (size > TRACE_BYTES - sizeof(*shared) - shared->size)
		abort();
	record.size = (uint32_t)size;
	at = put(at, &record, sizeof(record));
	at = put(at, name, record.name_size);
	at = put(at, to_name, record.to_name_size);
	put(at, data, record.data_size);
	shared->size += size;
	return shared->count++;
}

void
trace_map(void *at, size_t size, uint64_t file, int64_t offset)
{
	if (size > MAP_BYTES_MAX)
		return;
	trace_unmap(at, size);
	for (int i = 0; i < MAPS_MAX; i++) {
		if (maps[i].at != NULL)
			continue;
		maps[i] = (struct map){at, size, file, offset, malloc(size)};
		if (maps[i].known == NULL)
			abort();
		memcpy(maps[i].known, at, size);
		return;
	}
	abort();
}

void
trace_unmap(void *at, size_t size)
{
	for (int i = 0; i < MAPS_MAX; i++) {
		struct map *map = &maps[i];

		if (map->at == NULL || map->at >= (char *)at + size ||
		    map->at + map->size <= (char *)at)
			continue;
		free(map->known);
		*map = (struct map){0};
	}
}

/* Reads without a fault where the file behind the mapping was cut. */
static bool
peek(const struct map *map, char *into)
{
	struct iovec here = {into, map->size}, there = {map->at, map->size};

	return process_vm_readv(getpid(), &here, 1, &there, 1, 0) ==
	    (ssize_t)map->size;
}

static void
look_at(struct map *map)
{
	static char now[MAP_BYTES_MAX];
	struct trace_record record = {.op = TRACE_MAPPED, .file = map->file};
	size_t first = 0, end = map->size;

	if (!peek(map, now))
		return;
	while (first < end && now[first] == map->known[first])
		first++;
	while (end > first && now[end - 1] == map->known[end - 1])
		end--;
	if (first == end)
		return;
	record.offset = map->offset + (int64_t)first;
	record.data_size = end - first;
	memcpy(map->known, now, map->size);
	trace_add(record, NULL, NULL, now + first);
}

void
trace_look(void)
{
	for (int i = 0; i < MAPS_MAX; i++) {
		if (maps[i].at != NULL)
			look_at(&maps[i]);
	}
}

void
trace_wrote(uint64_t file, int64_t offset, const void *data, size_t size)
{
	for (int i = 0; i < MAPS_MAX; i++) {
		const struct map *map = &maps[i];

		for (size_t k = 0; map->at != NULL && map->file == file &&
		     k < size; k++) {
			int64_t at = offset + (int64_t)k - map->offset;

			if (at >= 0 && at < (int64_t)map->size)
				map->known[at] = ((const char *)data)[k];
		}
	}
}

void
trace_mark(const char *text)
{
	struct trace_record record = {
		.op = TRACE_MARK,
		.data_size = strlen(text) + 1,
	};

	trace_lock();
	trace_add(record, NULL, NULL, text);
	trace_unlock();
}

const struct trace *
trace_read(const char *path)
{
	const struct trace *trace = map_plain(path, O_RDONLY, PROT_READ);

	if (trace == NULL || memcmp(trace->magic, "mqtrace2", 8) != 0)
		return NULL;
	return trace;
}

void
trace_close(const struct trace *trace)
{
	syscall(SYS_munmap, trace, (size_t)TRACE_BYTES);
}
