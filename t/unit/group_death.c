/* Groups under fire: dead letters, poison, a lost index, crowds. */
#include "base/file.h"
#include "spool/dead.h"
#include "spool/sql.h"
#include "world.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

/* Three messages, the middle one kills whoever has it. */
static void
test_poison(struct world *world)
{
	int status, killed = 0, accepted = 0;

	world_make_topic(world->spool, "poison", 1);
	world_must(topic_open(&world->topic, world->spool, "poison"));
	world_put(world, 0, 3, NULL);
	for (int i = 0; i < 20; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			struct world own = world_open("poison");

			world_join(&own, "g");
			if (!world_wait(&own, 3, 200))
				_exit(1);
			if (own.lease.first <= 1 && own.lease.last >= 1)
				kill(getpid(), SIGKILL);
			world_accept(&own);
			_exit(0);
		}
		waitpid(pid, &status, 0);
		killed += WIFSIGNALED(status);
		accepted += WIFEXITED(status) && WEXITSTATUS(status) == 0;
		if (WIFEXITED(status) && WEXITSTATUS(status) == 1)
			break;
	}
	CHECK(killed == 3 && accepted == 2,
	    "a message that kills its consumer gets its attempts, "
	    "its neighbours are worked");
	CHECK(world_count(world, "poison.dead") == 1,
	    "and it ends as the only dead letter");
	topic_close(world->topic);
}

/* Rejects in a child that is stopped at its n-th system call and killed. */
static bool
reject_until(const char *topic, int calls)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		struct world own = world_open(topic);

		own.options.lease_ms = 1;
		world_join(&own, "g");
		if (!world_wait(&own, 1, 1000))
			_exit(2);
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		world_settle(&own, &own.lease, own.lease.first,
		    own.lease.last, OUTCOME_REJECT);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	if (WIFEXITED(status))
		return false;
	for (int i = 0; i < calls; i++) {
		ptrace(PTRACE_SYSCALL, pid, 0, 0);
		waitpid(pid, &status, 0);
		if (WIFEXITED(status))
			return false;
	}
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	return true;
}

static void
test_dead_once(struct world *world)
{
	int64_t expected = 0;
	bool good = true;
	int calls;

	world_make_topic(world->spool, "once", 1);
	world_must(topic_open(&world->topic, world->spool, "once"));
	for (calls = 1; calls < 3000; calls += 2) {
		bool was_killed;

		world_put(world, 0, 1, NULL);
		expected++;
		was_killed = reject_until("once", calls);
		/* Whoever comes next finishes it. */
		while (was_killed && world_count(world, "once.dead") <
		    expected)
			good &= !reject_until("once", 1 << 20);
		if (!was_killed)
			break;
		world_join(world, "g");
		if (world_take(world, 1)) {
			world_settle(world, &world->lease, world->lease.first,
			    world->lease.last, OUTCOME_REJECT);
		}
		world_leave(world);
		good &= world_count(world, "once.dead") == expected;
	}
	printf("# killed at %d places\n", calls / 2);
	CHECK(good && world_count(world, "once.dead") == expected,
	    "a dead letter is written once, wherever its writer is killed");
	topic_close(world->topic);
}

static void
test_index_lost(struct world *world)
{
	int dir = spool_directory(world->spool);
	struct lease former;

	world_make_topic(world->spool, "lost", 1);
	world_must(topic_open(&world->topic, world->spool, "lost"));
	world_put(world, 0, 4, NULL);
	world_join(world, "g");
	world_take(world, 2);
	world_accept(world);
	world_take(world, 1);
	former = world->lease;
	file_unlink(dir, "index.db");
	file_unlink(dir, "index.db-wal");
	file_unlink(dir, "index.db-shm");
	CHECK(world_settle(world, &former, 2, 2, OUTCOME_ACCEPT) == 1,
	    "without its index a lease is lost");
	CHECK(world_take(world, 9) && world_has(world, 0, 3, 1),
	    "and the group begins again at the start");
	world_settle(world, &world->lease, 0, 0, OUTCOME_REJECT);
	world_accept(world);
	CHECK(!world_take(world, 1), "as ever");
	CHECK(world_count(world, "lost.dead") == 1, "a dead letter");
	file_unlink(dir, "index.db");
	file_unlink(dir, "index.db-wal");
	file_unlink(dir, "index.db-shm");
	CHECK(world_take(world, 1), "once more without an index");
	world_settle(world, &world->lease, 0, 0, OUTCOME_REJECT);
	CHECK(world_count(world, "lost.dead") == 1,
	    "makes no second letter of the same message");
	world_leave(world);
	topic_close(world->topic);
}

