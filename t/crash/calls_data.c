/* Calls on the bytes of files: reading, writing, syncing, mapping, locking. */
#include "calls.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { PAGE = 4096, LOCKS_MAX = 64, MAPS_MAX = 64 };

/* Of an open file description; [first, end). */
struct byte_lock {
	int fd; /* 0: none */
	int file;
	off_t first;
	off_t end;
	short type;
};

static struct byte_lock locks[LOCKS_MAX];

static struct {
	void *at;
} maps[MAPS_MAX];

void
calls_reset(uint64_t seed)
{
	memset(locks, 0, sizeof(locks));
	memset(maps, 0, sizeof(maps));
	calls_reset_time(seed);
}

bool
calls_begin(void)
{
	if (!is_trace_on())
		return false;
	trace_lock();
	trace_look();
	return true;
}

void
calls_end(bool is_traced)
{
	int error = errno;

	if (is_traced)
		trace_unlock();
	errno = error;
}

void
calls_finish(void)
{
	calls_end(calls_begin());
}

static int
refuse(int error)
{
	errno = error;
	return -1;
}

static ssize_t
read_disk(int fd, void *data, size_t size, off_t at)
{
	int number = disk_fd_file(fd);
	const struct disk_file *file;

	if (number < 0)
		return -1;
	file = disk_file(number);
	if (file->is_directory)
		return refuse(EISDIR);
	if (at >= (off_t)file->size)
		return 0;
	if (size > file->size - (size_t)at)
		size = file->size - (size_t)at;
	memcpy(data, file->data + at, size);
	return (ssize_t)size;
}

ssize_t
read(int fd, void *data, size_t size)
{
	ssize_t got;

	if (!is_disk_fd(fd))
		return plain(SYS_read, (long)fd, data, size);
	got = read_disk(fd, data, size, *disk_fd_at(fd));
	if (got > 0)
		*disk_fd_at(fd) += got;
	return got;
}

ssize_t
pread(int fd, void *data, size_t size, off_t at)
{
	return is_disk_fd(fd) ? read_disk(fd, data, size, at)
	                      : plain(SYS_pread64, (long)fd, data, size, at);
}

ssize_t
pread64(int fd, void *data, size_t size, off64_t at)
{
	return pread(fd, data, size, at);
}

static void
trace_write(int number, const void *data, size_t size, off_t at)
{
	struct trace_record record = {
		.op = TRACE_WRITE,
		.file = (uint64_t)number + 1,
		.offset = at,
		.data_size = size,
	};

	trace_add(record, NULL, NULL, data);
	trace_wrote(record.file, at, data, size);
}

static ssize_t
write_disk(int fd, const void *data, size_t size, off_t at)
{
	int number = disk_fd_file(fd);
	struct disk_file *file;
	bool is_traced;

	if (number < 0)
		return -1;
	if ((disk_fd_flags(fd) & O_ACCMODE) == O_RDONLY)
		return refuse(EBADF);
	if (size == 0)
		return 0;
	file = disk_file(number);
	is_traced = calls_begin();
	if (file->size < (size_t)at)
		disk_set_size(file, (size_t)at);
	disk_own(file, (size_t)at + size);
	memcpy(file->data + at, data, size);
	if (file->size < (size_t)at + size)
		file->size = (size_t)at + size;
	if (is_traced)
		trace_write(number, data, size, at);
	calls_end(is_traced);
	return (ssize_t)size;
}

ssize_t
write(int fd, const void *data, size_t size)
{
	ssize_t put;

	if (!is_disk_fd(fd))
		return plain(SYS_write, (long)fd, data, size);
	put = write_disk(fd, data, size, *disk_fd_at(fd));
	if (put > 0)
		*disk_fd_at(fd) += put;
	return put;
}

ssize_t
pwrite(int fd, const void *data, size_t size, off_t at)
{
	return is_disk_fd(fd) ? write_disk(fd, data, size, at)
	                      : plain(SYS_pwrite64, (long)fd, data, size, at);
}

