/* Files: reading and writing their bytes, and making them durable. */
#include "base/clock.h"
#include "base/fail.h"
#include "base/file.h"
#include "base/file_label.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <unistd.h>

ssize_t
file_read_at(int fd, void *data, size_t size, off_t at)
{
	size_t done = 0;

	while (done < size) {
		ssize_t got = pread(fd, (char *)data + done, size - done,
		    at + (off_t)done);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return file_fail(fd, "read");
		if (got == 0)
			break;
		done += (size_t)got;
	}
	return (ssize_t)done;
}

int
file_write_at(int fd, const void *data, size_t size, off_t at)
{
	const char *from = data;

	while (size > 0) {
		ssize_t put = pwrite(fd, from, size, at);

		if (put < 0 && errno == EINTR)
			continue;
		if (put == 0)
			errno = EIO;
		if (put <= 0)
			return file_fail(fd, "write");
		from += put;
		size -= (size_t)put;
		at += put;
	}
	return 0;
}

/* Whether to leave a reader alone who takes nothing, deadline_ms being 0 or
 * when our patience ends. */
static bool
is_hopeless(const uint32_t *stop, int64_t *deadline_ms)
{
	enum { PATIENCE_MS = 200 };
	int64_t now_ms;

	if (stop == NULL || __atomic_load_n(stop, __ATOMIC_RELAXED) == 0)
		return false;
	now_ms = clock_boot_ms();
	if (*deadline_ms == 0)
		*deadline_ms = now_ms + PATIENCE_MS;
	return now_ms >= *deadline_ms;
}

int
file_write_until(int fd, const void *data, size_t size, const uint32_t *stop)
{
	const char *from = data;
	int64_t deadline_ms = 0;

	while (size > 0) {
		ssize_t put = write(fd, from, size);

		if (put > 0) {
			from += put;
			size -= (size_t)put;
			deadline_ms = 0;
			continue;
		}
		if (put < 0 && errno == EPIPE)
			return fail(FAIL_NOTHING, "the reader has gone");
		if (put < 0 && errno != EINTR && errno != EAGAIN)
			return file_fail(fd, "write");
		if (is_hopeless(stop, &deadline_ms))
			return fail(FAIL_NOTHING, "the reader takes nothing");
		if (put < 0 && errno == EAGAIN) {
			/* Whoever gave us the descriptor made it so. */
			struct pollfd ready = {fd, POLLOUT, 0};

			poll(&ready, 1, -1);
		}
	}
	return 0;
}

int
file_write(int fd, const void *data, size_t size)
{
	return file_write_until(fd, data, size, NULL);
}

int
file_zero_at(int fd, size_t size, off_t at)
{
	enum { PIECE = 64 * 1024, PIECES = 16 };
	static const char zeros[PIECE];
	struct iovec pieces[PIECES];

	while (size > 0) {
		size_t left = size;
		int count = 0;
		ssize_t put;

		for (; left > 0 && count < PIECES; count++) {
			size_t piece = left < PIECE ? left : PIECE;

			pieces[count] = (struct iovec){(void *)zeros, piece};
			left -= piece;
		}
		put = pwritev(fd, pieces, count, at);
		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return file_fail(fd, "write zeros");
		size -= (size_t)put;
		at += put;
	}
	return 0;
}

int64_t
file_size(int fd)
{
	struct stat status;

	if (fstat(fd, &status) != 0)
		return file_fail(fd, "stat");
	return status.st_size;
}

int
file_truncate(int fd, off_t size)
{
	while (ftruncate(fd, size) != 0) {
		if (errno != EINTR)
			return file_fail(fd, "truncate");
	}
	return 0;
}

/* A sync that a signal interrupted has told of no failure, so the next one
 * does. */
int
file_sync(int fd)
{
	while (fdatasync(fd) != 0) {
		if (errno != EINTR)
			return file_fail(fd, "fdatasync");
	}
	return 0;
}

int
file_sync_whole(int fd)
{
	while (fsync(fd) != 0) {
		if (errno != EINTR)
			return file_fail(fd, "fsync");
	}
	return 0;
}

int
file_sync_directory(int dir)
{
	while (fsync(dir) != 0) {
		/* A file system that keeps no directory in memory. */
		if (errno == EINVAL)
			return 0;
		if (errno != EINTR)
			return file_fail(dir, "fsync of directory");
	}
	return 0;
}

int
file_drop_cache(int fd, off_t at)
{
	enum { PAGE_MAX = 64 * 1024 };
	/* A page is only dropped whole. */
	off_t from = at / PAGE_MAX * PAGE_MAX;
	int error = posix_fadvise(fd, from, 0, POSIX_FADV_DONTNEED);

	if (error == 0)
		return 0;
	errno = error;
	return file_fail(fd, "drop cache");
}

int
file_map(int fd, size_t size, bool writable, void **map)
{
	int64_t have = file_size(fd);

	*map = NULL;
	if (have < 0)
		return (int)have;
	if ((uint64_t)have < size)
		return fail(FAIL_CORRUPT, "%s: %lld bytes, not %zu",
		    file_label(fd).text, (long long)have, size);
	*map = mmap(NULL, size, writable ? PROT_READ | PROT_WRITE : PROT_READ,
	    MAP_SHARED, fd, 0);
	if (*map != MAP_FAILED)
		return 0;
	*map = NULL;
	return file_fail(fd, "map");
}

void
file_unmap(void *map, size_t size)
{
	if (map != NULL)
		munmap(map, size);
}

bool
file_is_unlinked(int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 && status.st_nlink == 0;
}

/* f_type of statfs(2), from linux/magic.h and the file systems' sources. */
static const struct {
	uint32_t magic;
	const char *kind;
} network_kinds[] = {
	{0x00006969, "nfs"},
	{0xff534d42, "cifs"},
	{0xfe534d42, "smb2"},
	{0x0000517b, "smb"},
	{0x01021997, "9p"},
	{0x00c36400, "ceph"},
	{0x5346414f, "afs"},
	{0x6b414653, "afs"},
	{0x73757245, "coda"},
	{0x0bd00bd0, "lustre"},
	{0x7461636f, "ocfs2"},
	{0x01161970, "gfs2"},
	{0x47504653, "gpfs"},
};

int
file_is_network(int fd, const char **kind)
{
	struct statfs status;

	while (fstatfs(fd, &status) != 0) {
		if (errno != EINTR)
			return file_fail(fd, "statfs");
	}
	for (size_t i = 0;
	     i < sizeof(network_kinds) / sizeof(*network_kinds); i++) {
		if (network_kinds[i].magic == (uint32_t)status.f_type) {
			*kind = network_kinds[i].kind;
			return 1;
		}
	}
	return 0;
}
