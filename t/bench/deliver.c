/* Times from a put until a blocked `mq-get -F` has written the message.
 *
 *   deliver COUNT TOPIC REFERENCE-FILE
 *
 * Takes turns with an append and fdatasync of REFERENCE-FILE. Prints the
 * medians of both in microseconds. */
#include "base/clock.h"
#include "base/fail.h"
#include "queue/producer.h"
#include "queue/sink_local.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { COUNT_MAX = 100000 };

static double delivered[COUNT_MAX], synced[COUNT_MAX];

static _Noreturn void
give_up(const char *what)
{
	fprintf(stderr, "deliver: %s: %s\n", what, fail_message());
	exit(70);
}

static pid_t
start_reader(const char *topic, int *output)
{
	int ends[2];
	pid_t pid;

	if (pipe(ends) < 0)
		give_up("pipe");
	pid = fork();
	if (pid == 0) {
		dup2(ends[1], 1);
		close(ends[0]);
		close(ends[1]);
		execlp("mq-get", "mq-get", "-F", "-o", "end", topic, NULL);
		_exit(127);
	}
	close(ends[1]);
	*output = ends[0];
	return pid;
}

static double
put_once(struct producer *producer, int output)
{
	struct message message = {.partition = -1};
	char line[256];
	int64_t start;

	message.record.value = slice_of("0123456789012345678901234567890123456789"
	    "012345678901234567890123456789012345678901234567890123456789");
	clock_sleep_ms(1); /* until the reader is blocked again */
	start = clock_boot_us();
	if (producer_put(producer, &message) < 0 ||
	    producer_flush(producer, true) < 0)
		give_up("put");
	if (read(output, line, sizeof(line)) <= 0)
		give_up("the reader has ended");
	return (double)(clock_boot_us() - start);
}

static double
sync_once(int fd)
{
	static const char message[100];
	int64_t start;

	clock_sleep_ms(1);
	start = clock_boot_us();
	if (write(fd, message, sizeof(message)) < 0 || fdatasync(fd) < 0)
		give_up("reference");
	return (double)(clock_boot_us() - start);
}

static int
compare(const void *a, const void *b)
{
	double difference = *(const double *)a - *(const double *)b;

	return (difference > 0) - (difference < 0);
}

int
main(int argc, char **argv)
{
	struct producer_options options = {.partition = -1, .codec = -1};
	int count = argc == 4 ? atoi(argv[1]) : 0, output, reference, i;
	struct producer *producer;
	struct spool *spool;
	struct topic *topic;
	pid_t reader;

	if (count < 1 || count > COUNT_MAX)
		return 64;
	if (spool_open(&spool, getenv("MQ_SPOOL"), SPOOL_CREATE, false) < 0 ||
	    topic_open_or_create(&topic, spool, argv[2]) < 0 ||
	    producer_open(&producer, sink_local_open(topic), &options) < 0)
		give_up(argv[2]);
	reference = open(argv[3], O_WRONLY | O_CREAT | O_APPEND, 0600);
	reader = start_reader(argv[2], &output);
	clock_sleep_ms(300);
	for (i = 0; i < count; i++) {
		delivered[i] = put_once(producer, output);
		synced[i] = sync_once(reference);
	}
	kill(reader, SIGTERM);
	waitpid(reader, NULL, 0);
	qsort(delivered, (size_t)count, sizeof(double), compare);
	qsort(synced, (size_t)count, sizeof(double), compare);
	printf("%.0f %.0f\n", delivered[count / 2], synced[count / 2]);
	producer_close(producer);
	topic_close(topic);
	spool_close(spool);
	return 0;
}
