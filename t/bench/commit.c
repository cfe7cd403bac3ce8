/* Rates of durable appends to a partition, beside raw append and fdatasync.
 *
 *   commit DIRECTORY [PROCESSES [SECONDS]]
 *
 * Prints the medians of both rates and of their ratio, then the rate of reading
 * back. */
#include "base/clock.h"
#include "base/fail.h"
#include "log/partition.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct partition_options options = {
	.topic_id = "topic of a bench",
	.sync = SYNC_ALWAYS,
	.segment_bytes = 1024 * 1024 * 1024,
	.max_bytes = BATCH_MAX_SIZE,
};

static const char *directory;

static void
die(const char *what)
{
	fprintf(stderr, "commit: %s: %s\n", what, fail_message());
	exit(1);
}

static struct partition *
open_partition(void)
{
	struct partition *partition;
	int dir = open(directory, O_RDONLY | O_DIRECTORY);

	if (partition_create(dir, 0) < 0 ||
	    partition_open(&partition, dir, 0, &options) < 0)
		die("open");
	close(dir);
	return partition;
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static int64_t
append_raw(int64_t until_us)
{
	char line[100], path[300];
	int64_t count = 0;
	int fd;

	snprintf(path, sizeof(path), "%s/raw", directory);
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
	memset(line, 'x', sizeof(line));
	for (; clock_boot_us() < until_us; count++) {
		if (write(fd, line, sizeof(line)) != sizeof(line) ||
		    fdatasync(fd) != 0)
			die("raw append");
	}
	return count;
}

static int64_t
append_log(int64_t until_us)
{
	struct partition *partition = open_partition();
	struct batch_builder builder;
	struct buf batch = {0};
	char line[100];
	struct record record = {.value = {line, sizeof(line)}};
	int64_t count = 0, first, last;

	memset(line, 'x', sizeof(line));
	batch_builder_init(&builder, CODEC_NONE);
	for (; clock_boot_us() < until_us; count++) {
		buf_clear(&batch);
		record.timestamp = clock_wall_ms();
		batch_builder_append(&builder, &record);
		if (batch_builder_finish(&builder, &batch) < 0 ||
		    partition_append(partition, batch.data, batch.size, &first,
		        &last) < 0 ||
		    partition_wait(partition, last + 1, -1) < 0)
			die("append");
	}
	partition_close(partition);
	return count;
}

static double
run(int processes, double seconds, int64_t (*append)(int64_t))
{
	int64_t *counts = mmap(NULL, sizeof(*counts) * (size_t)processes,
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int64_t start_us = clock_boot_us(), sum = 0;

	for (int i = 0; i < processes; i++) {
		if (fork() == 0) {
			counts[i] = append(
			    start_us + (int64_t)(seconds * 1e6));
			_exit(0);
		}
	}
	while (wait(NULL) > 0)
		;
	for (int i = 0; i < processes; i++)
		sum += counts[i];
	return (double)sum / ((double)(clock_boot_us() - start_us) / 1e6);
}

static void
read_back(void)
{
	struct partition *partition = open_partition();
	struct partition_reader *reader;
	struct batch_header header;
	struct position position;
	struct slice bytes;
	int64_t start_us, count = 0, size = 0;
	double seconds;

	for (int i = 0; i < 2; i++) {
		count = size = 0;
		start_us = clock_boot_us();
		if (partition_reader_open(&reader, partition, 0, NULL) < 0)
			die("read");
		while (partition_reader_next(reader, &bytes, &header,
		           &position) == 1) {
			count++;
			size += (int64_t)bytes.size;
		}
		partition_reader_close(reader);
		seconds = (double)(clock_boot_us() - start_us) / 1e6;
	}
	printf("read: %lld batches, %.1f M/s, %.0f MB/s\n", (long long)count,
	    (double)count / seconds / 1e6, (double)size / seconds / 1e6);
	partition_close(partition);
}

enum { ROUNDS = 11 };

int
main(int argc, char **argv)
{
	int processes = argc > 2 ? atoi(argv[2]) : 1;
	double seconds = argc > 3 ? atof(argv[3]) : 4;
	double raw[ROUNDS], log[ROUNDS], ratio[ROUNDS];

	if (argc < 2 || processes < 1)
		return 64;
	directory = argv[1];
	/* In turns: the disk's speed changes from second to second. */
	for (int i = 0; i < ROUNDS; i++) {
		raw[i] = run(processes, seconds / ROUNDS / 2, append_raw);
		log[i] = run(processes, seconds / ROUNDS / 2, append_log);
		ratio[i] = log[i] / raw[i];
	}
	qsort(raw, ROUNDS, sizeof(*raw), compare);
	qsort(log, ROUNDS, sizeof(*log), compare);
	qsort(ratio, ROUNDS, sizeof(*ratio), compare);
	printf("%d processes: raw %.0f/s, log %.0f/s, ratio %.2f\n", processes,
	    raw[ROUNDS / 2], log[ROUNDS / 2], ratio[ROUNDS / 2]);
	read_back();
	return 0;
}
