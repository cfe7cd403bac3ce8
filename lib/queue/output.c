/* Output: bytes on their way to a descriptor that may not take them yet. */
#include "queue/output.h"
#include "base/fail.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	WRITE_MAX = 256 * 1024,
	PIPE_SIZE = 64 * 1024, /* where the system does not tell */
};

void
output_init(struct output *output, int fd)
{
	struct stat status = {0};

	*output = (struct output){.fd = fd, .pipe_size = PIPE_SIZE};
	(void)fstat(fd, &status);
	output->is_pipe = S_ISFIFO(status.st_mode);
	output->is_socket = S_ISSOCK(status.st_mode);
#ifdef F_GETPIPE_SZ
	if (output->is_pipe) {
		int size = fcntl(fd, F_GETPIPE_SZ);

		if (size > 0)
			output->pipe_size = (size_t)size;
	}
#endif
}

void
output_release(struct output *output)
{
	buf_release(&output->buf);
}

size_t
output_pending(const struct output *output)
{
	return output->buf.size - output->head;
}

uint64_t
output_end(const struct output *output)
{
	return output->taken + output_pending(output);
}

void
output_drop(struct output *output)
{
	buf_clear(&output->buf);
	output->head = 0;
}

/*
 * How much a write takes without blocking once poll said that there is room. A
 * pipe's readiness promises PIPE_BUF bytes only; an empty one takes its size.
 */
static size_t
room_of(const struct output *output)
{
	int inside;

	if (!output->is_pipe)
		return WRITE_MAX;
	if (ioctl(output->fd, FIONREAD, &inside) == 0 && inside == 0)
		return output->pipe_size;
	return PIPE_BUF;
}

/* A socket that has some room would block until it has taken all. */
static ssize_t
put(const struct output *output, size_t size)
{
	const unsigned char *bytes = output->buf.data + output->head;

	if (output->is_socket)
		return send(output->fd, bytes, size, MSG_DONTWAIT);
	return write(output->fd, bytes, size);
}

static void
take(struct output *output, size_t size)
{
	output->taken += size;
	output->head += size;
	if (output_pending(output) == 0)
		output_drop(output);
}

int
output_write(struct output *output, int64_t timeout_ms)
{
	struct pollfd ready = {output->fd, POLLOUT, 0};
	int timeout = timeout_ms > INT_MAX ? INT_MAX : (int)timeout_ms;
	size_t size = output_pending(output);
	size_t room;
	ssize_t taken;
	int count = poll(&ready, 1, timeout_ms < 0 ? -1 : timeout);

	if (count < 0 && errno != EINTR)
		return fail_errno("output: poll");
	if (count <= 0)
		return 0;
	room = room_of(output);
	if (size > room)
		size = room;
	taken = put(output, size);
	if (taken >= 0) {
		take(output, (size_t)taken);
		return 1;
	}
	if (errno == EINTR || errno == EAGAIN)
		return 0;
	if (errno == EPIPE)
		return fail(FAIL_NOTHING, "the reader has gone");
	return fail(FAIL_IO, "write output: %s", strerror(errno));
}
