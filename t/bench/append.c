/* The reference for durable puts: appends 100 bytes and calls fdatasync.
 *
 *   append FILE                     once
 *   append FILE PROCESSES SECONDS   again and again, all on one file; prints
 *                                   the rate and the median in microseconds */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SAMPLES_MAX = 1 << 20 };

struct shared {
	long counts[256];
	double samples[SAMPLES_MAX]; /* of the first process */
};

static const char message[100];

static double
now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static int
append_once(const char *name)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	return fd < 0 || write(fd, message, sizeof(message)) < 0 ||
	    fdatasync(fd) < 0;
}

static void
append_many(const char *name, struct shared *shared, int number, double until)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	double start, end;
	long count = 0;

	for (start = now_us(); start < until; start = end) {
		if (write(fd, message, sizeof(message)) < 0 ||
		    fdatasync(fd) < 0)
			_exit(1);
		end = now_us();
		if (number == 0 && count < SAMPLES_MAX)
			shared->samples[count] = end - start;
		count++;
	}
	shared->counts[number] = count;
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
	struct shared *shared;
	double seconds, until;
	int processes, i;
	long total = 0;

	if (argc == 2)
		return append_once(argv[1]);
	if (argc != 4)
		return 64;
	processes = atoi(argv[2]);
	seconds = atof(argv[3]);
	if (processes < 1 || processes > 256)
		return 64;
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	until = now_us() + seconds * 1e6;
	for (i = 0; i < processes; i++)
		if (fork() == 0) {
			append_many(argv[1], shared, i, until);
			_exit(0);
		}
	while (wait(NULL) > 0)
		;
	for (i = 0; i < processes; i++)
		total += shared->counts[i];
	if (shared->counts[0] > SAMPLES_MAX)
		shared->counts[0] = SAMPLES_MAX;
	qsort(shared->samples, (size_t)shared->counts[0], sizeof(double),
	    compare);
	printf("%.0f %.0f\n", (double)total / seconds,
	    shared->samples[shared->counts[0] / 2]);
	return 0;
}
