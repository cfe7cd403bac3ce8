/* Output: all bytes in order into a pipe or a socket, never blocking for too
 * long. */
#include "base/clock.h"
#include "base/fail.h"
#include "queue/output.h"
#include "unit.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NUMBERS = 400000 };

/* A reader of odd sizes, which must find the numbers in order. */
static void
run_reader(int fd)
{
	uint32_t expected = 0, value = 0;
	unsigned char bytes[10007];
	size_t index = 0;
	ssize_t got;

	while ((got = read(fd, bytes, (size_t)(1 + rand() % 10007))) > 0) {
		for (ssize_t i = 0; i < got; i++) {
			value = value << 8 | bytes[i];
			if (++index % 4 == 0 && value != expected++)
				_exit(1);
		}
	}
	_exit(expected == NUMBERS ? 0 : 2);
}

/* ends[0] is for reading. */
static void
connect_ends(bool is_socket, int ends[2])
{
	if (is_socket ? socketpair(AF_UNIX, SOCK_STREAM, 0, ends) : pipe(ends))
		abort();
}

static void
test_order(bool is_socket)
{
	struct output output;
	int ends[2], status, result = 1;
	pid_t pid;

	connect_ends(is_socket, ends);
	pid = fork();
	if (pid == 0) {
		close(ends[1]);
		run_reader(ends[0]);
	}
	close(ends[0]);
	output_init(&output, ends[1]);
	for (uint32_t i = 0; i < NUMBERS && result >= 0; i++) {
		buf_append_be32(&output.buf, i);
		if (output_pending(&output) >= 70000)
			result = output_write(&output, -1);
	}
	while (output_pending(&output) > 0 && result >= 0)
		result = output_write(&output, -1);
	CHECK(output.taken == 4 * NUMBERS && output_end(&output) == 4 * NUMBERS,
	    "what was taken is counted");
	close(ends[1]);
	waitpid(pid, &status, 0);
	CHECK(result >= 0 && status == 0, "all bytes arrive, in order");
	output_release(&output);
}

static void
do_nothing(int number)
{
	(void)number;
}

/* Ends a write that blocks, which the time tells then. */
static void
alarm_in(unsigned seconds)
{
	const struct sigaction action = {.sa_handler = do_nothing};

	sigaction(SIGALRM, &action, NULL);
	alarm(seconds);
}

static void
test_full(bool is_socket)
{
	struct output output;
	int64_t start_ms = clock_boot_ms();
	int ends[2], result;

	connect_ends(is_socket, ends);
	output_init(&output, ends[1]);
	for (uint32_t i = 0; i < NUMBERS; i++)
		buf_append_be32(&output.buf, i);
	alarm_in(10);
	do
		result = output_write(&output, 20);
	while (result == 1);
	alarm(0);
	CHECK(result == 0 && clock_boot_ms() - start_ms < 10000,
	    "what is full is waited for no longer than asked");
	CHECK(is_socket ? output.taken > 0 : output.taken == output.pipe_size,
	    "it has taken what it can");
	close(ends[0]);
	CHECK(output_write(&output, 20) == -FAIL_NOTHING,
	    "a reader that has gone is told");
	output_drop(&output);
	CHECK(output_pending(&output) == 0, "what is dropped is gone");
	output_release(&output);
}

int
main(void)
{
	signal(SIGPIPE, SIG_IGN);
	for (int is_socket = 0; is_socket < 2; is_socket++) {
		test_order(is_socket == 1);
		test_full(is_socket == 1);
	}
	return unit_end();
}
