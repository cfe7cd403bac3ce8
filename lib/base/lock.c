/* Locks held by the kernel: a killed holder blocks nobody. */
#include "base/lock.h"
#include "base/clock.h"
#include "base/fail.h"
#include "base/file_label.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>

/* Without OFD locks (not Linux) the locks of the process must do: they
 * exclude other processes, not other descriptors of this one. */
#ifdef F_OFD_SETLK
#define LOCK_SET F_OFD_SETLK
#define LOCK_GET F_OFD_GETLK
#else
#define LOCK_SET F_SETLK
#define LOCK_GET F_GETLK
#endif

static int
lock_until(int dir, int64_t deadline_ms)
{
	int64_t pause_ms = 1;

	while (flock(dir, LOCK_EX | LOCK_NB) != 0) {
		if (errno == EINTR)
			continue;
		if (errno != EWOULDBLOCK)
			return file_fail(dir, "lock");
		if (clock_boot_ms() >= deadline_ms)
			return fail(FAIL_AGAIN, "%s: locked by another process",
			    file_label(dir).text);
		clock_sleep_ms(pause_ms);
		if (pause_ms < 10)
			pause_ms++;
	}
	return 0;
}

int
lock_directory(int dir, int timeout_ms)
{
	if (timeout_ms >= 0)
		return lock_until(dir, clock_boot_ms() + timeout_ms);
	while (flock(dir, LOCK_EX) != 0) {
		if (errno != EINTR)
			return file_fail(dir, "lock");
	}
	return 0;
}

void
unlock_directory(int dir)
{
	flock(dir, LOCK_UN);
}

static struct flock
one_byte(short type, int64_t byte)
{
	return (struct flock){
		.l_type = type,
		.l_whence = SEEK_SET,
		.l_start = byte,
		.l_len = 1,
	};
}

int
lock_byte(int fd, int64_t byte)
{
	struct flock lock = one_byte(F_WRLCK, byte);

	while (fcntl(fd, LOCK_SET, &lock) != 0) {
		if (errno == EAGAIN || errno == EACCES)
			return 0;
		if (errno != EINTR)
			return file_fail(fd, "lock a byte");
	}
	return 1;
}

void
unlock_byte(int fd, int64_t byte)
{
	struct flock lock = one_byte(F_UNLCK, byte);

	fcntl(fd, LOCK_SET, &lock);
}

bool
lock_is_held(int fd, int64_t byte)
{
	struct flock lock = one_byte(F_WRLCK, byte);

	if (fcntl(fd, LOCK_GET, &lock) != 0)
		return false;
	return lock.l_type != F_UNLCK;
}
