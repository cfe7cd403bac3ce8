/* Output: all bytes in order into a pipe, never blocking for too long. */
#include "base/clock.h"
#include "base/fail.h"
#include "queue/output.h"
#include "unit.h"

#include <signal.h>
#include <stdlib.h>
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

static void
test_order(void)
{
	struct output output;
	int ends[2], status, result = 1;
	pid_t pid;

	if (pipe(ends) != 0)
		abort();
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
test_full_pipe(void)
{
	struct output output;
	int64_t start_ms = clock_boot_ms();
	int ends[2], result;

	if (pipe(ends) != 0)
		abort();
	output_init(&output, ends[1]);
	for (uint32_t i = 0; i < NUMBERS; i++)
		buf_append_be32(&output.buf, i);
	do
		result = output_write(&output, 20);
	while (result == 1);
	CHECK(result == 0 && output.taken == output.pipe_size &&
	        clock_boot_ms() - start_ms < 10000,
	    "a full pipe is waited for no longer than asked");
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
	test_order();
	test_full_pipe();
	return unit_end();
}
