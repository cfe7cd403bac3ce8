/* Redis: times from an XADD until a client that waits with XREAD has it.
 *
 *   redis SOCKET COUNT
 *
 * A millisecond lies between two messages. Prints the median and what 99 of
 * 100 are below, in microseconds. */
#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { COUNT_MAX = 1000000 };

static int
connect_to(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
		exit(69);
	return fd;
}

/* One answer: they are small, and come whole. */
static void
ask(int fd, const char *command, char *answer, size_t size)
{
	ssize_t got;

	if (write(fd, command, strlen(command)) < 0)
		exit(74);
	got = read(fd, answer, size - 1);
	if (got <= 0 || answer[0] == '-')
		exit(74);
	answer[got] = '\0';
}

/* Waits for each message in turn, and takes the time when it has it. The id of
 * an entry is the first text of the answer with a '-' in it. */
static void
read_all(const char *path, int count, int64_t *times)
{
	int fd = connect_to(path);
	char answer[4096], command[256], id[64] = "$";

	for (int i = 0; i < count; i++) {
		char *dash, *line;

		snprintf(command, sizeof command, "XREAD BLOCK 10000 STREAMS "
		    "waited %s\r\n", id);
		ask(fd, command, answer, sizeof answer);
		times[i] = clock_boot_us();
		dash = strchr(answer, '-');
		if (dash == NULL)
			exit(75);
		for (line = dash; line[-1] != '\n'; line--)
			;
		snprintf(id, sizeof id, "%.*s", (int)strcspn(line, "\r"),
		    line);
	}
}

static int
compare(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return (left > right) - (left < right);
}

int
main(int argc, char **argv)
{
	int count = argc == 3 ? atoi(argv[2]) : 0, fd;
	char answer[4096], command[256];
	int64_t *times;

	if (count < 1 || count > COUNT_MAX)
		return 64;
	times = mmap(NULL, (size_t)count * 2 * sizeof *times,
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (fork() == 0) {
		read_all(argv[1], count, times);
		_exit(0);
	}
	fd = connect_to(argv[1]);
	snprintf(command, sizeof command, "XADD waited * v %0100d\r\n", 0);
	clock_sleep_ms(200);
	for (int i = 0; i < count; i++) {
		int64_t start;

		for (int tries = 0; i > 0 && times[i - 1] == 0; tries++)
			clock_sleep_ms(1);
		clock_sleep_ms(1);
		start = clock_boot_us();
		ask(fd, command, answer, sizeof answer);
		times[count + i] = start;
	}
	wait(NULL);
	for (int i = 0; i < count; i++)
		times[i] -= times[count + i];
	qsort(times, (size_t)count, sizeof *times, compare);
	printf("%lld %lld\n", (long long)times[count / 2],
	    (long long)times[(size_t)count * 99 / 100]);
	return 0;
}
