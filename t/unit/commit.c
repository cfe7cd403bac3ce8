/* Group commit: one sync serves many, and a killed syncer delays nobody. */
#include "base/clock.h"
#include "base/commit.h"
#include "base/fail.h"
#include "base/futex.h"
#include "base/lock.h"
#include "scratch.h"
#include "unit.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

struct shared {
	uint32_t word;
	int64_t written;
	int64_t durable;
	int64_t syncs;
};

static int
is_durable(void *context, int64_t target)
{
	struct shared *shared = context;

	return __atomic_load_n(&shared->durable, __ATOMIC_ACQUIRE) >= target;
}

static int
sync_shared(void *context)
{
	struct shared *shared = context;
	int64_t written = __atomic_load_n(&shared->written, __ATOMIC_ACQUIRE);

	__atomic_add_fetch(&shared->syncs, 1, __ATOMIC_RELAXED);
	clock_sleep_ms(1);
	__atomic_store_n(&shared->durable, written, __ATOMIC_RELEASE);
	return 0;
}

static uint32_t *
choose(void *context, int64_t target, uint32_t *seen)
{
	struct shared *shared = context;

	(void)target;
	*seen = __atomic_load_n(&shared->word, __ATOMIC_ACQUIRE);
	return &shared->word;
}

static void
ring(void *context)
{
	struct shared *shared = context;

	futex_ring(&shared->word);
}

static int
sync_fails(void *context)
{
	(void)context;
	return fail(FAIL_IO, "no disk");
}

static struct commit_ops
ops_of(struct shared *shared, int dir)
{
	return (struct commit_ops){
		.is_durable = is_durable,
		.sync = sync_shared,
		.choose = choose,
		.ring = ring,
		.context = shared,
		.role_file = file_open(dir, "role", FILE_CREATE),
	};
}

enum { CHILDREN = 8, ROUNDS = 50 };

static void
run_child(struct shared *shared)
{
	int dir = file_open_directory(AT_FDCWD, scratch_path);
	struct commit_ops ops = ops_of(shared, dir);

	for (int i = 0; i < ROUNDS; i++) {
		int64_t target = __atomic_add_fetch(&shared->written, 1,
		    __ATOMIC_ACQ_REL);

		if (commit_wait(&ops, target, -1) != 0 ||
		    !is_durable(shared, target))
			_exit(1);
	}
	_exit(0);
}

static void
test_sharing(struct shared *shared)
{
	int bad = 0;

	for (int i = 0; i < CHILDREN; i++) {
		if (fork() == 0)
			run_child(shared);
	}
	for (int i = 0; i < CHILDREN; i++) {
		int status;

		wait(&status);
		bad += status != 0;
	}
	CHECK(bad == 0, "whoever waited is durable");
	CHECK(shared->syncs < CHILDREN * ROUNDS / 2,
	    "one sync serves several writers");
}

static void
test_killed_holder(struct shared *shared, int dir)
{
	struct commit_ops ops = ops_of(shared, dir);
	int64_t start;
	int ready[2];
	char byte;
	pid_t pid;

	if (pipe(ready) != 0)
		abort();
	pid = fork();
	if (pid == 0) {
		int own = file_open_directory(AT_FDCWD, scratch_path);

		lock_byte(file_open(own, "role", FILE_WRITE), 0);
		if (write(ready[1], "x", 1) == 1)
			pause();
		_exit(1);
	}
	if (read(ready[0], &byte, 1) != 1)
		abort();
	shared->written++;
	CHECK(commit_wait(&ops, shared->written, 20) == -FAIL_AGAIN,
	    "a wait for the role ends at its time");
	kill(pid, SIGKILL);
	start = clock_boot_ms();
	CHECK(commit_wait(&ops, shared->written, -1) == 0 &&
	        clock_boot_ms() - start < 5000,
	    "a killed syncer is succeeded");
	waitpid(pid, NULL, 0);
	shared->written++;
	ops.sync = sync_fails;
	CHECK(commit_wait(&ops, shared->written, -1) == -FAIL_IO,
	    "a failed sync is reported");
	CHECK(lock_byte(file_open(dir, "role", FILE_WRITE), 0) == 1,
	    "and leaves the role free");
}

int
main(void)
{
	int dir = scratch_make();
	struct shared *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	test_sharing(shared);
	test_killed_holder(shared, dir);
	return unit_end();
}