static void
scribble(int dir, const char *name, off_t from, off_t to)
{
	int fd = openat(dir, name, O_WRONLY);

	for (; fd >= 0 && from < to; from += 7)
		if (pwrite(fd, "garbage", 7, from) != 7)
			break;
	if (fd >= 0)
		close(fd);
}

/* In a child: closing a raw descriptor here would drop SQLite's locks. */
static void
ruin(struct world *world, off_t from, off_t to)
{
	int status;

	if (fork() == 0) {
		int dir = open(place_path, O_RDONLY | O_DIRECTORY);

		scribble(dir, "index.db", from, to);
		scribble(dir, "index.db-wal", from, to);
		_exit(0);
	}
	wait(&status);
	(void)world;
}

static void
test_index_garbage(struct world *world)
{
	bool good = true;

	world_make_topic(world->spool, "garbage", 1);
	world_must(topic_open(&world->topic, world->spool, "garbage"));
	world_put(world, 0, 100, NULL);
	for (int i = 0; i < 8; i++) {
		struct want want = {1, -1};
		int64_t wake_ms;

		world_join(world, "g");
		good &= world_take(world, 3) && world_accept(world) == 0;
		ruin(world, 0, 1 << (8 + i));
		if (group_exchange(world->group, NULL, 0, &want,
		    &world->lease, &wake_ms) < 0) {
			printf("# %s\n", fail_message());
			good = false;
		}
		world_leave(world);
		spool_close(world->spool);
		world->spool = place_open(SPOOL_CREATE);
		topic_close(world->topic);
		world_must(topic_open(&world->topic, world->spool, "garbage"));
	}
	CHECK(good, "garbage in the index, open or not, stops nobody");
	world_join(world, "last");
	CHECK(world_take(world, 1000) && world_has(world, 0, 99, 1),
	    "and what is delivered is right");
	world_accept(world);
	world_leave(world);
	topic_close(world->topic);
}

