/* The doorbell of a topic: a shared word that wakes whoever waits for it. */
#include "spool/doorbell.h"

#include "base/fail.h"
#include "base/file.h"
#include "base/futex.h"
#include "base/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME "doorbell"

enum { SIZE = 4096 };

/* The bytes of the file. */
struct page {
	uint32_t word;
	uint32_t unused;
	uint64_t settled;
};

/* Gives the file its blocks now: a store into a hole on a full disk would
 * kill the process. It never overwrites what another has written. */
static int
allocate(int file)
{
	int error;

	do
		error = posix_fallocate(file, 0, SIZE);
	while (error == EINTR);
	errno = error;
	return error ? fail_errno(NAME ": allocate") : 0;
}

static int
open_file(int topic_dir, bool writable)
{
	int file = file_open(topic_dir, NAME,
	    writable ? FILE_CREATE : FILE_READ);
	int64_t size = file < 0 ? 0 : file_size(file);
	int code = 0;

	if (file < 0)
		return file;
	if (size < SIZE)
		code = writable ? allocate(file)
		    : fail(FAIL_MISSING, NAME ": too short");
	if (code < 0) {
		close(file);
		return code;
	}
	return file;
}

int
doorbell_open(struct doorbell *doorbell, int topic_dir, bool writable)
{
	void *page;
	int code;

	*doorbell = (struct doorbell){.file = -1, .is_writable = writable};
	code = open_file(topic_dir, writable);
	if (code == -FAIL_MISSING && !writable)
		return 0;
	if (code < 0)
		return code;
	doorbell->file = code;
	if ((code = file_map(doorbell->file, SIZE, writable, &page)) < 0) {
		doorbell_close(doorbell);
		return code;
	}
	doorbell->word = page;
	return 0;
}

/* Others hold the address, so the new mapping takes the place of the old. */
static int
map_again(struct doorbell *doorbell, int file)
{
	int access = doorbell->is_writable ? PROT_READ | PROT_WRITE : PROT_READ;

	if (mmap(doorbell->word, SIZE, access, MAP_SHARED | MAP_FIXED, file,
	    0) == MAP_FAILED)
		return fail_errno(NAME ": map again");
	return 0;
}

int
doorbell_refresh(struct doorbell *doorbell, int topic_dir)
{
	struct stat status;
	int file, code;

	if (!doorbell->word)
		return 0;
	if (fstat(doorbell->file, &status) != 0)
		return fail_errno(NAME ": stat");
	if (status.st_nlink > 0 && status.st_size >= SIZE)
		return 0;
	file = open_file(topic_dir, doorbell->is_writable);
	if (file == -FAIL_MISSING && !doorbell->is_writable)
		return 0;
	if (file < 0)
		return file;
	if ((code = map_again(doorbell, file)) < 0) {
		close(file);
		return code;
	}
	close(doorbell->file);
	doorbell->file = file;
	return 0;
}

void
doorbell_ring(struct doorbell *doorbell)
{
	if (doorbell->word && doorbell->is_writable)
		futex_ring(doorbell->word);
}

uint32_t
doorbell_value(const struct doorbell *doorbell)
{
	uint32_t value = 0;

	if (doorbell->file >= 0)
		(void)file_read_at(doorbell->file, &value, sizeof(value), 0);
	return value;
}

void
doorbell_close(struct doorbell *doorbell)
{
	file_unmap(doorbell->word, SIZE);
	if (doorbell->file >= 0)
		close(doorbell->file);
	*doorbell = (struct doorbell){.file = -1};
}

/* Never 0: a new doorbell has that. */
int
doorbell_stamp(int topic_dir, uint64_t *stamp)
{
	struct stat status;
	uint64_t parts[5];

	if (fstatat(topic_dir, "topic.yaml", &status, AT_SYMLINK_NOFOLLOW) != 0)
		return fail_errno("topic.yaml");
	parts[0] = status.st_dev;
	parts[1] = status.st_ino;
	parts[2] = (uint64_t)status.st_mtim.tv_sec;
	parts[3] = (uint64_t)status.st_mtim.tv_nsec;
	parts[4] = (uint64_t)status.st_size;
	*stamp = hash_bytes(parts, sizeof(parts)) | 1;
	return 0;
}

bool
is_doorbell_settled(const struct doorbell *doorbell, uint64_t stamp)
{
	uint64_t settled = 0;

	if (doorbell->file >= 0)
		(void)file_read_at(doorbell->file, &settled, sizeof(settled),
		    offsetof(struct page, settled));
	return settled == stamp;
}

void
doorbell_settle(struct doorbell *doorbell, uint64_t stamp)
{
	if (doorbell->file >= 0 && doorbell->is_writable)
		(void)file_write_at(doorbell->file, &stamp, sizeof(stamp),
		    offsetof(struct page, settled));
}
