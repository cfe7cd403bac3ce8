/* Calls on locks, which exclude other descriptors of this process. */
#include "calls.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/file.h>
#include <sys/syscall.h>

enum { LOCKS_MAX = 64 };

/* Of an open file description; [first, end). */
struct byte_lock {
	int fd; /* 0: none */
	int file;
	off_t first;
	off_t end;
	short type;
};

static struct byte_lock locks[LOCKS_MAX];

void
calls_reset_locks(void)
{
	memset(locks, 0, sizeof(locks));
}

static int
refuse(int error)
{
	errno = error;
	return -1;
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