/* Copies a file over another one, by its bytes or as a new file. */
static void
copy(int dir, const char *from, const char *to, bool as_new)
{
	static char bytes[1 << 22];
	int in = openat(dir, from, O_RDONLY);
	ssize_t size = in < 0 ? 0 : read(in, bytes, sizeof(bytes));
	int out;

	if (as_new)
		unlinkat(dir, to, 0);
	out = openat(dir, to, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (size < 0 || write(out, bytes, (size_t)size) != size)
		_exit(1);
	_exit(0);
}

/* Puts the copy that was taken first back in several ways, at work and not:
 * what comes later must be delivered, and nothing fails. */
static void
test_index_older(struct world *world)
{
	bool good = true;
	int status, dir;

	world_make_topic(world->spool, "older", 1);
	world_must(topic_open(&world->topic, world->spool, "older"));
	dir = spool_directory(world->spool);
	for (int i = 0; i < 9; i++) {
		bool was_taken = false;
		int64_t last = 10 * i + 9;

		world_put(world, 0, 10, NULL);
		world_join(world, "o");
		while (world_take(world, 7)) {
			was_taken |= world->lease.last == last;
			good &= world_accept(world) == 0;
		}
		good &= was_taken;
		if (i % 2 == 0)
			world_leave(world);
		if (fork() == 0) {
			if (i == 0)
				copy(dir, "index.db", "copy", true);
			copy(dir, "copy", "index.db", i % 3 == 0);
		}
		wait(&status);
		if (i % 2 == 1)
			world_leave(world);
	}
	CHECK(good, "an older index put back delivers again, and all that "
	    "is new");
	topic_close(world->topic);
}

/* Cuts the log by hand as a recovery does: the index must follow. */
static void
test_log_cut(struct world *world)
{
	struct buf path = {0};

	world_make_topic(world->spool, "cut", 1);
	world_must(topic_open(&world->topic, world->spool, "cut"));
	world_put(world, 0, 2, NULL);
	world_put(world, 0, 2, NULL);
	world_join(world, "g");
	world_take(world, 4);
	world_accept(world);
	world_leave(world);
	topic_close(world->topic);
	/* Half of the second batch: with its control page gone, the log ends
	 * before it. */
	buf_printf(&path, "%s/topics/cut/0", place_path);
	int dir = open(buf_text(&path), O_RDONLY | O_DIRECTORY);
	int fd = openat(dir, "00000000000000000000.log", O_RDWR);
	unsigned char head[12];
	off_t size = 12;
	if (pread(fd, head, 12, 0) == 12)
		size += head[8] << 24 | head[9] << 16 | head[10] << 8 |
		    head[11];
	world_must(ftruncate(fd, size + 70));
	close(fd);
	file_unlink(dir, "control");
	close(dir);
	buf_release(&path);
	world_must(topic_open(&world->topic, world->spool, "cut"));
	world_put(world, 0, 1, NULL);
	world_join(world, "g");
	CHECK(world_take(world, 9) && world_has(world, 2, 2, 1),
	    "a message that takes the offset of a lost one is delivered");
	world_accept(world);
	world_leave(world);
	topic_close(world->topic);
}

/* Half of the crowd puts, half works; everybody comes and goes. */
static void
test_crowd(struct world *world)
{
	enum { CROWD = 50, PUTS = 10 };
	int status, bad = 0;
	int64_t worked = 0;
	int pipes[2];
	int32_t some;

	world_make_topic(world->spool, "crowd", 2);
	if (pipe(pipes) != 0)
		abort();
	for (int i = 0; i < CROWD; i++) {
		if (fork() != 0)
			continue;
		struct world own = world_open("crowd");

		if (i % 2 == 0) {
			for (int k = 0; k < PUTS; k++)
				world_put(&own, k % 2, 1, NULL);
			_exit(0);
		}
		world_join(&own, "g");
		for (some = 0; some < 12 && world_wait(&own, 1, 300); some++)
			if (world_accept(&own) != 0)
				_exit(3);
		world_leave(&own);
		_exit(write(pipes[1], &some, sizeof(some)) != sizeof(some));
	}
	close(pipes[1]);
	while (read(pipes[0], &some, sizeof(some)) == sizeof(some))
		worked += some;
	close(pipes[0]);
	while (wait(&status) > 0)
		bad += status != 0;
	CHECK(bad == 0, "fifty processes at once, and nobody fails");
	world_must(topic_open(&world->topic, world->spool, "crowd"));
	world_join(world, "g");
	while (world_take(world, 1)) {
		world_accept(world);
		worked++;
	}
	CHECK(worked == CROWD / 2 * PUTS,
	    "every message is worked once");
	world_leave(world);
	topic_close(world->topic);
}

int
main(void)
{
	struct world world;
	struct spool *spool;

	place_make();
	spool = place_open(SPOOL_CREATE);
	world_make_topic(spool, "first", 1);
	spool_close(spool);
	world = world_open("first");
	topic_close(world.topic);
	test_crowd(&world);
	test_poison(&world);
	test_index_lost(&world);
	test_index_garbage(&world);
	test_index_older(&world);
	test_log_cut(&world);
	spool_close(world.spool);
	/* Before anything is open here: children inherit sessions otherwise. */
	world = world_open("first");
	topic_close(world.topic);
	test_dead_once(&world);
	spool_close(world.spool);
	return unit_end();
}