ssize_t
pwrite64(int fd, const void *data, size_t size, off64_t at)
{
	return pwrite(fd, data, size, at);
}

/* In one piece, as it takes effect. */
ssize_t
pwritev(int fd, const struct iovec *pieces, int count, off_t at)
{
	size_t size = 0;
	ssize_t rc;
	char *all, *end;

	for (int i = 0; i < count; i++)
		size += pieces[i].iov_len;
	end = all = malloc(size + 1);
	if (all == NULL)
		disk_stop("no memory");
	for (int i = 0; i < count; i++)
		end = mempcpy(end, pieces[i].iov_base, pieces[i].iov_len);
	rc = pwrite(fd, all, size, at);
	free(all);
	return rc;
}

/* True for a file of the disk; else *rc is what to answer. */
static bool
is_file(int fd, int *rc, struct disk_file **file)
{
	int number = disk_fd_file(fd);

	*rc = -1;
	if (number < 0)
		return false;
	*file = disk_file(number);
	if ((*file)->is_directory) {
		errno = EINVAL;
		return false;
	}
	return true;
}

static void
resize(int fd, struct disk_file *file, off_t size)
{
	struct trace_record record = {
		.op = TRACE_TRUNCATE,
		.file = (uint64_t)disk_fd_file(fd) + 1,
		.offset = size,
	};
	bool is_traced = calls_begin();

	disk_set_size(file, (size_t)size);
	if (is_traced)
		trace_add(record, NULL, NULL, NULL);
	calls_end(is_traced);
}

int
ftruncate(int fd, off_t size)
{
	struct disk_file *file;
	int rc;

	if (!is_disk_fd(fd))
		return (int)plain(SYS_ftruncate, (long)fd, size);
	if (!is_file(fd, &rc, &file))
		return rc;
	resize(fd, file, size);
	return 0;
}

int
ftruncate64(int fd, off64_t size)
{
	return ftruncate(fd, size);
}

int
posix_fallocate(int fd, off_t at, off_t size)
{
	struct disk_file *file;
	int rc;

	if (!is_file(fd, &rc, &file))
		return errno;
	if ((size_t)(at + size) > file->size)
		resize(fd, file, at + size);
	return 0;
}

int
posix_fadvise(int fd, off_t at, off_t size, int advice)
{
	(void)fd, (void)at, (void)size, (void)advice;
	return 0;
}

int
fchmod(int fd, mode_t mode)
{
	if (!is_disk_fd(fd))
		return (int)plain(SYS_fchmod, (long)fd, (long)mode);
	if (disk_fd_file(fd) < 0)
		return -1;
	disk_file(disk_fd_file(fd))->mode = mode;
	return 0;
}

int
fchown(int fd, uid_t user, gid_t group)
{
	return is_disk_fd(fd) ? 0 : (int)plain(SYS_fchown, (long)fd,
	    (long)user, (long)group);
}

/* What began before the sync did is durable once it has ended. */
int
fsync(int fd)
{
	struct trace_record record = {.op = TRACE_SYNC_BEGIN};
	bool is_traced;

	if (!is_disk_fd(fd))
		return (int)plain(SYS_fsync, (long)fd);
	if (disk_fd_file(fd) < 0)
		return -1;
	is_traced = calls_begin();
	if (is_traced) {
		record.file = (uint64_t)disk_fd_file(fd) + 1;
		record.offset = (int64_t)trace_add(record, NULL, NULL, NULL);
		record.op = TRACE_SYNC_END;
		trace_add(record, NULL, NULL, NULL);
	}
	calls_end(is_traced);
	return 0;
}

int
fdatasync(int fd)
{
	return fsync(fd);
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
		if (maps[i].at != NULL)
			continue;
		maps[i].at = at;
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
		count += maps[i].at == at;
	return count;
}

