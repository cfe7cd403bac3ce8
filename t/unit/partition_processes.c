/* Partitions: many processes at once, some of them killed. */
#include "base/clock.h"
#include "base/lock.h"
#include "log/control.h"
#include "partition.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

enum { PRODUCERS = 6, MESSAGES = 150 };

static void
produce(int number, int producer)
{
	struct partition_options options = usual_options;
	struct partition *partition;

	options.segment_bytes = 16 * 1024;
	partition = open_with(number, options);
	for (int i = 0; i < MESSAGES; i++) {
		char value[32];

		snprintf(value, sizeof(value), "%d.%d", producer, i);
		if (put(partition, value) < 0) {
			printf("# %s\n", fail_message());
			_exit(1);
		}
	}
	_exit(0);
}

/* Every message of every producer once, each producer's in order. */
static bool
is_complete(struct partition *partition)
{
	int next[PRODUCERS] = {0};
	char *text = strdup(read_from(partition, 0, NULL));
	bool is_good = true;
	char *rest = text;
	char *word;

	while ((word = strsep(&rest, " ")) != NULL && *word != 0) {
		int producer, i;

		is_good &= sscanf(word, "%d.%d", &producer, &i) == 2 &&
		    producer < PRODUCERS && next[producer]++ == i;
	}
	for (int i = 0; i < PRODUCERS; i++)
		is_good &= next[i] == MESSAGES;
	free(text);
	return is_good;
}

static void
test_producers(void)
{
	struct partition_reader *reader;
	struct partition *partition;
	struct batch_header header;
	struct position position;
	struct slice bytes;
	int bad = 0, running = PRODUCERS, seen = 0;

	for (int i = 0; i < PRODUCERS; i++) {
		if (fork() == 0)
			produce(0, i);
	}
	partition = open_usual(0);
	partition_reader_open(&reader, partition, 0, NULL);
	while (running > 0 || seen < PRODUCERS * MESSAGES) {
		int status, rc;

		if (waitpid(-1, &status, WNOHANG) > 0) {
			running--;
			bad += status != 0;
		}
		rc = partition_reader_next(reader, &bytes, &header, &position);
		if (rc == 1)
			bad += position.offset != seen++;
		else if (rc < 0 || (running == 0 && bad > 0))
			break;
	}
	CHECK(bad == 0 && seen == PRODUCERS * MESSAGES,
	    "a reader beside many producers sees each message once");
	CHECK(is_complete(partition) && findings(partition) == 0,
	    "in the order of each producer");
	partition_reader_close(reader);
	partition_close(partition);
}

/* Pages deleted and rebuilt all the time. */
static void
test_pages_vanish(void)
{
	struct partition *partition;
	int bad = 0, running = PRODUCERS;

	for (int i = 0; i < PRODUCERS; i++) {
		if (fork() == 0)
			produce(1, i);
	}
	while (running > 0) {
		int status;

		if (waitpid(-1, &status, WNOHANG) > 0) {
			running--;
			bad += status != 0;
		}
		unlinkat(topic_dir, "1/control", 0);
		clock_sleep_ms(2);
	}
	partition = open_usual(1);
	CHECK(bad == 0 && is_complete(partition) && findings(partition) == 0,
	    "pages that vanish under producers cost no message");
	partition_close(partition);
}

/* A child that takes a lock of partition 2, tells us and sleeps. */
static pid_t
hold(bool is_role)
{
	int ready[2];
	pid_t pid;
	char byte;

	if (pipe(ready) != 0)
		abort();
	pid = fork();
	if (pid == 0) {
		if (is_role)
			lock_byte(open_inside(2, "control", O_RDWR), 0);
		else
			lock_directory(open_inside(2, ".", O_RDONLY), -1);
		if (write(ready[1], "x", 1) == 1)
			pause();
		_exit(1);
	}
	if (read(ready[0], &byte, 1) != 1)
		abort();
	close(ready[0]);
	close(ready[1]);
	return pid;
}

static void
kill_later(pid_t pid)
{
	if (fork() == 0) {
		clock_sleep_ms(30);
		kill(pid, SIGKILL);
		_exit(0);
	}
}

static void
test_killed_holders(void)
{
	struct partition *partition = open_usual(2);
	int64_t start;
	pid_t pid;

	put(partition, "a");
	pid = hold(true);
	kill_later(pid);
	start = clock_boot_ms();
	CHECK(put(partition, "b") == 1 && clock_boot_ms() - start < 30 + 100,
	    "a killed syncer delays others by no more than 100 ms");
	pid = hold(false);
	kill_later(pid);
	start = clock_boot_ms();
	CHECK(put(partition, "c") == 2 && clock_boot_ms() - start < 30 + 100,
	    "nor does one killed with the append lock");
	while (wait(NULL) > 0)
		;
	CHECK(reads(partition, "a b c "), "nothing is lost");
	partition_close(partition);
}

static void
test_stopped_holder(void)
{
	struct partition *partition;
	pid_t pid = hold(false);
	int fd = open_inside(2, "00000000000000000000.log", O_RDWR);
	int page = open_inside(2, "control", O_RDONLY);
	int64_t start = clock_boot_ms();
	struct control control;

	/* As if it had been stopped in the middle of a write. */
	if (control_read(page, &control) != 1 ||
	    pwrite(fd, "half", 4, control.log.length) != 4)
		abort();
	close(fd);
	close(page);
	partition = open_usual(2);
	CHECK(partition != NULL && reads(partition, "a b c ") &&
	        clock_boot_ms() - start < 5000,
	    "readers do without the lock if somebody keeps it");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	CHECK(put(partition, "d") == 3 && reads(partition, "a b c d "),
	    "producers go on when he is gone");
	partition_close(partition);
}

static void
kill_producer_soon(int round, volatile int64_t *acked)
{
	pid_t pid = fork();

	if (pid == 0) {
		struct partition *partition = open_usual(3);

		for (;;) {
			int64_t offset = put(partition, "message");

			if (offset < 0)
				_exit(1);
			*acked = offset + 1;
		}
	}
	usleep((unsigned)(1000 + round * 37 % 2000));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void
test_killed_producers(void)
{
	volatile int64_t *acked = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct partition *partition = open_usual(3);
	struct partition_state state;
	int bad = 0;

	for (int i = 0; i < 150; i++) {
		kill_producer_soon(i, acked);
		bad += partition_state(partition, &state) < 0 ||
		    state.high_watermark < *acked;
	}
	CHECK(bad == 0 && *acked > 0,
	    "what a killed producer was told is stored is visible");
	CHECK(put(partition, "last") >= *acked && findings(partition) == 0,
	    "and what it left behind is no damage");
	partition_close(partition);
}

int
main(void)
{
	topic_make();
	test_producers();
	test_pages_vanish();
	test_killed_holders();
	test_stopped_holder();
	test_killed_producers();
	return unit_end();
}
