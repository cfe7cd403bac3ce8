/* A hostile process: damages files of a spool while others use it.
 *
 * hostile SEED MILLISECONDS FILE|DIRECTORY...
 *
 * Until it is killed it picks a file every so many milliseconds (of a directory:
 * one of those in it), and cuts it short or longer, writes noise into it, unlinks it, puts back an older
 * copy, or swaps it with another one of the same call. */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { NOISE_MAX = 300, COPY_MAX = 64 * 1024 };

static uint64_t seed;

/* A copy of some file, to be put back later. */
static unsigned char copy[COPY_MAX];
static ssize_t copied;

static uint64_t
any(uint64_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return below > 0 ? seed % below : 0;
}

/* A file of the directory, or the path itself. False if there is none. */
static bool
pick(const char *path, char *file)
{
	struct dirent *entry;
	DIR *directory = opendir(path);
	size_t count = 0;

	snprintf(file, PATH_MAX, "%s", path);
	if (directory == NULL)
		return access(path, F_OK) == 0;
	while ((entry = readdir(directory)) != NULL) {
		if (entry->d_name[0] != '.' && any(++count) == 0)
			snprintf(file, PATH_MAX, "%s/%s", path, entry->d_name);
	}
	closedir(directory);
	return count > 0;
}

static void
write_noise(int fd, off_t size)
{
	unsigned char noise[NOISE_MAX];
	size_t length = 1 + any(sizeof(noise));

	for (size_t i = 0; i < length; i++)
		noise[i] = (unsigned char)any(256);
	(void)!pwrite(fd, noise, length, (off_t)any((uint64_t)size));
}

static void
keep_or_put_back(int fd)
{
	if (copied > 0 && any(2) == 0)
		(void)!pwrite(fd, copy, (size_t)copied, 0);
	else
		copied = pread(fd, copy, sizeof(copy), 0);
}

static void
harm(const char *file, const char *other)
{
	int fd = open(file, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	struct stat status;

	if (fd < 0 || fstat(fd, &status) < 0)
		return;
	switch (any(6)) {
	case 0:
		(void)!ftruncate(fd, (off_t)any((uint64_t)status.st_size));
		break;
	case 1:
		(void)!ftruncate(fd, status.st_size + (off_t)any(9999));
		break;
	case 2:
		unlink(file);
		break;
	case 3:
		keep_or_put_back(fd);
		break;
	case 4:
		renameat2(AT_FDCWD, file, AT_FDCWD, other, RENAME_EXCHANGE);
		break;
	default:
		write_noise(fd, status.st_size);
	}
	close(fd);
}

int
main(int argc, char **argv)
{
	struct timespec pause = {0, 0};
	char file[PATH_MAX], other[PATH_MAX];

	if (argc < 4)
		return 64;
	seed = strtoull(argv[1], NULL, 10) * 2654435761 + 1;
	pause.tv_nsec = strtol(argv[2], NULL, 10) % 1000 * 1000000;
	for (;;) {
		const char *path = argv[3 + any((uint64_t)argc - 3)];

		if (pick(path, file) && pick(path, other))
			harm(file, other);
		nanosleep(&pause, NULL);
	}
}
