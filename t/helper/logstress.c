/* Producers that append to one partition, wait, and are killed at random.
 *
 *   logstress DIRECTORY [SECONDS [PRODUCERS [pages]]]
 *
 * Every life of a producer has a number; it appends "LIFE.0", "LIFE.1", ... and
 * notes in shared memory how far it was told that all is stored. At the end
 * the log must hold of each life 0 to N, once and in order, where N is at
 * least what was noted. With "pages" the control page is deleted, and old
 * copies of it put back, as well. Exits 1 if anything is wrong. */
#include "base/clock.h"
#include "base/fail.h"
#include "log/partition.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LIVES_MAX = 1 << 20, PRODUCERS_MAX = 64 };

static const struct partition_options options = {
	.topic_id = "topic of stress.",
	.sync = SYNC_ALWAYS,
	.segment_bytes = 256 * 1024,
	.max_bytes = BATCH_MAX_SIZE,
};

static int topic;
static int64_t *acked; /* per life: messages that are stored */

static struct partition *
open_partition(void)
{
	struct partition *partition;

	if (partition_create(topic, 0) < 0 ||
	    partition_open(&partition, topic, 0, &options) < 0) {
		fprintf(stderr, "logstress: open: %s\n", fail_message());
		exit(1);
	}
	return partition;
}

/* Lengths differ, so that kills tear at many places. */
static void
produce(int life)
{
	struct partition *partition = open_partition();
	struct batch_builder builder;
	struct buf batch = {0};
	static char value[20000];

	memset(value, '.', sizeof(value));
	batch_builder_init(&builder, CODEC_NONE);
	for (int64_t i = 0;; i++) {
		int size = snprintf(value, sizeof(value), "%d.%lld ", life,
		    (long long)i);
		struct record record = {.value = {value, (size_t)size}};
		int64_t first, last;

		value[size] = '.';
		if ((i + life) % 16 == 0)
			record.value.size += (size_t)(life * 7919 % 19000);
		buf_clear(&batch);
		batch_builder_append(&builder, &record);
		if (batch_builder_finish(&builder, &batch) < 0 ||
		    partition_append(partition, batch.data, batch.size, &first,
		        &last) < 0 ||
		    partition_wait(partition, last + 1, -1) < 0) {
			fprintf(stderr, "logstress: put: %s\n",
			    fail_message());
			_exit(1);
		}
		acked[life] = i + 1;
	}
}

static pid_t
start(int life)
{
	pid_t pid = fork();

	if (pid == 0)
		produce(life);
	return pid;
}

static void
disturb_page(int round)
{
	static char page[4096];
	static ssize_t size;
	int fd;

	if (round % 7 == 0)
		unlinkat(topic, "0/control", 0);
	fd = openat(topic, "0/control", O_RDWR);
	if (fd < 0)
		return;
	if (round % 5 == 0)
		size = pread(fd, page, sizeof(page), 0);
	else if (round % 5 == 3 && pwrite(fd, page, (size_t)size, 0) < 0)
		perror("pwrite");
	else if (round % 11 == 0 && ftruncate(fd, round % 4096) != 0)
		perror("ftruncate");
	close(fd);
}

/* Returns the number of lives. */
static int
storm(int64_t end_ms, int producers, bool has_pages, int *kills)
{
	pid_t pids[PRODUCERS_MAX];
	int lives = 0;

	for (int i = 0; i < producers; i++)
		pids[i] = start(lives++);
	for (int round = 1; clock_boot_ms() < end_ms; round++) {
		int victim = rand() % producers;
		int status;

		usleep((unsigned)(rand() % 4000));
		if (has_pages)
			disturb_page(round);
		kill(pids[victim], SIGKILL);
		waitpid(pids[victim], &status, 0);
		if (!WIFSIGNALED(status))
			exit(1);
		(*kills)++;
		pids[victim] = start(lives++);
		if (lives == LIVES_MAX)
			break;
	}
	for (int i = 0; i < producers; i++) {
		kill(pids[i], SIGKILL);
		waitpid(pids[i], NULL, 0);
	}
	return lives;
}

static int wrong;

static void
complain(const char *what, int64_t offset, long long life, long long message)
{
	if (wrong++ < 20)
		fprintf(stderr, "logstress: offset %lld, life %lld, message "
		    "%lld: %s\n", (long long)offset, life, message, what);
}

static int64_t
verify(struct partition *partition, int lives, int64_t *next)
{
	struct partition_reader *reader;
	struct batch_header header;
	struct position position;
	struct slice bytes;
	struct buf scratch = {0};
	int64_t count = 0;
	int rc = partition_reader_open(&reader, partition, 0, NULL);

	while (rc >= 0 && (rc = partition_reader_next(reader, &bytes, &header,
	            &position)) != 0) {
		struct batch_reader batch;
		struct record record;
		long long life, message;

		if (rc < 0 || position.offset != count++ ||
		    batch_reader_open(&batch, bytes.data, bytes.size,
		        &scratch) < 0 ||
		    batch_reader_next(&batch, &record) != 1 ||
		    sscanf(record.value.data, "%lld.%lld ", &life, &message) !=
		        2 ||
		    life >= lives) {
			complain(fail_message(), count, -1, -1);
			break;
		}
		if (next[life]++ != message)
			complain("lost, doubled or out of order",
			    record.offset, life, message);
	}
	if (rc < 0)
		complain(fail_message(), count, -1, -1);
	partition_reader_close(reader);
	return count;
}

static void
report(const struct partition_finding *finding, void *context)
{
	(void)context;
	complain(finding->text, finding->first_offset, -1, finding->byte);
}

int
main(int argc, char **argv)
{
	double seconds = argc > 2 ? atof(argv[2]) : 3;
	int producers = argc > 3 ? atoi(argv[3]) : 8;
	int64_t *next = calloc(LIVES_MAX, sizeof(*next));
	struct partition *partition;
	int lives, kills = 0;
	int64_t count, told = 0;

	topic = argc > 1 ? open(argv[1], O_RDONLY | O_DIRECTORY) : -1;
	if (topic < 0 || producers < 1 || producers > PRODUCERS_MAX)
		return 64;
	acked = mmap(NULL, LIVES_MAX * sizeof(*acked), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	lives = storm(clock_boot_ms() + (int64_t)(seconds * 1000), producers,
	    argc > 4, &kills);
	partition = open_partition();
	if (partition_sync(partition) < 0)
		complain(fail_message(), -1, -1, -1);
	count = verify(partition, lives, next);
	for (int i = 0; i < lives; i++) {
		told += acked[i];
		if (next[i] < acked[i])
			complain("lost", -1, i, next[i]);
	}
	if (partition_check(partition, report, NULL) < 0)
		complain(fail_message(), -1, -1, -1);
	printf("%d producers, %d kills: %lld stored, %lld acknowledged, "
	    "%d wrong\n", producers, kills, (long long)count, (long long)told,
	    wrong);
	partition_close(partition);
	free(next);
	return wrong > 0;
}
