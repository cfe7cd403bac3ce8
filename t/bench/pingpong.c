/* The reference for latency: 100 bytes to another process and back, by TCP.
 *
 *   pingpong COUNT
 *
 * A millisecond lies between two turns, so that both sides are asleep. Prints
 * the median and what 99 of 100 are below, in microseconds. */
#include "base/clock.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { COUNT_MAX = 1000000, SIZE = 100 };

static double samples[COUNT_MAX];

static void
set_no_delay(int fd)
{
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
}

/* Both ends of a connection over loopback. */
static int
connect_both(int ends[2])
{
	struct sockaddr_in address = {.sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof address;
	int listener = socket(AF_INET, SOCK_STREAM, 0);

	ends[0] = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(listener, (struct sockaddr *)&address, size) < 0 ||
	    listen(listener, 1) < 0 ||
	    getsockname(listener, (struct sockaddr *)&address, &size) < 0 ||
	    connect(ends[0], (struct sockaddr *)&address, size) < 0)
		return -1;
	ends[1] = accept(listener, NULL, NULL);
	close(listener);
	set_no_delay(ends[0]);
	set_no_delay(ends[1]);
	return ends[1] < 0 ? -1 : 0;
}

/* Reads SIZE bytes; 0 at the end. */
static int
read_all(int fd, char *bytes)
{
	ssize_t got;

	for (size_t have = 0; have < SIZE; have += (size_t)got) {
		got = read(fd, bytes + have, SIZE - have);
		if (got <= 0)
			return 0;
	}
	return 1;
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
	int count = argc == 2 ? atoi(argv[1]) : 0, ends[2];
	char bytes[SIZE] = {0};

	if (count < 1 || count > COUNT_MAX)
		return 64;
	if (connect_both(ends) < 0)
		return 71;
	if (fork() == 0) {
		close(ends[0]);
		while (read_all(ends[1], bytes))
			if (write(ends[1], bytes, SIZE) != SIZE)
				break;
		_exit(0);
	}
	close(ends[1]);
	for (int i = 0; i < count; i++) {
		int64_t start;

		clock_sleep_ms(1);
		start = clock_boot_us();
		if (write(ends[0], bytes, SIZE) != SIZE ||
		    !read_all(ends[0], bytes))
			return 74;
		samples[i] = (double)(clock_boot_us() - start);
	}
	qsort(samples, (size_t)count, sizeof *samples, compare);
	printf("%.0f %.0f\n", samples[count / 2],
	    samples[(size_t)count * 99 / 100]);
	return 0;
}