static void
forget_map(const void *at)
{
	for (int i = 0; i < MAPS_MAX; i++) {
		if (maps[i].at != at)
			continue;
		maps[i].at = NULL;
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

int
flock(int fd, int how)
{
	struct disk_file *file;

	if (!is_disk_fd(fd))
		return (int)plain(SYS_flock, (long)fd, (long)how);
	if (disk_fd_file(fd) < 0)
		return -1;
	file = disk_file(disk_fd_file(fd));
	if (how & LOCK_UN) {
		if (file->locked_by == fd)
			file->locked_by = 0;
		return 0;
	}
	if (file->locked_by != 0 && file->locked_by != fd) {
		if (!(how & LOCK_NB))
			disk_stop("waits for a lock that it holds");
		return refuse(EWOULDBLOCK);
	}
	file->locked_by = fd;
	return 0;
}

static struct byte_lock *
find_lock(const struct byte_lock *want)
{
	for (int i = 0; i < LOCKS_MAX; i++) {
		struct byte_lock *it = &locks[i];

		if (it->fd != 0 && it->fd != want->fd &&
		    it->file == want->file && it->first < want->end &&
		    want->first < it->end &&
		    (it->type == F_WRLCK || want->type == F_WRLCK))
			return it;
	}
	return NULL;
}

static int
set_lock(const struct byte_lock *want)
{
	if (want->type != F_UNLCK && find_lock(want) != NULL)
		return refuse(EAGAIN);
	for (int i = 0; i < LOCKS_MAX; i++) {
		if (locks[i].fd == want->fd && locks[i].first < want->end &&
		    want->first < locks[i].end)
			locks[i].fd = 0;
	}
	for (int i = 0; i < LOCKS_MAX && want->type != F_UNLCK; i++) {
		if (locks[i].fd != 0)
			continue;
		locks[i] = *want;
		return 0;
	}
	return want->type == F_UNLCK ? 0 : refuse(ENOLCK);
}

void
calls_unlock(int fd)
{
	for (int i = 0; i < LOCKS_MAX; i++) {
		if (locks[i].fd == fd)
			locks[i].fd = 0;
	}
	flock(fd, LOCK_UN);
}

/* Those of the process exclude nobody, for there is no other. */
static int
lock_disk(int fd, int command, struct flock *lock)
{
	struct byte_lock want = {fd, disk_fd_file(fd), lock->l_start,
	    lock->l_len == 0 ? INT64_MAX : lock->l_start + lock->l_len,
	    lock->l_type};

	if (command == F_GETLK || (command == F_OFD_GETLK &&
	        find_lock(&want) == NULL))
		lock->l_type = F_UNLCK;
	else if (command == F_OFD_GETLK)
		lock->l_type = find_lock(&want)->type;
	else if (command == F_OFD_SETLK)
		return set_lock(&want);
	else if (command == F_OFD_SETLKW && set_lock(&want) != 0)
		disk_stop("waits for a lock that it holds");
	return 0;
}

static int
control(int fd, int command, long argument)
{
	if (!is_disk_fd(fd))
		return (int)plain(SYS_fcntl, (long)fd, (long)command,
		    argument);
	if (disk_fd_file(fd) < 0)
		return -1;
	if (command == F_GETFL)
		return disk_fd_flags(fd);
	if (command == F_GETFD)
		return FD_CLOEXEC;
	if (command == F_SETFD || command == F_SETFL)
		return 0;
	return lock_disk(fd, command, (struct flock *)argument);
}

int
fcntl(int fd, int command, ...)
{
	va_list list;
	long argument;

	va_start(list, command);
	argument = va_arg(list, long);
	va_end(list);
	return control(fd, command, argument);
}

int
fcntl64(int fd, int command, ...)
{
	va_list list;
	long argument;

	va_start(list, command);
	argument = va_arg(list, long);
	va_end(list);
	return control(fd, command, argument);
}
