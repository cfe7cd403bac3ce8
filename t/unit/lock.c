/* Locks die with their holder; futexes wake and never lose a change. */
#include "base/clock.h"
#include "base/fail.h"
#include "base/futex.h"
#include "base/lock.h"
#include "scratch.h"
#include "unit.h"

#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

/* A child that takes both locks, tells by the pipe and stays. */
static pid_t
start_holder(const char *path)
{
	int ready[2];
	char byte;
	pid_t pid;

	if (pipe(ready) != 0)
		abort();
	pid = fork();
	if (pid == 0) {
		int dir = file_open_directory(AT_FDCWD, path);
		int fd = file_open(dir, "locks", FILE_CREATE);

		lock_directory(dir, -1);
		lock_byte(fd, 7);
		if (write(ready[1], "x", 1) == 1)
			pause();
		_exit(1);
	}
	close(ready[1]);
	if (read(ready[0], &byte, 1) != 1)
		abort();
	close(ready[0]);
	return pid;
}

static void
test_locks(int dir)
{
	pid_t pid = start_holder(scratch_path);
	int fd = file_open(dir, "locks", FILE_CREATE);

	CHECK(lock_directory(dir, 20) == -FAIL_AGAIN,
	    "a directory lock that is held times out");
	CHECK(lock_byte(fd, 7) == 0 && lock_is_held(fd, 7),
	    "a byte lock that is held is not given twice");
	CHECK(lock_byte(fd, 8) == 1 && !lock_is_held(fd, 8),
	    "each byte is a lock of its own");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	CHECK(lock_directory(dir, 0) == 0 && lock_byte(fd, 7) == 1,
	    "a killed holder blocks nobody");
	unlock_byte(fd, 7);
	unlock_directory(dir);
	close(fd);
}

static void
test_futex(void)
{
	uint32_t *words = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct futex_waiter waiters[2] = {{words, 0}, {words + 1, 0}};
	int64_t start = clock_boot_ms();
	pid_t pid;

	CHECK(futex_wait(words, 1, -1) == 1, "a changed word is not slept on");
	CHECK(futex_wait(words, 0, 20) == 0 && clock_boot_ms() - start >= 19,
	    "a futex sleep ends at its time");
	CHECK(futex_wait_any(waiters, 2, 20) == 0, "so does one on two words");
	pid = fork();
	if (pid == 0) {
		futex_ring(words + 1);
		_exit(0);
	}
	CHECK(futex_wait_any(waiters, 2, -1) == 1 && words[1] == 1,
	    "a ring of either word wakes");
	waitpid(pid, NULL, 0);
}

static void
test_word_cut(int dir)
{
	int fd = file_open(dir, "words", FILE_CREATE);
	int64_t start_ms;
	void *map;

	CHECK(file_zero_at(fd, 4096, 0) == 0 &&
	        file_map(fd, 4096, true, &map) == 0 &&
	        file_truncate(fd, 0) == 0,
	    "the file of a word is cut");
	start_ms = clock_boot_ms();
	CHECK(futex_wait_any((struct futex_waiter[]){{map, 0},
	          {(uint32_t *)map + 1, 0}}, 2, 50) == 0,
	    "who waits for it and another one sees no change");
	CHECK(clock_boot_ms() - start_ms >= 45, "and waits all the same");
	file_unmap(map, 4096);
	close(fd);
}

int
main(void)
{
	int dir = scratch_make();
	struct boot_id first = clock_boot_id(), second = clock_boot_id();

	test_locks(dir);
	test_futex();
	test_word_cut(dir);
	CHECK(memcmp(&first, &second, sizeof(first)) == 0,
	    "the boot has one identity");
	close(dir);
	return unit_end();
}
